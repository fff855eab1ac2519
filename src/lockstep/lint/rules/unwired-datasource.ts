import { EXPRESSION_SOURCE } from '../../grafana/index.js';
import { valueAt } from '../model-texts.js';
import type { Rule } from '../rule.js';

const OF_GRAFANA = ['-- Grafana --', '-- Mixed --', '-- Dashboard --', EXPRESSION_SOURCE, 'grafana'];

export const unwiredDatasource: Rule = {
  severity: 'error',
  about:
    "A panel, query or rule names a datasource that is neither the target's nor a variable: it shows an error, or another Prometheus.",
  example: '`"datasource": { "uid": "prometheus-old" }`',
  fix: "name the target's datasource, or a variable of type datasource; a rule has no variables",
  board: ({ model, texts }, { config }) => {
    const { datasource } = config.target;
    const variables = (model.templating?.list ?? []).filter(({ type }) => type === 'datasource');
    const known = [datasource, ...variables.flatMap(({ name }) => [`$${name}`, `\${${name}}`]), ...OF_GRAFANA];
    return texts.flatMap(({ text, path }) => {
      if (path.at(-1) !== 'uid' || path.at(-2) !== 'datasource' || known.includes(text)) return [];
      // A board that stood already may name any datasource of another kind, such as Loki or Tempo.
      const { type = 'prometheus' } = (valueAt(model, path.slice(0, -1)) ?? {}) as { readonly type?: string };
      if (type !== 'prometheus' && type !== 'datasource') return [];
      return [
        {
          at: path,
          found: `datasource ${JSON.stringify(text)}, which nothing wires`,
          fix: `name ${JSON.stringify(datasource)} or a variable of type datasource`,
        },
      ];
    });
  },
  alert: ({ rule }, _, { config }) => {
    const { datasource } = config.target;
    return rule.data.flatMap(({ datasourceUid = '' }, index) =>
      datasourceUid === datasource || datasourceUid === EXPRESSION_SOURCE
        ? []
        : [
            {
              at: ['data', index, 'datasourceUid'],
              found: `datasource ${JSON.stringify(datasourceUid)}, which nothing wires`,
              fix: `name ${JSON.stringify(datasource)}: a rule has no variables`,
            },
          ],
    );
  },
};
