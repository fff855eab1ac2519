/** Replaced by the version in package.json when the bundle is made. */
declare const LOCKSTEP_VERSION: string;

export const VERSION: string = LOCKSTEP_VERSION;
