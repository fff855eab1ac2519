#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Day } from 'lockstep-exporter/catalogue';
import { isDay, showAddress, showError, VERSION } from 'lockstep-exporter/internal';
import { GRAFANA_VERSIONS } from '../grafana/index.js';
import type { BuildOptions } from './build.js';
import type { CatalogueOptions } from './catalogue.js';
import type { CheckOptions } from './check.js';
import type { DiffOptions } from './diff.js';
import type { DocsOptions } from './docs.js';
import type { ExportWeaverOptions } from './export.js';
import type { ImportMetricsOptions } from './import.js';
import type { ImportDefinitionsOptions } from './import-definitions.js';
import type { InitOptions } from './init.js';
import type { LintOptions } from './lint.js';
import { exitWithVerdict, printError } from './own-process.js';
import type { PreviewCommandOptions } from './preview.js';
import { EXIT, FORMATS } from './print.js';
import type { ProveOptions } from './prove.js';
import type { SweepCommandOptions } from './sweep.js';
import type { VerifyOptions } from './verify.js';

// `lockstep check | head` closes the pipe early, which is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('lockstep')
  .description(
    'Dashboards, alerts and the exporter of a service, from one metric catalogue.\nExit codes: 0 fine, 1 the check failed, 2 bad usage or input.',
  )
  .version(VERSION)
  .showHelpAfterError('(run with --help for usage)')
  .exitOverride();

const prometheusOption = () =>
  new Option('--prometheus <url>', 'instead of a page: a Prometheus that scrapes the service');
const matchOption = () =>
  new Option('--match <selector>', "with --prometheus: the service's series, such as '{job=\"checkout\"}'");
const configOption = () =>
  new Option('--config <file>', 'the configuration (default: lockstep.config.ts in the working directory)');

program
  .command('build')
  .description('write the dashboards and alert groups as YAML: all of them, or nothing if any definition has a problem')
  .addOption(configOption())
  .option(
    '--out <dir>',
    'the folder to write to, e.g. a clone of the GitOps repository (default: out next to the configuration)',
  )
  .option('--force', 'overwrite files that lockstep did not write from this source')
  .option('--prune', 'delete files that lockstep wrote and no definition makes any more')
  .option(
    '--prune-system <name...>',
    'with --prune: delete also what was made for a system that this configuration no longer has',
  )
  .option(
    '--kustomize',
    'list the files in the kustomization above them, take out what --prune deletes, and leave the rest as it is',
  )
  .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
  .action(async (options: BuildOptions) => exitWithVerdict(await (await import('./build.js')).build(options)));

program
  .command('check')
  .description('compare what is checked in with what would be built; exits 1 on drift and says where')
  .addOption(configOption())
  .option('--against <dir>', 'the folder to compare with (default: out next to the configuration)')
  .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
  .action(async (options: CheckOptions) => exitWithVerdict(await (await import('./check.js')).check(options)));

program
  .command('lint')
  .description(
    'find what misleads a reader, or will not hold, in the files to be built; exits 1 if any finding is an error',
  )
  .addOption(configOption())
  .option('--against <dir>', 'the folder of what is checked in (default: out next to the configuration)')
  .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
  .addOption(
    new Option('--fail-on <level>', 'the least severity that fails').choices(['error', 'warning']).default('error'),
  )
  .option('--explain <rule>', 'print what a rule is about, an example and the fix, and look at nothing')
  .action(async (options: LintOptions) => exitWithVerdict(await (await import('./lint.js')).lint(options)));

program
  .command('verify')
  .description(
    'compare what runs with the definitions: the metrics of a process, every query on a Prometheus, or the dashboards and rules of a Grafana.\nLOCKSTEP_VERIFY_TOKEN is sent as a bearer token, LOCKSTEP_VERIFY_HEADERS (name=value,...) as headers.',
  )
  .addOption(configOption())
  .option('--metrics <url|file>', 'an exposition, as text or OpenMetrics')
  .option('--prometheus <url>', 'what speaks the Prometheus HTTP API')
  .option('--grafana <url>', 'a Grafana in which the dashboards and rules are live')
  .option('--system <name...>', 'only these systems (default: all of the configuration)')
  .option(
    '--aws-region <region>',
    'sign requests (SigV4) for an Amazon managed Prometheus, with AWS_ACCESS_KEY_ID etc.',
  )
  .option('--timeout <duration>', 'for each try', toDuration, '30s')
  .option('--tries <number>', 'how often a server that is busy or not there is asked', toCount, 3)
  .option('--rate-interval <duration>', 'what $__rate_interval stands for (default: "5m")', toDuration)
  .option('--range <duration>', 'what $__range stands for (default: "6h")', toDuration)
  .addOption(
    new Option(
      '--fail-on <level>',
      'the least that fails; a query that returns nothing is a warning (default: "warning")',
    ).choices(['error', 'warning']),
  )
  .addOption(
    new Option(
      '--job <server>',
      'run as the job of verifySystem() does: ask the server that it names, and push what was found',
    ).choices(['prometheus', 'grafana']),
  )
  .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
  .action(async (options: VerifyOptions) => exitWithVerdict(await (await import('./verify.js')).verify(options)));

program
  .command('diff')
  .description(
    'say what has become of the metrics since a commit: which panels and alerts it breaks, and whether their stage allows it; exits 1 if it does not',
  )
  .argument('<git-ref>', 'a branch, tag or commit whose documentation has catalogue.yaml')
  .addOption(configOption())
  .addOption(new Option('--fail-on <level>', 'the least that fails').choices(['error', 'warning']).default('error'))
  .option('--today <day>', 'the day to compare promised days with, such as 2027-03-01 (default: today)', toDay)
  .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
  .action(async (ref: string, options: DiffOptions) =>
    exitWithVerdict(await (await import('./diff.js')).diff(ref, options)),
  );

program
  .command('docs')
  .description(
    'write the page of the metrics and a runbook for each alert into the folder that the configuration names',
  )
  .addOption(configOption())
  .option('--force', 'overwrite files that lockstep did not write from this source')
  .option('--prune', 'delete pages that lockstep wrote and no definition makes any more')
  .action(async (options: DocsOptions) => exitWithVerdict(await (await import('./docs.js')).docs(options)));

program
  .command('prove')
  .description(
    'play every alert rule against what may happen to the system, with a real promtool, and say when it would fire',
  )
  .addOption(configOption())
  .option('--rule <title>', 'only this rule')
  .option('--promtool <file>', 'the program (default: $LOCKSTEP_PROMTOOL, PATH, or what `npm run engines` has fetched)')
  .option(
    '--changed',
    'do not play again what this promtool has passed before: the same rule, series and expected values',
  )
  .option('--mutants', 'test the proof too: it must fail each copy of a rule with one thing wrong in it')
  .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
  .action(async (options: ProveOptions) => exitWithVerdict(await (await import('./prove.js')).prove(options)));

program
  .command('preview')
  .description('show the boards and alerts in a browser, on loopback, with live data; the page follows every save')
  .addOption(configOption())
  .option('--prometheus <url>', 'what speaks the Prometheus HTTP API')
  .option('--demo', 'start a Prometheus with a made-up past of the systems that have one')
  .option('--aws-region <region>', 'sign requests (SigV4) for an Amazon managed Prometheus')
  .option('--against <dir>', 'the folder of what is checked in (default: out next to the configuration)')
  .option('--ref <git-ref>', 'compare with that folder as it is at a branch, tag or commit')
  .option('--port <port>', 'the port to listen on; 0 takes a free one', toPort, 0)
  .option('--open', 'open it in the browser of the system')
  .option('--static <dir>', 'write a page that opens without a server, with the data in it, and end')
  .option('--screenshot <dir>', 'write a PNG of each board and group, light and dark, with a Chromium, and end')
  .action(async (options: PreviewCommandOptions) =>
    exitWithVerdict(await (await import('./preview.js')).preview(options)),
  );

program
  .command('catalogue')
  .description('print the metrics with their labels, series and budgets')
  .addOption(configOption())
  .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
  .action(async (options: CatalogueOptions) =>
    exitWithVerdict(await (await import('./catalogue.js')).catalogue(options)),
  );

program
  .command('init')
  .description(
    'write a configuration, a catalogue, a board, alerts and a CI workflow that build as they are; overwrite no file, ask nothing',
  )
  .argument('[dir]', 'the folder of the project', '.')
  .option('--name <system>', 'the name of the system (default: that of the package or the folder)')
  .option('--metrics <url|file>', 'a service whose metrics somebody else records: what it exposes')
  .addOption(prometheusOption())
  .addOption(matchOption())
  .option('--scope <label=value...>', 'with these: what every selector carries, such as job=api', toPairs, {})
  .addOption(
    new Option('--grafana <version>', 'the Grafana that reads the boards')
      .choices(Object.keys(GRAFANA_VERSIONS))
      .default('10.4'),
  )
  .option('--datasource <uid>', 'the Prometheus datasource in Grafana', 'prometheus')
  .option('--alert-folder <name>', 'the GrafanaFolder of the alert rules', 'alerts')
  .option('--runbooks <url>', 'where docs/metrics/runbooks is served', 'https://example.org/runbooks')
  .option('--yes', 'take the default of every choice that is not given (it does so anyway)')
  .action(async (dir: string, options: InitOptions) =>
    exitWithVerdict(await (await import('./init.js')).init(dir, options)),
  );

const imports = program.command('import').description('make definitions of what there is');
imports
  .command('metrics')
  .description(
    'print a catalogue, in TypeScript, of the metrics that a process exposes or a Prometheus has: names, kinds, help, units, labels with their values, buckets',
  )
  .argument('[url|file]', 'an exposition, as text or OpenMetrics')
  .option('--name <system>', 'the name of the catalogue', 'service')
  .addOption(prometheusOption())
  .addOption(matchOption())
  .option('--scope <label=value...>', 'what every selector carries, such as job=api', toPairs, {})
  .option('--out <file>', 'write it there instead; where the file is there, propose what to change in it')
  .addOption(configOption())
  .option('--report', 'say what would be taken and what not, and write nothing')
  .addOption(new Option('--format <format>', 'how to print the findings').choices(FORMATS).default('text'))
  .action(async (source: string | undefined, options: ImportMetricsOptions) =>
    exitWithVerdict(await (await import('./import.js')).importMetrics(source, options)),
  );

for (const what of ['dashboards', 'rules', 'slo'] as const)
  imports
    .command(what)
    .description(
      what === 'slo'
        ? 'write definitions, in TypeScript, of existing objectives, with a board and alerts: OpenSLO v1, Sloth'
        : what === 'dashboards'
          ? 'write definitions, in TypeScript, of existing boards, and say what is false in them: Grafana JSON, GrafanaDashboard, GrafanaManifest, ConfigMap'
          : 'write definitions, in TypeScript, of existing rules, and say what is false in them: PrometheusRule, ConfigMap, a plain file of rules, GrafanaAlertRuleGroup, Grafana provisioning',
    )
    .argument(
      '<file|folder...>',
      what === 'slo' ? 'the files' : 'the files; boards and rules of one service may be given together',
    )
    .option('--name <system>', 'the name of the catalogue', 'service')
    .option('--metrics <url|file>', 'what the service exposes: the metrics that the queries should read')
    .addOption(prometheusOption())
    .addOption(matchOption())
    .option('--scope <label=value...>', 'what every selector carries, such as job=api', toPairs, {})
    .option('--out <dir>', 'the folder to write to; a file that is there is never written over', '.')
    .option('--report', 'say what would be kept and what is false, and write nothing')
    .addOption(
      new Option('--grafana <version>', 'the Grafana that reads the boards')
        .choices(Object.keys(GRAFANA_VERSIONS))
        .default('12.4'),
    )
    .option('--datasource <uid>', 'the Prometheus datasource in Grafana', 'prometheus')
    .addOption(new Option('--format <format>', 'how to print the findings').choices(FORMATS).default('text'))
    .action(async (paths: string[], options: ImportDefinitionsOptions) =>
      exitWithVerdict(
        what === 'slo'
          ? await (await import('./import-slo.js')).importSlo(paths, options)
          : await (await import('./import-definitions.js')).importExisting(paths, options),
      ),
    );

program
  .command('export')
  .description('give what there is to other tools')
  .command('weaver')
  .description(
    'write the catalogues as an OpenTelemetry Weaver registry (definition/2), for programs in other languages; keep other files',
  )
  .addOption(configOption())
  .option('--out <dir>', 'the folder of the registry', 'weaver')
  .option('--schema-url <url>', 'its name and version (default: https://<source>/schemas/0.1.0)')
  .action(async (options: ExportWeaverOptions) =>
    exitWithVerdict(await (await import('./export.js')).exportWeaver(options)),
  );

program
  .command('sweep')
  .description(
    'delete the groups that ended processes have left in a Pushgateway; run it every few minutes where there is one',
  )
  .requiredOption('--pushgateway <url>', 'its address, e.g. http://pushgateway:9091')
  .option('--older-than <duration>', 'only groups not pushed to for this long: two scrapes at least', toDuration, '10m')
  .option('--job <name>', 'only groups of this job')
  .option('--dry-run', 'say which, and delete nothing')
  .action(async (options: SweepCommandOptions) => exitWithVerdict(await (await import('./sweep.js')).sweep(options)));

function toDuration(text: string): string {
  if (!/^[1-9]\d*[smhd]$/.test(text))
    throw new InvalidArgumentError('a duration is a whole number and a unit, such as 90s, 10m or 1h.');
  return text;
}

function toDay(text: string): Day {
  if (!isDay(text)) throw new InvalidArgumentError('give a day that exists, such as 2027-03-01.');
  return text;
}

function toCount(text: string): number {
  const count = Number(text);
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('give a whole number from 1 to 99.');
  return count;
}

function toPairs(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, value] = /^([a-zA-Z_]\w*)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write label=value.');
  if (/,\s*[a-zA-Z_]\w*=/.test(value))
    throw new InvalidArgumentError(`Write several with a space between them: ${text.replaceAll(/,\s*/g, ' ')}.`);
  return { ...before, [name]: value };
}

function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  return port;
}

try {
  refuseTwice(program);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitWithVerdict(error.exitCode === 0 ? EXIT.fine : EXIT.badInput);
  else {
    printError(`${describe(error)}\n`);
    exitWithVerdict(EXIT.badInput);
  }
}

/** A failure of the system (a folder that cannot be written) in one line; a fault of ours with its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return showError(error);
  const { code, path } = error as NodeJS.ErrnoException;
  // A fault of ours; its first line may hold what somebody else has said.
  if (code === undefined)
    return [
      `error[lockstep/fault] ${showError(error)}`,
      ...(error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)),
    ].join('\n');
  return `error[system/${code.toLowerCase()}] ${path === undefined ? '' : showAddress(path)}\n  found    ${showError(error)}\n  fix      make the path readable and writable, or name another one; what was there is unchanged`;
}

/** An option with one value, given twice: the last one would count, and nobody would be told of the first. */
function refuseTwice(command: Command): void {
  for (const option of command.options) {
    const isOfOne = (option.required || option.optional) && !option.variadic;
    let given = 0;
    command.on(`option:${option.name()}`, () => {
      given++;
      if (isOfOne && given > 1) command.error(`error: option '${option.flags}' is given twice`);
    });
  }
  for (const each of command.commands) refuseTwice(each);
}
