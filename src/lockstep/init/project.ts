import { isRecord } from 'lockstep-exporter/internal';
import type { PlannedText } from '../emit/files.js';
import type { SystemNames } from '../import/names.js';
import { quote } from '../import/print-catalogue.js';

export interface TargetChoices {
  readonly grafana: string;
  readonly datasource: string;
  readonly alertFolder: string;
  readonly runbooks: string;
}

/**
 * The configuration, and the workflow that keeps what is committed true.
 *
 * @param has.isQuoted whether there are names that PromQL takes only in quotes
 * @param has.isLarge  whether the metrics are on several boards
 */
export function projectFiles(
  names: SystemNames,
  source: string,
  target: TargetChoices,
  { isQuoted = false, isLarge = false }: { readonly isQuoted?: boolean; readonly isLarge?: boolean } = {},
): readonly PlannedText[] {
  return [
    {
      path: 'lockstep.config.ts',
      text: `import { defineConfig } from 'lockstep/config';
import { alerts } from './lockstep/alerts.js';
import { ${names.camel} } from './lockstep/catalogue.js';
import { dashboard${isLarge ? 's' : ''} } from './lockstep/dashboard.js';

export default defineConfig({
  source: ${quote(source)},
  target: {
    grafana: ${quote(target.grafana)},
    // The uid of the Prometheus datasource in Grafana.
    datasource: ${quote(target.datasource)},
${isQuoted ? "    // Names that PromQL takes only in quotes need Prometheus 3.\n    prometheus: '3.16',\n" : ''}    // The labels of the Grafana that grafana-operator applies to.
    instanceSelector: { dashboards: 'grafana' },
    // The GrafanaFolder of the alert rules.
    alertFolder: ${quote(target.alertFolder)},
    // The severities that the notification policy has a route for.
    routes: ['page', 'ticket'],
    runbooks: ${quote(target.runbooks)},
    layout: { dashboards: 'dashboards/{name}.yaml', alerts: 'alerts/{system}.yaml' },
  },
  docs: 'docs/metrics',
  systems: [{ catalogue: ${names.camel}, ${isLarge ? 'dashboards' : 'dashboards: [dashboard]'}, alerts: [alerts] }],
});
`,
    },
    {
      path: '.github/workflows/lockstep.yml',
      text: `name: lockstep
on:
  pull_request:
  push:
    branches: [main]

jobs:
  lockstep:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      # Is the YAML that is committed the one that would be built?
      - run: npx lockstep check --format github
      - run: npx lockstep lint --format github
      # Which alerts page later, less, or no longer?
      # There is nothing to compare with before the first build is merged.
      - if: github.event_name == 'pull_request'
        run: |
          if git cat-file -e "origin/\${{ github.base_ref }}:docs/metrics/catalogue.yaml"; then
            npx lockstep diff "origin/\${{ github.base_ref }}" --format github
          fi
      # Does each alert fire when its scenarios say?
${
  isQuoted
    ? `      # promtool of Prometheus 3, which reads names in quotes.
      - run: sudo docker cp "$(docker create prom/prometheus)":/bin/promtool /usr/local/bin/promtool
`
    : '      - run: sudo apt-get update && sudo apt-get install --yes prometheus\n'
}      - run: npx lockstep prove
`,
    },
  ];
}

/** Types are checked by what the author has; a folder that has nothing gets the least that does it. */
export const TSCONFIG = `{
  "compilerOptions": {
    "module": "nodenext",
    "target": "es2022",
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true
  },
  "include": ["lockstep.config.ts", "lockstep"]
}
`;

const SCRIPTS = {
  'build:dashboards': 'lockstep build && lockstep docs',
  'check:dashboards': 'lockstep check && lockstep lint',
} as const;

/**
 * A package.json with the scripts, and otherwise as it was.
 *
 * @param text nothing if there is none
 * @throws SyntaxError if it is not JSON
 */
export function withScripts(text: string | undefined, names: SystemNames): string {
  if (text === undefined)
    return `${JSON.stringify({ name: names.kebab, private: true, type: 'module', scripts: SCRIPTS }, null, 2)}\n`;
  const given: unknown = JSON.parse(text);
  const own = isRecord(given) ? given : {};
  const scripts = isRecord(own['scripts']) ? own['scripts'] : {};
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  return `${JSON.stringify({ ...own, scripts: { ...SCRIPTS, ...scripts } }, null, indent)}\n`;
}

/** A .gitignore that has the line, and otherwise is as it was. */
export function withIgnored(text: string | undefined, line: string): string {
  const lines = (text ?? '').split(/\r?\n/).map((each) => each.trim().replace(/\/$/, ''));
  if (lines.includes(line.replace(/\/$/, ''))) return text ?? '';
  const before = text === undefined || text === '' || text.endsWith('\n') ? (text ?? '') : `${text}\n`;
  return `${before}${line}\n`;
}
