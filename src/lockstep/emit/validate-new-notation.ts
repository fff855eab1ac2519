import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath, printValue, quotedNames } from 'lockstep-exporter/internal';
import type { System, Target } from '../config/config.js';
import { quotedNamesIn } from '../existing/quoted.js';
import { isOfGrafana } from '../existing/read.js';

/**
 * Names of a catalogue that PromQL takes only in quotes, and anchored ranges, if the target's Prometheus may not read
 * them: every such query would be refused where it runs.
 */
export function validateNewNotation(
  { catalogue: { name, metrics, increases }, rules = [] }: System,
  { prometheus }: Target,
): Problem[] {
  if (prometheus === '3.16') return [];
  if (increases === 'anchored')
    return [
      {
        code: 'promql/anchored',
        where: definitionPath(`catalogue ${name}`, 'increases'),
        found: 'anchored ranges, which Prometheus 2 does not read',
        allowed: 'target › prometheus 3.16',
        fix: "set target › prometheus to '3.16' if that is what you have, or leave increases out",
      },
    ];
  const ofRules = rules.flatMap((group): readonly Problem[] => {
    const [first] = isOfGrafana(group) ? [] : quotedNamesIn(group.groups);
    return first === undefined
      ? []
      : [
          {
            code: 'promql/quoted-name',
            where: `rules/${group.name}`,
            found: `${printValue(first)}, a name of a series or label that Prometheus 2 does not take`,
            allowed: 'target › prometheus 3.16',
            fix: "set target › prometheus to '3.16' if that is what you have, or take letters, digits and _",
          },
        ];
  });
  const all = Object.entries(metrics);
  const quoted = all.flatMap(([handle, metric]) =>
    quotedNames(
      metric.name,
      metric.labels.map((label) => label.name),
    ).map((each) => ({ handle, metric, each })),
  );
  const [first] = quoted;
  if (first === undefined) return ofRules;
  const others = new Set(quoted.map(({ each }) => each)).size - 1;
  return about(first.metric, [
    {
      code: 'promql/quoted-name',
      where: definitionPath(`catalogue ${name}`, first.handle),
      found: `${printValue(first.each)}${others > 0 ? ` and ${others} more names` : ''}, which PromQL takes only in quotes`,
      allowed: prometheus === undefined ? 'target › prometheus 3.16' : `the names that Prometheus ${prometheus} reads`,
      fix: "set target › prometheus to '3.16' if that is what you have; Prometheus 2 does not read such names, unless they are escaped when they are scraped",
    },
  ]);
}
