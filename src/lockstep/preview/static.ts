import { placedModels } from '../panels/models.js';
import type { Answers } from './page.js';
import type { BoardView, EmptyQuery, GroupView, State } from './protocol.js';
import type { ApiRequest, View } from './requests.js';
import {
  alertStep,
  annotationRequest,
  momentOf,
  partStep,
  queryRequest,
  rangeRequest,
  requestKey,
  valuesRequest,
} from './requests.js';

/** The answers of a page that has no server. */
export interface Answerer {
  query(request: ApiRequest): Promise<unknown>;
  values(request: ApiRequest): Promise<unknown>;
  why(query: EmptyQuery): Promise<string | undefined>;
}

/** The ranges that a page shows which says none of its own. */
const ALERTS_RANGE = 'now-24h';

/**
 * Every answer that the page of a state asks for, with all of each variable, over the range that each board begins
 * with.
 */
export async function collectAnswers(state: State & { readonly now: number }, answerer: Answerer): Promise<Answers> {
  const answers: Record<string, unknown> = {};
  const ask = async (request: ApiRequest, isValues = false) => {
    const key = requestKey(request);
    answers[key] ??= await (isValues ? answerer.values(request) : answerer.query(request));
  };
  for (const board of state.boards) await boardAnswers(board, state, ask, answerer, answers);
  for (const group of state.groups) await groupAnswers(group, state, ask);
  return answers;
}

type Ask = (request: ApiRequest, isValues?: boolean) => Promise<void>;

/** All of every variable, over the range that is shown first. */
function firstView(range: { readonly from: string; readonly to: string }, now: number): View {
  return { from: momentOf(range.from, now) ?? now, to: momentOf(range.to, now) ?? now, variables: {} };
}

async function boardAnswers(
  { uid, model, before }: BoardView,
  { now, scrapeSeconds }: State & { readonly now: number },
  ask: Ask,
  answerer: Answerer,
  answers: Record<string, unknown>,
): Promise<void> {
  const view = firstView(model.time ?? { from: 'now-6h', to: 'now' }, now);
  for (const shown of before === undefined ? [model] : [model, before]) {
    const variables = shown.templating?.list ?? [];
    for (const variable of variables) {
      const request = valuesRequest(variable, view, scrapeSeconds, variables);
      if (request !== undefined) await ask(request, true);
    }
    for (const each of shown.annotations?.list ?? [])
      await ask(annotationRequest(each, view, scrapeSeconds, variables));
    for (const { panel } of placedModels(shown))
      for (const target of panel.targets ?? []) {
        const request = queryRequest(panel, target, view, scrapeSeconds, variables);
        await ask(request);
        const result = (answers[requestKey(request)] as { data?: { result?: readonly unknown[] } }).data?.result;
        if (result !== undefined && result.length > 0) continue;
        const why = await answerer.why({
          board: uid,
          panel: panel.title,
          ref: target.refId,
          from: view.from,
          to: view.to,
        });
        if (why !== undefined) answers[`why?${uid}/${panel.title}/${target.refId}`] = why;
      }
  }
}

async function groupAnswers({ rules }: GroupView, { now }: State & { readonly now: number }, ask: Ask): Promise<void> {
  const view = firstView({ from: ALERTS_RANGE, to: 'now' }, now);
  for (const { expr, parts } of rules) {
    await ask(rangeRequest(expr, view, alertStep(view)));
    for (const part of parts) await ask(rangeRequest(part.expr, view, partStep(view)));
  }
}
