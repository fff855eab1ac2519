import type { Rule } from '../rule.js';

export const nameTaken: Rule = {
  severity: 'error',
  about:
    "A file next to the generated ones has a name that must be the resource's own: its kind and `metadata.name` in one namespace, the uid of a dashboard or a rule, or the name of an alert group in its folder. Kustomize refuses the second of a name; two of a uid overwrite each other in Grafana, every few minutes.",
  example: 'a hand-written board with `uid: shop-overview` next to the generated one',
  fix: 'delete or rename the other one',
  file: ({ path }, { taken }) =>
    taken
      .filter((each) => each.path === path)
      .map(({ name, other }) => ({
        found: `${name}, which ${other} has too`,
        fix: 'delete or rename the other one: kustomize refuses the second of a name, and two of a uid overwrite each other in Grafana',
      })),
};
