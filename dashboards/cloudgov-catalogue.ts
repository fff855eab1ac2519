import { counter, defineCatalogue, gauge, histogram, label, openLabel } from 'lockstep/catalogue';

// cloudgov is a Go command line that looks for risks and waste in AWS accounts. It records these metrics itself:
// docs/cloudgov.md says where in its code.

const domain = label('domain', {
  help: 'what is scanned',
  values: [
    ...['iam', 'storage', 'network', 'orphans', 'certs', 'tags', 'secrets'],
    ...['cost', 'drift', 'inventory', 'quota', 'lambda', 'k8s', 'platform'],
  ],
});
const outcome = label('outcome', { help: 'how it ended', values: ['completed', 'failed'], bad: ['failed'] });
const severity = label('severity', {
  help: 'how grave a finding is',
  values: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFO'],
});
const tool = label('tool', {
  help: 'the MCP tool that an agent called',
  values: [
    ...['iam_scan', 'storage_audit', 'network_audit', 'certs', 'tags', 'secrets_scan', 'orphans', 'quota'],
    ...['inventory', 'cost_diff', 'drift', 'audit', 'k8s_rbac', 'lambda_audit', 'compliance', 'platform_audit'],
  ],
});
const service = openLabel('service', { help: 'the AWS service that has a quota', atMost: 40 });
const account = openLabel('account', { help: 'the AWS account that is audited', atMost: 20 });
const job = openLabel('job', { help: 'the scrape job', atMost: 20 });

const scans = counter({
  name: 'cloudgov_scans_total',
  help: 'Scans that ended, one for each domain of an audit.',
  unit: '{scan}',
  labels: [domain, outcome],
});

export const cloudgov = defineCatalogue({
  name: 'cloudgov',
  recordedBy: 'others',
  targetLabels: [account, job],
  scope: { job: 'cloudgov' },
  metrics: {
    scans,
    duration: histogram({
      name: 'cloudgov_scan_duration_seconds',
      help: 'How long scans took.',
      unit: 'seconds',
      labels: [domain],
      bounds: [1, 5, 15, 60, 300, 900],
    }),
    findings: gauge({
      name: 'cloudgov_findings',
      help: 'Findings of the last scan of each domain that completed.',
      unit: '{finding}',
      labels: [domain, severity],
    }),
    lastAudit: gauge({
      name: 'cloudgov_last_audit_timestamp_seconds',
      help: 'When the last audit ended in which every domain completed, in seconds since 1970.',
      unit: 'seconds',
      labels: [],
    }),
    orphanCost: gauge({
      name: 'cloudgov_orphan_cost_usd',
      help: 'The estimated cost of orphaned resources, in dollars a month.',
      unit: 'usd',
      labels: [],
    }),
    quota: gauge({
      name: 'cloudgov_quota_utilization_ratio',
      help: 'The share of its quota that a service uses, of its quotas the highest.',
      unit: 'ratio',
      labels: [service],
    }),
    fixScripts: counter({
      name: 'cloudgov_fix_scripts_total',
      help: 'Scripts of remediations that were written.',
      unit: '{script}',
      labels: [domain],
    }),
    mcpCalls: counter({
      name: 'cloudgov_mcp_calls_total',
      help: 'Calls of MCP tools by agents.',
      unit: '{call}',
      labels: [tool, outcome],
    }),
    mcpDuration: histogram({
      name: 'cloudgov_mcp_call_duration_seconds',
      help: 'How long calls of MCP tools took.',
      unit: 'seconds',
      labels: [tool],
      bounds: [1, 5, 15, 60, 300, 900],
    }),
  },
});
