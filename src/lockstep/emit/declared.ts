import { isRecord, isTexts } from 'lockstep-exporter/internal';
import type { ResourceBeside } from './resources-beside.js';

/** Resources of grafana-operator that other resources name, as the files of a tree declare them. */
export interface Declared {
  /** `metadata.name` of each `GrafanaFolder`. */
  readonly folders: readonly string[];
  /** The uid of each `GrafanaDatasource`; none at all where one does not say it, since the operator then makes it. */
  readonly datasources: readonly string[];
  /** The labels of each `Grafana`. */
  readonly grafanas: readonly Readonly<Record<string, unknown>>[];
}

export const NOTHING_DECLARED: Declared = { folders: [], datasources: [], grafanas: [] };

/** Reads what the files of somebody else declare. */
export function findDeclared(beside: readonly ResourceBeside[]): Declared {
  const of = (kind: string) => beside.map(({ resource }) => resource).filter((each) => each['kind'] === kind);
  const metadataOf = ({ metadata }: Readonly<Record<string, unknown>>) => (isRecord(metadata) ? metadata : {});
  const uids = of('GrafanaDatasource').map(({ spec }) => uidOf(spec));
  return {
    folders: of('GrafanaFolder')
      .map((each) => metadataOf(each)['name'])
      .filter((name) => typeof name === 'string'),
    datasources: isTexts(uids) ? uids : [],
    grafanas: of('Grafana')
      .map((each) => metadataOf(each)['labels'])
      .map((labels) => (isRecord(labels) ? labels : {})),
  };
}

/** `spec.uid`, or that of the data source itself, which went before. */
function uidOf(spec: unknown): string | undefined {
  if (!isRecord(spec)) return undefined;
  const { uid, datasource } = spec;
  const known = uid ?? (isRecord(datasource) ? datasource['uid'] : undefined);
  return typeof known === 'string' ? known : undefined;
}
