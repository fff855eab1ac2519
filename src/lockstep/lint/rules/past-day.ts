import type { LintRemark, Rule } from '../rule.js';

export const pastDay: Rule = {
  severity: 'warning',
  about:
    'A deprecated metric, or a former name of a metric, is past its last day: you still record, store and pay for it.',
  example: "`renamedFrom: { name: 'shop_runs_total', until: '2026-10-01' }`, read in November",
  fix: 'drop the metric or the former name, or say a later day',
  system: ({ catalogue }, { today }) =>
    Object.values(catalogue.metrics).flatMap(({ name, stability, renamedFrom }) => {
      const remarks: LintRemark[] = [];
      const owner = `metric ${name}`;
      if (typeof stability === 'object' && stability.deprecatedUntil <= today)
        remarks.push({
          owner,
          found: `deprecated until ${stability.deprecatedUntil}, which is past`,
          fix: 'drop the metric, or say a later day',
        });
      if (renamedFrom !== undefined && renamedFrom.until <= today)
        remarks.push({
          owner,
          found: `exposed and read as ${renamedFrom.name} too until ${renamedFrom.until}, which is past`,
          fix: 'drop renamedFrom, or say a later day: every series is stored twice',
        });
      return remarks;
    }),
};
