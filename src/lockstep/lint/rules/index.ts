import type { LintRule } from 'lockstep-exporter/internal';
import type { Rule } from '../rule.js';
import { allStates } from './all-states.js';
import { alwaysTrue } from './always-true.js';
import { averagedRatio } from './averaged-ratio.js';
import { colourOnly } from './colour-only.js';
import { duplicateId } from './duplicate-id.js';
import { duplicateTitle } from './duplicate-title.js';
import { exemptionWithoutReason } from './exemption-without-reason.js';
import { fewSamples } from './few-samples.js';
import { foreignConvention } from './foreign-convention.js';
import { gridOverflow } from './grid-overflow.js';
import { gridOverlap } from './grid-overlap.js';
import { immutable } from './immutable.js';
import { integerLe } from './integer-le.js';
import { large } from './large.js';
import { leftOutChoice } from './left-out-choice.js';
import { legendLabel } from './legend-label.js';
import { longRange } from './long-range.js';
import { manyLines } from './many-lines.js';
import { nameTaken } from './name-taken.js';
import { neverTrue } from './never-true.js';
import { noDescription } from './no-description.js';
import { noLegend } from './no-legend.js';
import { noScope } from './no-scope.js';
import { noTitle } from './no-title.js';
import { noUnit } from './no-unit.js';
import { pastDay } from './past-day.js';
import { percentOfShare } from './percent-of-share.js';
import { shortWindow } from './short-window.js';
import { silentTransport } from './silent-transport.js';
import { templateLabel } from './template-label.js';
import { titleLength } from './title-length.js';
import { uid } from './uid.js';
import { unchainedVariable } from './unchained-variable.js';
import { unchecked } from './unchecked.js';
import { undeclaredResource } from './undeclared-resource.js';
import { undeclaredVariable } from './undeclared-variable.js';
import { unrecordedMetric } from './unrecorded-metric.js';
import { unusedExemption } from './unused-exemption.js';
import { unusedMetric } from './unused-metric.js';
import { unusedVariable } from './unused-variable.js';
import { unwiredDatasource } from './unwired-datasource.js';
import { wideBucket } from './wide-bucket.js';
import { words } from './words.js';

/** The rules of `lockstep lint`, by id, in the order of docs/lint.md. */
export const RULES: { readonly [Id in LintRule]: Rule } = {
  'lint/undeclared-variable': undeclaredVariable,
  'lint/unused-variable': unusedVariable,
  'lint/unwired-datasource': unwiredDatasource,
  'lint/no-unit': noUnit,
  'lint/no-title': noTitle,
  'lint/no-description': noDescription,
  'lint/no-legend': noLegend,
  'lint/duplicate-title': duplicateTitle,
  'lint/duplicate-id': duplicateId,
  'lint/grid-overlap': gridOverlap,
  'lint/grid-overflow': gridOverflow,
  'lint/colour-only': colourOnly,
  'lint/short-window': shortWindow,
  'lint/few-samples': fewSamples,
  'lint/integer-le': integerLe,
  'lint/averaged-ratio': averagedRatio,
  'lint/wide-bucket': wideBucket,
  'lint/percent-of-share': percentOfShare,
  'lint/long-range': longRange,
  'lint/many-lines': manyLines,
  'lint/silent-transport': silentTransport,
  'lint/words': words,
  'lint/left-out-choice': leftOutChoice,
  'lint/unchained-variable': unchainedVariable,
  'lint/legend-label': legendLabel,
  'lint/template-label': templateLabel,
  'lint/never-true': neverTrue,
  'lint/always-true': alwaysTrue,
  'lint/unchecked': unchecked,
  'lint/unused-metric': unusedMetric,
  'lint/unrecorded-metric': unrecordedMetric,
  'lint/uid': uid,
  'lint/title-length': titleLength,
  'lint/large': large,
  'lint/immutable': immutable,
  'lint/name-taken': nameTaken,
  'lint/undeclared-resource': undeclaredResource,
  'lint/past-day': pastDay,
  'lint/no-scope': noScope,
  'lint/all-states': allStates,
  'lint/foreign-convention': foreignConvention,
  'lint/unused-exemption': unusedExemption,
  'lint/exemption-without-reason': exemptionWithoutReason,
};
