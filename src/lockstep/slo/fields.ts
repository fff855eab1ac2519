import type { Fields } from 'lockstep-exporter/internal';
import type { BurnWindow } from './burn.js';
import type { Sli, Slo } from './slo.js';

// Every field of an SLO and of its parts: any other is refused.

export const SLO_FIELDS = {
  name: true,
  events: true,
  objective: true,
  window: true,
  sli: true,
  policy: true,
} as const satisfies Fields<Slo>;

export const SLI_FIELDS = {
  events: { type: true, bad: true, good: true, total: true, badWhen: true },
  latency: { type: true, of: true, atMost: true },
  uptime: { type: true, of: true, badWhen: true },
} as const satisfies { readonly [Type in Sli['type']]: Fields<Extract<Sli, { type: Type }>> };

export const POLICY_FIELDS = {
  severity: true,
  long: true,
  short: true,
  factor: true,
  for: true,
} as const satisfies Fields<BurnWindow>;
