/** Replaced by the version in package.json when the bundle is made. */
declare const LOCKSTEP_VERSION: string | undefined;

/** The version of lockstep, or `source` where it runs from its sources, as its own tests do. */
export const VERSION: string = typeof LOCKSTEP_VERSION === 'string' ? LOCKSTEP_VERSION : 'source';
