import { join } from 'node:path';
import { isRecord } from 'lockstep-exporter/internal';
import { readText } from '../read.js';
import { readEach } from '../read-yaml.js';
import { filesBelow } from './files-below.js';

/** A resource in a file of somebody else. */
export interface ResourceBeside {
  readonly path: string;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** The kinds that have something to say to ours. Most files are of others, and a board takes long to parse. */
const KINDS =
  /GrafanaFolder|GrafanaDatasource|GrafanaDashboard|GrafanaAlertRuleGroup|PrometheusRule|kind["']?\s*:\s*["']?Grafana\b/;

/**
 * The resources of these kinds that the files below a folder hold, beside the planned files. A file that cannot be read
 * has none: it is for its owner to mend.
 */
export function resourcesBeside(
  folder: string,
  planned: readonly { readonly path: string }[],
): readonly ResourceBeside[] {
  const ours = new Set(planned.map(({ path }) => path));
  return filesBelow(folder, /\.(ya?ml|json)$/, 'links')
    .filter((path) => !ours.has(path))
    .flatMap((path) => {
      const text = readText(join(folder, path), folder)?.text ?? '';
      return resourcesIn(text).map((resource) => ({ path, resource }));
    });
}

function resourcesIn(text: string): readonly Readonly<Record<string, unknown>>[] {
  return KINDS.test(text) ? readEach(text).filter(isRecord) : [];
}
