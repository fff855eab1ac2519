import { join } from 'node:path';
import { isRecord } from 'lockstep-exporter/internal';
import { readText } from '../read.js';
import { filesBelow } from './files-below.js';
import { resourcesIn } from './resources-in.js';

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

const KINDS = ['GrafanaFolder', 'GrafanaDatasource', 'Grafana'];

/** Reads what the files below a folder declare. */
export function findDeclared(folder: string): Declared {
  const resources = filesBelow(folder, /\.(ya?ml|json)$/, 'links').flatMap((path) =>
    resourcesIn(readText(join(folder, path), folder)?.text ?? '', KINDS),
  );
  const of = (kind: string) => resources.filter((each) => each['kind'] === kind);
  const metadataOf = ({ metadata }: Readonly<Record<string, unknown>>) => (isRecord(metadata) ? metadata : {});
  const uids = of('GrafanaDatasource').map(({ spec }) => uidOf(spec));
  return {
    folders: of('GrafanaFolder').flatMap((each) => {
      const { name } = metadataOf(each);
      return typeof name === 'string' ? [name] : [];
    }),
    datasources: uids.flatMap((uid) => uid ?? []).slice(0, uids.includes(undefined) ? 0 : uids.length),
    grafanas: of('Grafana').map((each) => {
      const { labels } = metadataOf(each);
      return isRecord(labels) ? labels : {};
    }),
  };
}

/** `spec.uid`, or that of the data source itself, which went before. */
function uidOf(spec: unknown): string | undefined {
  if (!isRecord(spec)) return undefined;
  const { uid, datasource } = spec;
  const known = uid ?? (isRecord(datasource) ? datasource['uid'] : undefined);
  return typeof known === 'string' ? known : undefined;
}
