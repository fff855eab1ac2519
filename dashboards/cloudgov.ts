import type { Query } from 'lockstep/dashboard';
import { defineDashboard, labelVariable, query, sloPanels } from 'lockstep/dashboard';
import {
  buckets,
  compare,
  histogramQuantile,
  increase,
  instant,
  keep,
  max,
  select,
  share,
  sum,
  topk,
} from 'lockstep/promql';
import { promql } from 'lockstep/promql-text';
import { BURN_WINDOWS_30D, defineSlo, eventRatio } from 'lockstep/slo';
import { cloudgov } from './cloudgov-catalogue.js';

const { scans, duration, findings, orphanCost, quota, fixScripts, mcpCalls, mcpDuration } = cloudgov.metrics;

/**
 * The share of scans that complete. A domain that fails is a line of warning in the log, and its findings are none:
 * the report looks as if all were well. An audit of seven domains each hour is 5040 scans in 30 days, of which 252 may
 * fail.
 */
export const scanSlo = defineSlo({
  name: 'scan',
  events: 'scans',
  objective: 0.95,
  window: '30d',
  sli: eventRatio({ bad: select(scans, { outcome: 'failed' }), total: scans, badWhen: 'that fail' }),
  // Nobody is woken for a scan: it is tried again within the hour.
  policy: BURN_WINDOWS_30D.filter(({ severity }) => severity === 'ticket'),
});

export const scanPanels = sloPanels(scanSlo, 'Scans', { burnWidth: 24 });

const account = labelVariable('account', { title: 'Account', from: scans });
const chosen = { account };

/** Audits are hourly or daily: a day holds one of each domain at least. */
const DAY = '1d';
/** Audits run each day; an hour is left for the audit itself, and one for its next try. */
export const STALE = 26 * 3600;

export const auditAge = promql(cloudgov, 'time() - min(cloudgov_last_audit_timestamp_seconds)');

export const agePanel = {
  type: 'stat',
  title: 'Longest since a whole audit',
  description:
    'Time since an audit in which every domain completed, of the account that has waited longest. Red from 26 hours: its findings are of yesterday, and what has come since is not among them.',
  unit: 's',
  width: 6,
  height: 4,
  decimals: 1,
  noValue: 'No audit',
  thresholds: { base: 'green', steps: [{ at: STALE, colour: 'red' }] },
  queries: [query(auditAge, 'age')],
} as const;

export const criticalPanel = {
  type: 'stat',
  title: 'Critical findings',
  description:
    'Findings of severity CRITICAL in the last scan of each domain that completed, of the accounts that are chosen above. Red from 1.',
  unit: 'short',
  width: 6,
  height: 4,
  noValue: 'No scan',
  thresholds: { base: 'green', steps: [{ at: 1, colour: 'red' }] },
  queries: [query(sum(instant(select(findings, { ...chosen, severity: 'CRITICAL' }))), 'critical')],
} as const;

const foundIn = (severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW') =>
  query(sum(instant(select(findings, { ...chosen, severity })), ['domain']), severity.toLowerCase());

export const findingsPanel = {
  type: 'table',
  title: 'Findings, by domain',
  description:
    'Findings of the last scan of each domain that completed, by severity. A domain without a row was never scanned, which is not the same as clean.',
  unit: 'short',
  width: 12,
  height: 11,
  queries: [foundIn('CRITICAL'), foundIn('HIGH'), foundIn('MEDIUM'), foundIn('LOW')],
} as const;

/** The share of what failed in a day, a lane for each value of a label. */
const failing = (title: string, description: string, shown: Query) =>
  ({
    type: 'state-timeline',
    title,
    description,
    unit: 'percentunit',
    width: 12,
    decimals: 0,
    thresholds: {
      base: 'green',
      steps: [
        { at: 0.05, colour: 'yellow' },
        { at: 0.5, colour: 'red' },
      ],
    },
    queries: [shown],
  }) as const;

/** How long 95 of 100 took in a day, a lane for each value of a label. */
const lasting = (title: string, description: string, shown: Query) =>
  ({
    type: 'state-timeline',
    title,
    description,
    unit: 's',
    width: 12,
    decimals: 0,
    thresholds: { base: 'green', steps: [{ at: 300, colour: 'orange' }] },
    queries: [shown],
  }) as const;

/** How much happened in a day, stacked by a label. */
const counted = (title: string, description: string, width: number, shown: Query) =>
  ({
    type: 'timeseries',
    title,
    description,
    unit: 'short',
    width,
    min: 0,
    stacked: true,
    queries: [shown],
  }) as const;

export const failuresPanel = failing(
  'Scans that fail, by domain',
  'Share of the scans of the last 1d that failed, by domain. Yellow from 5%, which is what the objective allows over 30 days; red from 50%. A gap: no scan in 1d.',
  query(
    share(
      increase(select(scans, { ...chosen, outcome: 'failed' }), DAY, ['domain']),
      increase(select(scans, chosen), DAY, ['domain']),
    ),
    '{{domain}}',
  ),
);

export const scansPanel = counted(
  'Scans, by domain',
  'Scans that ended in the last 1d at each moment, by domain, stacked. A domain that is missing is skipped, or never comes to its end.',
  12,
  query(increase(select(scans, chosen), DAY, ['domain']), '{{domain}}'),
);

/** cloudgov calls a quota critical from here on, as a share. */
const QUOTA_CRITICAL = 0.9;

export const quotaPanel = {
  type: 'timeseries',
  title: 'Quotas: the five services nearest to theirs',
  description:
    'The share of its quota that a service uses, of its quotas the highest; the five highest services. cloudgov calls 80% high and 90% critical.',
  unit: 'percentunit',
  width: 12,
  min: 0,
  softMax: 1,
  drawThresholds: true,
  thresholds: {
    base: 'green',
    steps: [
      { at: 0.8, colour: 'orange' },
      { at: QUOTA_CRITICAL, colour: 'red' },
    ],
  },
  queries: [query(topk(5, max(instant(select(quota, chosen)), ['service'])), '{{service}}')],
} as const;

/** The highest use of a quota. */
export const quotaHigh = compare(max(instant(quota)), '>=', QUOTA_CRITICAL);
export const criticalFound = compare(sum(instant(select(findings, { severity: 'CRITICAL' }))), '>', 0);

export const mcpPanel = failing(
  'MCP calls that fail, by tool',
  'Share of the calls of the last 1d that failed, by tool: what agents asked for and did not get. Yellow from 5%; red from 50%. A gap: no call in 1d.',
  query(
    share(
      increase(select(mcpCalls, { ...chosen, outcome: 'failed' }), DAY, ['tool']),
      increase(select(mcpCalls, chosen), DAY, ['tool']),
    ),
    '{{tool}}',
  ),
);

export const cloudgovOverview = defineDashboard({
  catalogue: cloudgov,
  facet: 'overview',
  description: 'The audits of AWS accounts: whether they are made, what they find, and what agents ask for.',
  tags: ['slo', 'red'],
  refresh: '5m',
  range: '7d',
  variables: [account],
  minStep: '5m',
  rows: [
    {
      title: 'SLO: scans that complete',
      panels: [
        scanPanels.objective,
        scanPanels.budget,
        ...scanPanels.burns,
        agePanel,
        criticalPanel,
        scanPanels.burnOverTime,
      ],
    },
    {
      title: 'Findings',
      panels: [
        findingsPanel,
        {
          type: 'timeseries',
          title: 'Findings, by severity',
          description: 'Findings of the last scan of each domain that completed, by severity, stacked.',
          unit: 'short',
          width: 12,
          height: 11,
          min: 0,
          stacked: true,
          queries: [query(sum(instant(select(findings, chosen)), ['severity']), '{{severity}}')],
        },
      ],
    },
    { title: 'Rate and errors: scans, by domain', panels: [scansPanel, failuresPanel] },
    {
      title: 'Duration: scans and MCP calls',
      panels: [
        lasting(
          'Duration of scans, p95 by domain',
          'The duration that 95 of 100 scans of the last 1d stay below, by domain, interpolated within the buckets. Orange from 300 s.',
          query(
            keep(histogramQuantile(0.95, increase(buckets(select(duration, chosen)), DAY, ['domain', 'le'])), '>', 0),
            '{{domain}}',
          ),
        ),
        lasting(
          'Duration of MCP calls, p95 by tool',
          'The duration that 95 of 100 calls of the last 1d stay below, by tool, interpolated within the buckets. Orange from 300 s.',
          query(
            keep(histogramQuantile(0.95, increase(buckets(select(mcpDuration, chosen)), DAY, ['tool', 'le'])), '>', 0),
            '{{tool}}',
          ),
        ),
      ],
    },
    {
      title: 'Agents: MCP calls, by tool',
      panels: [
        counted(
          'MCP calls, by tool',
          'Calls that ended in the last 1d at each moment, by tool, stacked.',
          12,
          query(increase(select(mcpCalls, chosen), DAY, ['tool']), '{{tool}}'),
        ),
        mcpPanel,
      ],
    },
    {
      title: 'Waste, quotas and remediation',
      panels: [
        quotaPanel,
        {
          type: 'timeseries',
          title: 'Cost of orphaned resources',
          description: 'Estimated cost of the resources that nothing uses, in US dollars a month.',
          unit: 'currencyUSD',
          width: 6,
          min: 0,
          queries: [query(sum(instant(select(orphanCost, chosen))), 'a month')],
        },
        counted(
          'Fix scripts, by domain',
          'Scripts of remediations that were written in the last 1d, by domain. Written is not yet run.',
          6,
          query(increase(select(fixScripts, chosen), DAY, ['domain']), '{{domain}}'),
        ),
      ],
    },
  ],
});
