/** A phase of the factory: the folder of fab that defines the role. `unknown` is the phase of {@link UNKNOWN_ROLE}. */
export const PHASES = [
  'discovery',
  'design',
  'build',
  'verify',
  'ship',
  'operate',
  'customer',
  'business',
  'system-curators',
  'staff',
  'lab',
  'unknown',
] as const;
export type Phase = (typeof PHASES)[number];

/** A group of roles. `unknown` is the group of {@link UNKNOWN_ROLE}. */
export const GROUPS = ['factory', 'firm', 'lab', 'unknown'] as const;
export type Group = (typeof GROUPS)[number];

/** The name of a role that is not in the roster. */
export const UNKNOWN_ROLE = 'unknown';

/**
 * fab's roster: each role with its phase and its group, in fab's own order. fab keeps the group as a field of the
 * roster entry and the phase as the folder that defines the role.
 */
export const ROSTER = {
  'intake-analyst': { phase: 'discovery', group: 'factory' },
  product: { phase: 'discovery', group: 'factory' },
  'product-research-curator': { phase: 'discovery', group: 'factory' },
  'design-lead': { phase: 'design', group: 'factory' },
  'ux-engineer': { phase: 'design', group: 'factory' },
  'accessibility-engineer': { phase: 'design', group: 'factory' },
  'ux-writer': { phase: 'design', group: 'factory' },
  'react-engineer': { phase: 'build', group: 'factory' },
  'next-engineer': { phase: 'build', group: 'factory' },
  'mobile-engineer': { phase: 'build', group: 'factory' },
  'node-engineer': { phase: 'build', group: 'factory' },
  'python-engineer': { phase: 'build', group: 'factory' },
  'go-engineer': { phase: 'build', group: 'factory' },
  'rag-engineer': { phase: 'build', group: 'factory' },
  'agent-engineer': { phase: 'build', group: 'factory' },
  'eval-engineer': { phase: 'build', group: 'factory' },
  'bedrock-curator': { phase: 'build', group: 'factory' },
  'claude-curator': { phase: 'build', group: 'factory' },
  'postgres-engineer': { phase: 'build', group: 'factory' },
  'opensearch-engineer': { phase: 'build', group: 'factory' },
  'dynamodb-curator': { phase: 'build', group: 'factory' },
  'aws-curator': { phase: 'build', group: 'factory' },
  'opentofu-engineer': { phase: 'build', group: 'factory' },
  'terragrunt-engineer': { phase: 'build', group: 'factory' },
  'landing-zone-curator': { phase: 'build', group: 'factory' },
  'eks-curator': { phase: 'build', group: 'factory' },
  'kubernetes-engineer': { phase: 'build', group: 'factory' },
  'helm-engineer': { phase: 'build', group: 'factory' },
  'kustomize-engineer': { phase: 'build', group: 'factory' },
  'karpenter-curator': { phase: 'build', group: 'factory' },
  'argocd-curator': { phase: 'build', group: 'factory' },
  'eks-gitops-curator': { phase: 'build', group: 'factory' },
  'kyverno-engineer': { phase: 'build', group: 'factory' },
  'cert-manager-curator': { phase: 'build', group: 'factory' },
  'secrets-engineer': { phase: 'build', group: 'factory' },
  'observability-engineer': { phase: 'build', group: 'factory' },
  'keda-engineer': { phase: 'build', group: 'factory' },
  'eks-agent-platform-curator': { phase: 'build', group: 'factory' },
  'kubebuilder-engineer': { phase: 'build', group: 'factory' },
  'fidelity-engineer': { phase: 'verify', group: 'factory' },
  'pr-reviewer': { phase: 'verify', group: 'factory' },
  'qa-security': { phase: 'verify', group: 'factory' },
  'build-verifier': { phase: 'verify', group: 'factory' },
  'artifact-auditor': { phase: 'verify', group: 'factory' },
  'compliance-curator': { phase: 'verify', group: 'factory' },
  'release-manager': { phase: 'ship', group: 'factory' },
  'deploy-engineer': { phase: 'ship', group: 'factory' },
  'migration-engineer': { phase: 'ship', group: 'factory' },
  'ops-sre': { phase: 'operate', group: 'firm' },
  'ops-incident': { phase: 'operate', group: 'firm' },
  'ops-finops': { phase: 'operate', group: 'firm' },
  'ops-automation': { phase: 'operate', group: 'firm' },
  'cs-success': { phase: 'customer', group: 'firm' },
  'cs-support': { phase: 'customer', group: 'firm' },
  'cs-renewals': { phase: 'customer', group: 'firm' },
  'sales-lead': { phase: 'business', group: 'firm' },
  'sales-solutions': { phase: 'business', group: 'firm' },
  'sales-ops': { phase: 'business', group: 'firm' },
  'marketing-lead': { phase: 'business', group: 'firm' },
  'content-engineer': { phase: 'business', group: 'firm' },
  'seo-engineer': { phase: 'business', group: 'firm' },
  'brand-strategist': { phase: 'business', group: 'firm' },
  'lead-research-curator': { phase: 'business', group: 'firm' },
  'lead-outbound': { phase: 'business', group: 'firm' },
  'lead-events': { phase: 'business', group: 'firm' },
  'github-curator': { phase: 'system-curators', group: 'firm' },
  'jira-curator': { phase: 'system-curators', group: 'firm' },
  'notion-curator': { phase: 'system-curators', group: 'firm' },
  'slack-curator': { phase: 'system-curators', group: 'firm' },
  'linear-curator': { phase: 'system-curators', group: 'firm' },
  'figma-curator': { phase: 'system-curators', group: 'firm' },
  'stripe-curator': { phase: 'system-curators', group: 'firm' },
  'chief-of-staff': { phase: 'staff', group: 'firm' },
  'legal-curator': { phase: 'staff', group: 'firm' },
  'data-analyst': { phase: 'staff', group: 'firm' },
  'external-reviewer': { phase: 'lab', group: 'lab' },
  'prompt-optimizer': { phase: 'lab', group: 'lab' },
  learner: { phase: 'lab', group: 'lab' },
  unknown: { phase: 'unknown', group: 'unknown' },
} as const satisfies Readonly<Record<string, { readonly phase: Phase; readonly group: Group }>>;

export type Role = keyof typeof ROSTER;

export const ROLES = Object.keys(ROSTER) as readonly Role[];

/** The role of that name; `unknown` if the roster has none, as fab itself counts it. */
export function toRole(name: string | undefined): Role {
  return typeof name === 'string' && Object.hasOwn(ROSTER, name) ? (name as Role) : UNKNOWN_ROLE;
}

/** One field of every roster entry, by role. */
export function rosterField<Field extends 'phase' | 'group'>(
  field: Field,
): Readonly<Record<Role, (typeof ROSTER)[Role][Field]>> {
  return Object.fromEntries(ROLES.map((role) => [role, ROSTER[role][field]])) as Record<
    Role,
    (typeof ROSTER)[Role][Field]
  >;
}

/**
 * The roles that a merge gate runs, whatever its profile: `code` runs all four, `docs` the last two.
 * The release manager (phase `ship`) runs only after the gate has approved.
 */
export const GATE_ROLES = [
  'pr-reviewer',
  'build-verifier',
  'qa-security',
  'artifact-auditor',
] as const satisfies readonly Role[];
