import { isRecord } from 'lockstep-exporter/internal';
import type { Finding } from '../report/finding.js';
import { documentsIn } from './documents.js';

type Json = Readonly<Record<string, unknown>>;

/** An objective in a file, with the queries of its SLI as they stand there. */
export interface SloSource {
  /** The file, and the place in it. */
  readonly where: string;
  readonly name: string;
  readonly description: string;
  /** A share: 0.999. */
  readonly objective: number;
  readonly window: string;
  /** Two of the three counts, or the share of bad events. */
  readonly queries: {
    readonly bad?: string;
    readonly good?: string;
    readonly total?: string;
    readonly badShare?: string;
  };
  /** The severities for which no rule is wanted. */
  readonly without: readonly ('page' | 'ticket')[];
}

/** All objectives of some files. */
export interface SloSources {
  readonly slos: readonly SloSource[];
  /** How many objectives the files have, those among them that cannot be read. */
  readonly total: number;
  readonly findings: readonly Finding[];
}

interface Found {
  readonly slos: SloSource[];
  total: number;
  readonly findings: Finding[];
  /** Indicators of OpenSLO by name, which objectives of any file may refer to. */
  readonly indicators: ReadonlyMap<string, Json>;
}

/** The window of Sloth, which its files do not say. */
const SLOTH_WINDOW = '30d';

/**
 * The objectives of OpenSLO v1 (`SLO`, with `SLI` in any of the files) and of Sloth (`prometheus/v1`, and the resource
 * `PrometheusServiceLevel`).
 *
 * Sources: https://github.com/OpenSLO/OpenSLO (v1), https://sloth.dev/specs/default/v1 and
 * https://sloth.dev/specs/k8s/v1.
 *
 * @param files each with its name, as findings name it, and its text
 */
export function readSloSources(files: readonly { readonly file: string; readonly text: string }[]): SloSources {
  const findings: Finding[] = [];
  const documents = files.flatMap(({ file, text }) => {
    const read = documentsIn(text);
    if (typeof read === 'string') {
      findings.push(error('syntax', file, read, 'correct the file: nothing of it was read'));
      return [];
    }
    const present = read.filter((each) => each !== null && each !== undefined);
    if (present.length === 0) findings.push(error('nothing', file, 'an empty file', FIX_FILE));
    return present.map((value, index) => ({
      value,
      where: present.length > 1 ? `${file} › document ${index + 1}` : file,
    }));
  });
  const indicators = new Map(
    documents.flatMap(({ value }) =>
      isRecord(value) && value['kind'] === 'SLI' && isRecord(value['spec'])
        ? [[nameOf(value), value['spec']] as const]
        : [],
    ),
  );
  const found: Found = { slos: [], total: 0, findings, indicators };
  for (const { value, where } of documents) take(value, where, found);
  return { slos: found.slos, total: found.total, findings };
}

const FIX_FILE = 'name a file of OpenSLO v1 or of Sloth';

function error(id: string, where: string, found: string, fix: string): Finding {
  return { id: `import/${id}`, severity: 'error', where, found, fix };
}

function nameOf({ metadata }: Json): string {
  return isRecord(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** Kinds of OpenSLO that hold no objective and no indicator. */
const OTHER_KINDS = ['Service', 'DataSource', 'AlertPolicy', 'AlertCondition', 'AlertNotificationTarget'];

function take(value: unknown, where: string, found: Found): void {
  if (!isRecord(value)) {
    found.findings.push(error('unknown', where, 'a value that is not an object', FIX_FILE));
    return;
  }
  const { apiVersion, kind, spec, version } = value;
  const isOpenSlo = typeof apiVersion === 'string' && apiVersion.startsWith('openslo/');
  if (kind === 'List' && Array.isArray(value['items']))
    for (const [index, each] of value['items'].entries()) take(each, `${where} › items[${index}]`, found);
  else if (isOpenSlo && apiVersion !== 'openslo/v1')
    found.findings.push(error('unknown', where, `${apiVersion}; only openslo/v1 is read`, 'convert it to openslo/v1'));
  else if (isOpenSlo && kind === 'SLO') takeOpenSlo(value, `${where} › SLO ${nameOf(value)}`, found);
  else if (isOpenSlo && kind === 'SLI') return;
  else if (isOpenSlo && OTHER_KINDS.includes(String(kind)))
    found.findings.push({
      id: 'import/slo-field',
      severity: 'note',
      where: `${where} › ${String(kind)} ${nameOf(value)}`,
      found: `a ${String(kind)}, which no definition holds`,
      fix: "say in the SLO's policy when an alert fires, and in target.routes who gets it",
    });
  else if (kind === 'PrometheusServiceLevel') takeSloth(spec, `${where} › ${String(kind)} ${nameOf(value)}`, found);
  else if (version === 'prometheus/v1') takeSloth(value, where, found);
  else found.findings.push(error('unknown', where, 'neither OpenSLO v1 nor Sloth', FIX_FILE));
}

function takeSloth(spec: unknown, where: string, found: Found): void {
  const slos = isRecord(spec) ? spec['slos'] : undefined;
  if (!Array.isArray(slos)) {
    found.findings.push(error('slo-shape', where, 'no list of slos', 'give slos: [{ name, objective, sli }]'));
    return;
  }
  if (isRecord(spec) && isRecord(spec['labels'])) tellLeft(found, where, ['labels'], LABELS_FIX);
  for (const each of slos) {
    found.total++;
    const slo: Json = isRecord(each) ? each : {};
    const name = textOf(slo['name']) ?? '';
    const at = `${where} › slo ${name}`;
    const sli: Json = isRecord(slo['sli']) ? slo['sli'] : {};
    const events: Json = isRecord(sli['events']) ? sli['events'] : {};
    const bad = textOf(events['error_query']) ?? textOf(events['errorQuery']);
    const total = textOf(events['total_query']) ?? textOf(events['totalQuery']);
    const objective = typeof slo['objective'] === 'number' ? shareOf(slo['objective']) : Number.NaN;
    const raw: Json = isRecord(sli['raw']) ? sli['raw'] : {};
    const badShare = textOf(raw['error_ratio_query']) ?? textOf(raw['errorRatioQuery']);
    const queries =
      bad !== undefined && total !== undefined ? { bad, total } : badShare === undefined ? undefined : { badShare };
    if (queries === undefined) {
      const [other = 'nothing'] = Object.keys(sli).filter((key) => key !== 'events');
      found.findings.push(
        error('slo-sli', at, `an SLI of ${other}`, 'give sli.events with error_query and total_query'),
      );
      continue;
    }
    const alerting: Json = isRecord(slo['alerting']) ? slo['alerting'] : {};
    const ofSeverity = (severity: 'page' | 'ticket') => alerting[`${severity}_alert`] ?? alerting[`${severity}Alert`];
    const left = [
      ...(isRecord(slo['labels']) ? ['labels'] : []),
      ...['name', 'labels', 'annotations'].filter((key) => alerting[key] !== undefined).map((key) => `alerting.${key}`),
      ...(['page', 'ticket'] as const).flatMap((severity) => {
        const alert = ofSeverity(severity);
        return isRecord(alert)
          ? ['labels', 'annotations'].flatMap((key) => (alert[key] === undefined ? [] : [`${severity}_alert.${key}`]))
          : [];
      }),
    ];
    if (left.length > 0) tellLeft(found, at, left, LABELS_FIX);
    found.slos.push({
      where: at,
      name,
      description: textOf(slo['description']) ?? '',
      objective,
      window: SLOTH_WINDOW,
      queries,
      without: (['page', 'ticket'] as const).filter((severity) => {
        const alert = ofSeverity(severity);
        return isRecord(alert) && alert['disable'] === true;
      }),
    });
  }
}

const LABELS_FIX = 'give burnRules() labels and annotations, and target.severities the names of your routes';

function tellLeft({ findings }: Pick<Found, 'findings'>, where: string, fields: readonly string[], fix: string): void {
  findings.push({
    id: 'import/slo-field',
    severity: 'warning',
    where,
    found: `${fields.join(', ')}: not taken`,
    fix,
  });
}

/** Percent as a share, without the noise of binary fractions. */
function shareOf(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}

function takeOpenSlo(value: Json, where: string, found: Found): void {
  const spec: Json = isRecord(value['spec']) ? value['spec'] : {};
  const objectives = Array.isArray(spec['objectives']) ? spec['objectives'].filter(isRecord) : [];
  found.total += Math.max(1, objectives.length);
  const method = textOf(spec['budgetingMethod']) ?? 'Occurrences';
  if (method !== 'Occurrences') {
    const fix = 'take Occurrences: lockstep counts events';
    found.findings.push(error('slo-method', where, `budgetingMethod ${method}: slices of time`, fix));
    return;
  }
  const [time, ...more] = Array.isArray(spec['timeWindow']) ? spec['timeWindow'].filter(isRecord) : [];
  const window = windowOf(textOf(time?.['duration']) ?? '');
  if (window === undefined || more.length > 0) {
    const given = more.length > 0 ? 'several windows' : `the window ${JSON.stringify(time?.['duration'] ?? null)}`;
    found.findings.push(error('slo-window', where, given, 'give one window in days or weeks, such as 28d'));
    return;
  }
  if (time?.['isRolling'] === false || time?.['calendar'] !== undefined)
    found.findings.push({
      id: 'import/slo-window',
      severity: 'warning',
      where,
      found: 'a window of the calendar, taken as one that rolls',
      fix: 'check that it fits: Prometheus windows end now',
    });
  if (spec['alertPolicies'] !== undefined)
    tellLeft(
      found,
      where,
      ['alertPolicies'],
      "the rules are those of burnWindows(): change the SLO's policy if you want others",
    );
  const reference = textOf(spec['indicatorRef']);
  const inline = isRecord(spec['indicator']) ? spec['indicator'] : {};
  const indicator = reference === undefined ? inline['spec'] : found.indicators.get(reference);
  if (!isRecord(indicator)) {
    const given = reference === undefined ? 'no indicator' : `the indicator ${reference}, which none of the files has`;
    found.findings.push(error('slo-sli', where, given, 'give spec.indicator, or name the file of the SLI too'));
    return;
  }
  const queries = queriesOf(indicator);
  if (typeof queries === 'string') {
    const fix = 'give a ratioMetric of two Prometheus queries: good and total, bad and total, or good and bad';
    found.findings.push(error('slo-sli', where, queries, fix));
    return;
  }
  if (objectives.length === 0)
    found.findings.push(error('slo-shape', where, 'no objectives', 'give objectives: [{ target: 0.99 }]'));
  for (const [index, objective] of objectives.entries()) {
    const { target, targetPercent } = objective;
    found.slos.push({
      where: objectives.length === 1 ? where : `${where} › objective ${index + 1}`,
      name: objectives.length === 1 ? nameOf(value) : `${nameOf(value)}-${index + 1}`,
      description: textOf(spec['description']) ?? '',
      objective:
        typeof target === 'number' ? target : typeof targetPercent === 'number' ? shareOf(targetPercent) : Number.NaN,
      window,
      queries,
      without: [],
    });
  }
}

/** A rolling window of OpenSLO: `28d`, `4w`. A month and more have no fixed length. */
function windowOf(text: string): string | undefined {
  return /^[1-9][0-9]*[hdw]$/.test(text) ? text : undefined;
}

function queriesOf({ ratioMetric, thresholdMetric }: Json): SloSource['queries'] | string {
  if (!isRecord(ratioMetric))
    return thresholdMetric === undefined ? 'no ratioMetric' : 'a thresholdMetric, which counts no events';
  const found: { bad?: string; good?: string; total?: string } = {};
  for (const name of ['bad', 'good', 'total'] as const) {
    const side = ratioMetric[name];
    if (side === undefined) continue;
    const source = isRecord(side) && isRecord(side['metricSource']) ? side['metricSource'] : {};
    const type = textOf(source['type']);
    if (type !== undefined && !/prometheus|mimir|thanos|cortex|amp/i.test(type)) return `a query of ${type}`;
    const query = isRecord(source['spec']) ? (textOf(source['spec']['query']) ?? textOf(source['spec']['promql'])) : '';
    if (query === undefined || query === '') return `${name} without metricSource.spec.query`;
    found[name] = query;
  }
  const given = Object.keys(found).length;
  return given === 2 ? found : `${given === 0 ? 'no count' : Object.keys(found).join(', ')} as ratioMetric`;
}
