import type { Exemptions } from 'lockstep-exporter/internal';
import type { Target } from '../config/config.js';
import { evaluatorOf } from '../config/config.js';
import { alertGroupResource } from '../emit/alert-group.js';
import type { PlannedFile } from '../emit/plan.js';
import { isStanding } from '../emit/resource.js';
import { everyPanel, standingRules } from '../existing/read.js';
import { panelsOf } from '../panels/dashboard.js';
import { ownerOf } from './finding.js';
import type { Exemption } from './rule.js';
import type { Subject } from './subject.js';

/** A definition, as far as it exempts findings of its own. */
interface Exempting {
  readonly owner: string;
  readonly exempt?: Exemptions | undefined;
}

/** All that the definitions exempt. */
export function exemptionsOf({ files, config }: Subject): readonly Exemption[] {
  return [
    ...files.flatMap((file) => list(file.path, exemptingIn(file, config.target))),
    ...config.systems.flatMap(({ catalogue }) =>
      list(
        `catalogue ${catalogue.name}`,
        Object.values(catalogue.metrics).map(({ name, exempt }) => ({ owner: `metric ${name}`, exempt })),
      ),
    ),
  ];
}

function exemptingIn({ kind, definition }: PlannedFile, target: Target): readonly Exempting[] {
  if (kind === 'job') return [];
  if (kind === 'board') {
    const panels = isStanding(definition) ? everyPanel(definition.panels) : panelsOf(definition);
    return [
      { owner: '', exempt: definition.exempt },
      ...panels.map((panel) => ({ owner: ownerOf(panel), exempt: panel.exempt })),
    ];
  }
  if (isStanding(definition)) return standingRules(definition);
  // A rule is exempted where Grafana evaluates it, if it does; the ruler's are the same ones.
  const isTwin = kind === 'ruler' && evaluatorOf(target, alertGroupResource(definition)) !== 'ruler';
  return isTwin ? [] : definition.rules.map(({ uid, exempt }) => ({ owner: `rule ${uid}`, exempt }));
}

function list(file: string, exempting: readonly Exempting[]): readonly Exemption[] {
  return exempting.flatMap(({ owner, exempt = {} }) =>
    Object.entries(exempt)
      // `lockstep diff` knows by itself whether they apply.
      .filter(([rule]) => !rule.startsWith('diff/'))
      .map(([rule, reason]) => ({
        file,
        owner,
        rule: rule as Exemption['rule'],
        reason: typeof reason === 'string' ? reason : '',
      })),
  );
}
