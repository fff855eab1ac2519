// `lockstep-exporter/internal`: what lockstep itself needs the same copy of. Not documented; any version may change it.
export * from './catalogue/catalogue.js';
export * from './catalogue/definition.js';
export * from './catalogue/event.js';
export * from './catalogue/label.js';
export * from './catalogue/life-cycle.js';
export * from './catalogue/metric.js';
export * from './catalogue/rules.js';
export * from './catalogue/ucum.js';
export * from './copies.js';
export * from './exempt.js';
export * from './problem.js';
export * from './secret.js';
export * from './shape.js';
export * from './trace.js';
export * from './version.js';
