import type { Config, System } from '../config/config.js';
import type { Plan, SystemPlan } from '../emit/plan.js';
import { planFiles, planSystem } from '../emit/plan.js';

interface Known {
  readonly key: string;
  readonly plan: SystemPlan;
}

/**
 * Plans as {@link planFiles} does, and takes what it planned the last time for each system whose definitions are the
 * same: a save changes one system, and a page is to follow at once however many there are. A part that is the same is
 * the same object as before.
 */
export function rememberingPlanner(): (config: Config) => Plan {
  let known = new Map<string, Known>();
  return (config) => {
    const met = new Map<string, Known>();
    const plan = planFiles(config, (system) => {
      const { name } = system.catalogue;
      const key = keyOf(system, config);
      const before = known.get(name);
      if (before !== undefined && before.key === key) {
        met.set(name, before);
        return before.plan;
      }
      const planned = renderedOnce(planSystem(system, config));
      if (key !== undefined) met.set(name, { key, plan: planned });
      return planned;
    });
    known = met;
    return plan;
  };
}

function renderedOnce(plan: SystemPlan): SystemPlan {
  let files: ReturnType<SystemPlan['files']> | undefined;
  return {
    ...plan,
    files: () => {
      files ??= plan.files();
      return files;
    },
  };
}

/** All that a plan of a system reads, which objects are one and the same included; nothing if that cannot be said. */
function keyOf({ demo: _, ...system }: System, { source, target }: Config): string | undefined {
  const met = new Map<object, number>();
  let isPlain = true;
  // Not `v8.serialize()`, which writes one number in two ways, nor JSON, which writes infinity as it does nothing and
  // one object as two.
  const print = (value: unknown): string => {
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value !== 'object' || value === null) {
      isPlain &&= !['function', 'symbol', 'bigint'].includes(typeof value);
      return Object.is(value, -0) ? '-0' : String(value);
    }
    const index = met.get(value);
    if (index !== undefined) return `#${index}`;
    met.set(value, met.size);
    if (Array.isArray(value)) return `[${Array.from(value, print).join()}]`;
    const prototype: unknown = Object.getPrototypeOf(value);
    isPlain &&= prototype === Object.prototype || prototype === null;
    return `{${Object.entries(value)
      .map(([name, each]) => `${JSON.stringify(name)}:${print(each)}`)
      .join()}}`;
  };
  const key = print([system, source, target]);
  return isPlain ? key : undefined;
}
