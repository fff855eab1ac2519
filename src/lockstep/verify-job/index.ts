export type { VerifyJob } from './job.js';
export { verifySystem } from './system.js';
