import type { LintRule } from 'lockstep-exporter/internal';

/** The documentation of a rule: `docs/lint.md` and `lockstep lint --explain` are made from it. */
export interface RuleText {
  /** The harm that the rule prevents. */
  readonly about: string;
  readonly example: string;
  readonly fix: string;
}

export const RULE_TEXTS: Readonly<Record<LintRule, RuleText>> = {
  'lint/undeclared-variable': {
    about:
      'A query, a variable or a datasource names a variable that the dashboard does not declare: Grafana sends the name itself, and nothing matches.',
    example: '`sum(x{phase="$phaze"})` on a board with `phase`',
    fix: 'declare it, or name one that is there',
  },
  'lint/unused-variable': {
    about: 'A dropdown that changes nothing.',
    example: '`region` among the variables, and in no query',
    fix: 'match a label with it, or drop it',
  },
  'lint/unwired-datasource': {
    about:
      "A panel, query or rule names a datasource that is neither the target's nor a variable: it shows an error, or another Prometheus.",
    example: '`"datasource": { "uid": "prometheus-old" }`',
    fix: "name the target's datasource, or a variable of type datasource; a rule has no variables",
  },
  'lint/no-unit': {
    about: 'A bare number is read in whatever unit the reader expects.',
    example: 'a panel without `fieldConfig.defaults.unit`',
    fix: 'give the unit; `short` for a plain count',
  },
  'lint/no-title': {
    about: 'A panel without a title.',
    example: '`"title": ""`',
    fix: 'name what is shown, in the words of the system',
  },
  'lint/no-description': {
    about: 'A panel that does not say what is seen and what to conclude from it.',
    example: '`"description": ""`',
    fix: 'say it',
  },
  'lint/no-legend': {
    about: 'A line or column without a name: Grafana shows the whole expression.',
    example: '`"legendFormat": ""`',
    fix: 'name it',
  },
  'lint/duplicate-title': {
    about:
      'Two panels of a board, or two rules of a group, with one title: a person who says it means either. Rule titles are unique in their folder.',
    example: 'two panels `Errors`',
    fix: 'tell them apart',
  },
  'lint/duplicate-id': {
    about: 'Two panels with one id: links, alerts and annotations find the first.',
    example: '`"id": 7` twice',
    fix: 'number them',
  },
  'lint/grid-overlap': {
    about: 'Two panels in one place: Grafana pushes one to where nobody laid it out.',
    example: 'both at `x: 0, y: 1`',
    fix: 'move one',
  },
  'lint/grid-overflow': {
    about: 'A panel that reaches over the 24 columns.',
    example: '`x: 18, w: 12`',
    fix: 'keep it within',
  },
  'lint/colour-only': {
    about: 'A stat or column whose state is its colour alone: one reader in twelve does not see it.',
    example: '`"textMode": "none"` on a stat',
    fix: 'show the value, or a text for it',
  },
  'lint/short-window': {
    about:
      '`rate`, `increase` and the like over fewer than four scrapes: one that is late, and there is no value. The builders `increase` and `rate` of lockstep need one sample, and are not meant.',
    example: '`rate(x[2m])` at `scrapeInterval` `1m`',
    fix: 'read at least four scrape intervals',
  },
  'lint/integer-le': {
    about: 'A bucket bound as a whole number: Prometheus 3 stores `1.0`, and the selector meets nothing.',
    example: '`x_bucket{le="1"}`',
    fix: 'match both spellings, or take `countAtMost()`',
  },
  'lint/averaged-ratio': {
    about: 'An average of ratios, or of latencies: it weighs a role with one session like one with a thousand.',
    example: '`avg(errors / total)`',
    fix: 'sum numerators and denominators, then divide; of latencies take `histogram_quantile` of summed buckets',
  },
  'lint/long-range': {
    about: 'A window of a week and more that is read again every few seconds, with what that costs in samples at most.',
    example: '30d on a board with `refresh: 30s`',
    fix: 'refresh less often, record the ratio, or exempt the panel with the reason',
  },
  'lint/many-lines': {
    about:
      'More than six lines lie over each other, as far as the catalogue knows the values of their labels. Nobody can tell them apart.',
    example: 'a time series of an error ratio by `phase`, of which there are eleven',
    fix: "show them as lanes (`type: 'state-timeline'`), stacked, or in a table",
  },
  'lint/silent-transport': {
    about:
      'A panel reads a metric that the program never hears of on some of its transports (`silentOn` in the catalogue), and its description does not name them. A reader there takes no data for nothing done.',
    example: "advisor calls, `silentOn: ['sdk']`, on a panel whose description does not say `sdk`",
    fix: 'say in the description where the panel stays empty, and why',
  },
  'lint/words': {
    about:
      'A title, legend, summary or description names a quantile, label, window, metric, threshold or number that its query does not have. A reader believes the words.',
    example: '`Advisor calls` over a query of revisions; `p95` over a quantile of 0.9; `in 6h` over a window of 5h',
    fix: 'correct the words or the query; derive both from one constant',
  },
  'lint/left-out-choice': {
    about:
      'A query does not match a variable of the board, although its metric has the label and the other queries of the panel, or at least half of the other panels of the row, match it. A reader who chooses a value takes every panel of the row to be about it.',
    example: '`rate(x[5m])` beside `rate(y{role=~"$role"}[5m])`',
    fix: 'match the label with the variable, or exempt the panel with the reason',
  },
  'lint/unchained-variable': {
    about:
      'A dropdown lists all values of its label, although an earlier one of the board has narrowed the series: a reader can choose two values that nothing has together.',
    example: "`labelVariable('role', { from: sessions })` after a variable `phase` of the same metric",
    fix: 'say `within: [phase]`, or put it first',
  },
  'lint/legend-label': {
    about:
      'A legend names a label that its query does not return: nothing stands in its place. A build refuses it on boards of lockstep; this is for boards that stood already.',
    example: '`{{pod}}` over `sum by (namespace) (up)`',
    fix: 'group the query by the label, or leave it out of the legend',
  },
  'lint/template-label': {
    about:
      'A text of an alert names a label that its expression does not return: the notification has a gap there. A build refuses it for alerts of lockstep; this is for rules that stood already.',
    example: '`{{ $labels.job }}` over `count by (namespace) (up == 0)`',
    fix: 'group the expression by the label, or leave it out of the text',
  },
  'lint/never-true': {
    about:
      'A comparison that no data can fulfil: the alert never fires, the panel stays empty. A build refuses it in queries of lockstep; this is for those that stood already.',
    example: '`count by (job) (up) == 0`: a count of nothing is nothing, and never 0',
    fix: 'compare with a value that can be, or ask `absent()`',
  },
  'lint/always-true': {
    about:
      'A comparison that all data fulfil: it says nothing. A build refuses it in queries of lockstep; this is for those that stood already.',
    example: '`count by (job) (up == 0) > 0`',
    fix: 'drop the comparison, or compare with a value that the left side can miss',
  },
  'lint/unchecked': {
    about:
      'lockstep did not look this query up: it reads a metric or label that the catalogue does not have, or it is not PromQL that lockstep can read. If the metric goes away, nobody is told.',
    example: '`unchecked: \'"http_request_total"\'` beside a query',
    fix: 'correct the query, or add to the catalogue what it reads, and take the reason out',
  },
  'lint/unused-metric': {
    about: 'A metric of the catalogue that no panel shows and no alert reads: recorded, shipped and stored for nobody.',
    example: '`restarts` in the catalogue only',
    fix: 'show it, alert on it, or drop it',
  },
  'lint/unrecorded-metric': {
    about:
      "A metric that is read, and that nothing in the system's `recordedIn` records: its panels show nothing for ever.",
    example: '`record.restarts` nowhere in `src/till.ts`',
    fix: 'record it, or drop what reads it',
  },
  'lint/uid': {
    about: 'A uid that Grafana or the CRD refuses.',
    example: '41 characters, or a dot',
    fix: '1 to 40 of `a-z A-Z 0-9 - _`',
  },
  'lint/title-length': {
    about: "A rule's title of more than 190 characters: the operator refuses the whole group.",
    example: 'a sentence as a title',
    fix: 'shorten it',
  },
  'lint/large': {
    about:
      'A resource above nine tenths of what can be applied: 262,144 bytes, which `kubectl apply` keeps in an annotation, or 1,400,000 with server-side apply (`target.apply`).',
    example: 'a board of 240 kB',
    fix: 'split it into facets',
  },
  'lint/immutable': {
    about:
      "A field that the CRDs refuse to change, to add or to take away (an alert group's `folderRef`, `folderUID` and `editable`, a dashboard's `uid`, the `instanceSelector` of both; `allowCrossNamespaceImport` where it is on) is not as it is checked in.",
    example: 'another `alertFolder` in the target; a board that was applied without `spec.uid`',
    fix: 'leave it, or delete the resource in the cluster first: docs/adopting.md has the order of steps',
  },
  'lint/name-taken': {
    about:
      "A file beside the generated ones has a name that must be the resource's own: its kind and `metadata.name` in one namespace, the uid of a dashboard or a rule, or the name of an alert group in its folder. Kustomize refuses the second of a name; two of a uid overwrite each other in Grafana, every few minutes.",
    example: 'a hand-written board with `uid: shop-overview` beside the generated one',
    fix: 'delete or rename the other one',
  },
  'lint/past-day': {
    about:
      'The day is past until which a metric was deprecated, or exposed under its former name too: it goes on to be recorded, stored and paid for.',
    example: "`renamedFrom: { name: 'shop_runs_total', until: '2026-10-01' }`, read in November",
    fix: 'drop the metric or the former name, or say a later day',
  },
  'lint/no-scope': {
    about:
      'Metrics that others record have no scope: a query adds up the series of everybody who has a metric of that name, in every namespace.',
    example: "`recordedBy: 'others'` without `scope`, for `http_requests_total`",
    fix: "declare the labels of the target and say which series are yours: `scope: { namespace: 'checkout' }`",
  },
  'lint/foreign-convention': {
    about:
      'The name or unit of a metric that others record breaks a convention of Prometheus. It is read as it is; this is advice to whoever records it.',
    example: '`http_request_duration_ms`, in milliseconds',
    fix: 'rename it where it is recorded, or exempt the metric with the reason',
  },
  'lint/unused-exemption': {
    about: 'An exemption whose finding is gone: the next one would be passed over.',
    example: '`exempt` on a panel that was mended',
    fix: 'take it out',
  },
  'lint/exemption-without-reason': {
    about: 'An exemption that says nothing.',
    example: "`{ 'lint/long-range': '' }`",
    fix: 'say why it is meant to be',
  },
};
