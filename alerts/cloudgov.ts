import { absenceRule, alertRule, burnRules, defineAlertGroup, traffic } from 'lockstep/alerts';
import { select } from 'lockstep/promql';
import { promql } from 'lockstep/promql-text';
import {
  agePanel,
  criticalFound,
  criticalPanel,
  failuresPanel,
  findingsPanel,
  quotaHigh,
  quotaPanel,
  STALE,
  scanPanels,
  scanSlo,
  scansPanel,
} from '../dashboards/cloudgov.js';
import { cloudgov } from '../dashboards/cloudgov-catalogue.js';

const { scans, findings, lastAudit, quota } = cloudgov.metrics;

const critical = select(findings, { domain: 'iam', severity: 'CRITICAL' });
const high = select(findings, { domain: 'iam', severity: 'HIGH' });

export const cloudgovSlo = defineAlertGroup({
  catalogue: cloudgov,
  name: 'slo',
  rules: [
    ...burnRules(scanSlo, {
      system: 'cloudgov',
      title: 'CloudgovScanBurn',
      component: 'scans',
      panels: scanPanels,
      runbook: {
        impact:
          'A domain that fails reports no findings: its part of the report looks clean. Risks that came since then are not seen, and `--fail-on` lets them pass.',
        firstLook: [
          { panel: failuresPanel, say: 'one domain, or all of them? All of them is the credentials or the network.' },
          { say: "The lines `[audit] warn:` in the Job's log name the domain and the error of AWS." },
          {
            say: 'A domain that has lost a permission says `AccessDenied`: compare the role with the list in the README.',
          },
        ],
      },
    }),
    alertRule({
      uid: 'cloudgov-audit-stale',
      title: 'CloudgovAuditStale',
      expression: promql(cloudgov, `time() - min(cloudgov_last_audit_timestamp_seconds) > bool ${STALE}`),
      for: '15m',
      severity: 'ticket',
      component: 'audit',
      summary: 'cloudgov has made no whole audit of an account for 26h',
      description:
        'No audit of an account in which every domain completed has ended for 26 hours. Its findings on the board are of the audit before.',
      panel: agePanel,
      runbook: {
        impact: 'Findings, quotas and costs on the board are old, and the rules that read them judge the past.',
        firstLook: [
          { panel: scansPanel, say: 'are there scans at all? Then one domain fails in each audit.' },
          { panel: failuresPanel, say: 'which domain fails?' },
          { say: 'No scans at all: is the CronJob suspended, or does its Pod not start?' },
        ],
        silence: 'While audits are stopped on purpose, for as long as that lasts.',
      },
      proof: [
        {
          name: 'an audit, and none after it',
          lasts: '30h',
          traffic: [traffic(lastAudit, { count: 1 })],
          fires: { notBefore: '26h', by: '27h' },
        },
        {
          name: 'an audit each day',
          lasts: '30h',
          traffic: [traffic(lastAudit, { count: 1, until: '24h' }), traffic(lastAudit, { count: 86_400, from: '24h' })],
          fires: 'never',
        },
      ],
    }),
    alertRule({
      uid: 'cloudgov-critical-findings',
      title: 'CloudgovCriticalFindings',
      expression: criticalFound,
      for: '15m',
      severity: 'ticket',
      component: 'findings',
      summary: 'cloudgov has critical findings',
      description:
        'The last completed scan of a domain has at least one finding of severity CRITICAL. It fires until a later scan no longer finds it.',
      panel: criticalPanel,
      runbook: {
        impact: 'Something is open to anybody or about to fail: a public bucket, an open port, an expired certificate.',
        firstLook: [
          { panel: findingsPanel, say: 'which domain?' },
          { say: '`cloudgov audit --severity CRITICAL` names the resource and the command that mends it.' },
        ],
        silence: 'For a finding that is accepted, until the baseline has it. Never for all of them.',
      },
      proof: [
        {
          name: 'a critical finding that is mended after four hours',
          lasts: '8h',
          traffic: [traffic(critical, { count: 1, until: '4h' }), traffic(critical, { count: 0, from: '4h' })],
          fires: { notBefore: '15m', by: '20m', overBy: '245m' },
        },
        { name: 'no critical finding', lasts: '2h', traffic: [traffic(critical, { count: 0 })], fires: 'never' },
        {
          name: 'high findings, and no critical one',
          lasts: '2h',
          traffic: [traffic(critical, { count: 0 }), traffic(high, { count: 5 })],
          fires: 'never',
        },
      ],
    }),
    alertRule({
      uid: 'cloudgov-quota-near',
      title: 'CloudgovQuotaNear',
      expression: quotaHigh,
      for: '15m',
      severity: 'ticket',
      component: 'quota',
      summary: 'An AWS quota is used up to 90%',
      description: 'A service uses at least 90% of one of its quotas. At 100% AWS refuses whatever needs more of it.',
      panel: quotaPanel,
      runbook: {
        impact: 'Nothing yet. At the quota new resources are refused: nodes, addresses or functions do not start.',
        firstLook: [
          { panel: quotaPanel, say: 'which service, and how fast does it grow?' },
          { say: 'Ask AWS for a higher quota, which can take days, or remove what nothing uses.' },
        ],
        silence: 'While an increase is asked for, for as long as AWS takes.',
      },
      proof: [
        {
          name: 'a quota that fills, and is raised',
          lasts: '8h',
          traffic: [
            traffic(quota, { count: 0.5, until: '2h' }),
            traffic(quota, { count: 0.9, from: '2h', until: '5h' }),
            traffic(quota, { count: 0.4, from: '5h' }),
          ],
          fires: { notBefore: '135m', by: '140m', overBy: '305m' },
        },
        {
          name: 'two quotas that are high, and stay below 90%',
          lasts: '4h',
          traffic: [
            traffic(select(quota, { service: 'ec2' }), { count: 0.85 }),
            traffic(select(quota, { service: 'lambda' }), { count: 0.8 }),
          ],
          fires: 'never',
        },
      ],
    }),
    absenceRule(scans, {
      system: 'cloudgov',
      uid: 'cloudgov-metrics-absent',
      title: 'CloudgovMetricsAbsent',
      component: 'exporter',
      panel: scansPanel,
      window: '1d',
      for: '15m',
      runbook: {
        impact: 'While this holds every other rule is blind, and silent.',
        firstLook: [
          { say: 'Does the CronJob run?' },
          { say: 'Does the collector that cloudgov sends to store what it gets, with the label `job="cloudgov"`?' },
        ],
        silence: 'While audits are stopped on purpose, for as long as that lasts.',
      },
    }),
  ],
});
