export { fab, SESSION_DURATION_BOUNDS } from './catalogue.js';
export type { FactoryPace } from './demo.js';
export { factoryMonth } from './demo.js';
export type { Group, Phase, Role } from './roster.js';
export { GATE_ROLES, GROUPS, PHASES, ROLES, ROSTER, toRole, UNKNOWN_ROLE } from './roster.js';
