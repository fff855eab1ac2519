import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { writeFiles } from '../emit/files.js';
import { weaverRegistry } from '../export/weaver.js';
import { readText } from '../read.js';
import { loadPlan } from './load.js';
import { EXIT, printLine, reportProblems } from './print.js';

export interface ExportWeaverOptions {
  readonly config?: string;
  readonly out: string;
  readonly schemaUrl?: string;
}

/** `lockstep export weaver`: the catalogues as an OpenTelemetry Weaver registry. It writes over its own files alone. */
export async function exportWeaver(options: ExportWeaverOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('export', loaded.problems, 'text');
  const { source, systems } = loaded.config;
  const schemaUrl = options.schemaUrl ?? `https://${source.replace(/^https?:\/\//, '')}/schemas/0.1.0`;
  if (!/^https?:\/\/[^/\s]+\/\S*[^/\s]$/.test(schemaUrl))
    return reportProblems(
      'export',
      [
        {
          code: 'export/schema-url',
          where: '--schema-url',
          found: schemaUrl,
          fix: 'give an address whose last step is the version, such as https://example.org/schemas/1.0.0',
        },
      ],
      'text',
    );
  const files = weaverRegistry(
    systems.map(({ catalogue }) => catalogue),
    schemaUrl,
  );
  const root = resolve(options.out);
  const foreign = files.filter(({ path }) => {
    const there = existsSync(join(root, path)) ? readText(join(root, path)) : undefined;
    return there !== undefined && there.text?.startsWith('# Made by `lockstep export weaver`') !== true;
  });
  if (foreign.length > 0)
    return reportProblems(
      'export',
      foreign.map(({ path }) => ({
        code: 'export/exists',
        where: join(relative('.', root), path),
        found: 'a file that export did not write',
        fix: 'name another folder with --out',
      })),
      'text',
    );
  for (const [path, status] of writeFiles(root, files))
    printLine(`${status.padEnd(10)} ${join(relative('.', root), path)}`);
  return EXIT.fine;
}
