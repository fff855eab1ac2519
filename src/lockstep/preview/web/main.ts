import type { BoardView, GroupView, ShownPanel, State, VariableModel } from '../protocol.js';
import type { View } from '../requests.js';
import { isChoice, momentOf, ownValues, secondsOf, valuesRequest } from '../requests.js';
import type { Address } from './address.js';
import { printAddress, readAddress } from './address.js';
import { groupElement } from './alerts.js';
import { boardElement } from './board.js';
import { changedPanels, changesElement } from './changes.js';
import { h } from './dom.js';
import { registerGrafana } from './frames.js';
import type { Asked } from './panel.js';
import { inspection, linkElement } from './panel.js';
import { openSource } from './source.js';
import { preferredMode, themeOf } from './theme.js';

registerGrafana();
const source = openSource();
const app = document.getElementById('app');
if (app === null) throw new Error('no place for the page');

let state: State;
let address: Address = readAddress(location.hash);
let stop = () => {};
let timer: ReturnType<typeof setTimeout> | undefined;
/** Counts drawings: what an earlier one still waits for is not shown any more. */
let drawing = 0;

const dialog = h('dialog', { class: 'inspector', 'aria-labelledby': 'inspector-title' });
const problems = h('div', { role: 'alert', class: 'problems-place' });
const top = h('header', { class: 'top' });
const tools = h('div', { class: 'tools' });
const content = h('main', { id: 'content', tabindex: -1 });
app.append(
  h(
    'a',
    {
      class: 'skip',
      href: '#content',
      click: (event) => {
        event.preventDefault();
        content.focus();
      },
    },
    'Skip to the board',
  ),
  top,
  problems,
  tools,
  content,
  dialog,
);

const RANGES = ['15m', '1h', '3h', '6h', '12h', '24h', '2d', '7d', '30d'];
const REFRESHES = ['off', '5s', '30s', '1m', '5m'];

async function begin(): Promise<void> {
  state = await source.state();
  source.follow(async () => {
    state = await source.state();
    await show(true);
  });
  window.addEventListener('hashchange', () => {
    const next = readAddress(location.hash);
    if (printAddress(next) === printAddress(address)) return;
    address = next;
    void show(false);
  });
  await show(false);
}

/** The view that the address names, or the first there is. */
function target(): BoardView | GroupView | undefined {
  const list: readonly (BoardView | GroupView)[] = address.page === 'alerts' ? state.groups : state.boards;
  return list.find((each) => nameOf(each) === address.name) ?? list[0];
}

function nameOf(view: BoardView | GroupView): string {
  return 'uid' in view ? view.uid : view.name;
}

function go(change: Partial<Address>): void {
  address = { ...address, ...change };
  history.replaceState(null, '', printAddress(address));
  void show(true);
}

/** @param keep whether the reader stays where they are */
async function show(keep: boolean): Promise<void> {
  drawing += 1;
  const own = drawing;
  clearTimeout(timer);
  const mode = address.theme ?? preferredMode();
  document.documentElement.dataset['theme'] = mode;
  const theme = themeOf(mode);
  const shown = target();
  const model = shown !== undefined && 'model' in shown ? shown.model : undefined;
  const now = state.now ?? Date.now() / 1000;
  const from = address.from ?? model?.time?.from ?? 'now-24h';
  const to = address.to ?? model?.time?.to ?? 'now';
  const refresh = address.refresh ?? (source.isStatic ? 'off' : (model?.refresh ?? '30s'));
  const end = momentOf(to, now) ?? now;
  const view: View = {
    from: Math.min(momentOf(from, now) ?? now - 21_600, end - 1),
    to: end,
    variables: address.variables,
  };
  showTop(shown, mode);
  showProblems();
  document.title = `${shown === undefined ? 'nothing to show' : 'title' in shown ? shown.title : `Alerts ${shown.name}`} · lockstep preview`;

  const variables = model?.templating?.list ?? [];
  await showTools(variables, view, from, refresh, own);
  if (own !== drawing) return;
  const place = keep ? window.scrollY : 0;
  const next = pageOf(shown, view, theme, model?.refresh);
  stop();
  stop = next.stop;
  content.replaceChildren(...next.elements);
  window.scrollTo(0, place);
  await next.load();
  if (own !== drawing) return;
  document.documentElement.dataset['drawn'] = String(own);
  const every = secondsOf(refresh);
  if (every !== undefined && !source.isStatic) timer = setTimeout(() => void show(true), 1000 * every);
}

interface Shown {
  readonly elements: readonly HTMLElement[];
  load(): Promise<void>;
  stop(): void;
}

function pageOf(
  shown: BoardView | GroupView | undefined,
  view: View,
  theme: ReturnType<typeof themeOf>,
  refresh: string | undefined,
): Shown {
  const nothing = { load: async () => {}, stop: () => {} };
  if (shown === undefined)
    return { ...nothing, elements: [h('p', { class: 'quiet' }, 'There is nothing to show: fix the problems above.')] };
  if (address.page === 'alerts' && 'rules' in shown) {
    const group = groupElement(shown, { source, view, theme });
    return { elements: [h('h1', {}, `Alerts: ${shown.name}`), group.element], load: group.load, stop: group.stop };
  }
  if (!('model' in shown)) return { ...nothing, elements: [] };
  const context = {
    source,
    board: shown.uid,
    view,
    scrapeSeconds: state.scrapeSeconds,
    refresh,
    theme,
    choose: (variable: string, value: string) => go({ variables: { ...address.variables, [variable]: [value] } }),
    inspect: (panel: ShownPanel, asked: readonly Asked[]) => openInspector(panel, asked, refresh),
  };
  const changed = changedPanels(shown.changes);
  if (address.page === 'changes') {
    const lists = [...state.boards, ...state.groups].map((each) => changesElement(each, state.against));
    const after = boardElement(shown.model, context, changed);
    const before = shown.before === undefined ? undefined : boardElement(shown.before, context, changed);
    return {
      elements: [
        h('h1', {}, 'Changes'),
        ...lists,
        h(
          'div',
          { class: 'side-by-side' },
          before !== undefined &&
            h(
              'section',
              { 'aria-label': 'As checked in' },
              h('h2', {}, `${shown.title}: as checked in`),
              before.element,
            ),
          h(
            'section',
            { 'aria-label': 'As it would be built' },
            h('h2', {}, `${shown.title}: as it would be built`),
            after.element,
          ),
        ),
      ],
      load: async () => {
        await Promise.all([before?.load(), after.load()]);
      },
      stop: () => {
        before?.stop();
        after.stop();
      },
    };
  }
  const board = boardElement(shown.model, context, changed);
  return {
    elements: [
      h('h1', {}, shown.title),
      h(
        'p',
        { class: 'about' },
        shown.model.description ?? '',
        ...(shown.model.links ?? []).flatMap((each) => [' ', linkElement(each)]),
      ),
      board.element,
    ],
    load: board.load,
    stop: board.stop,
  };
}

function showTop(shown: BoardView | GroupView | undefined, mode: 'dark' | 'light'): void {
  const link = (page: Address['page'], view: BoardView | GroupView, text: string) =>
    h(
      'a',
      {
        href: printAddress({
          ...address,
          page,
          name: nameOf(view),
          variables: page === 'alerts' ? {} : address.variables,
        }),
        'aria-current':
          address.page === page && shown !== undefined && nameOf(shown) === nameOf(view) ? 'page' : undefined,
      },
      text,
    );
  const [first] = state.boards;
  const changes = [...state.boards, ...state.groups].filter(({ status }) => status !== 'same').length;
  top.replaceChildren(
    h('strong', {}, 'lockstep'),
    h(
      'nav',
      { 'aria-label': 'Boards and alerts' },
      ...state.boards.map((board) => link('board', board, board.title)),
      ...state.groups.map((group) => link('alerts', group, `Alerts ${group.name}`)),
      first !== undefined && link('changes', first, `Changes (${changes})`),
    ),
    h('span', { class: 'source' }, state.source === undefined ? 'no data: no Prometheus was named' : state.source),
    h(
      'button',
      { type: 'button', click: () => go({ theme: mode === 'dark' ? 'light' : 'dark' }) },
      mode === 'dark' ? 'Light' : 'Dark',
    ),
  );
}

function showProblems(): void {
  const list = state.problems;
  problems.replaceChildren(
    ...(list.length === 0
      ? []
      : [
          h(
            'section',
            { class: 'problems', 'aria-label': 'Problems' },
            h(
              'h2',
              {},
              `${list.length} ${list.length === 1 ? 'problem' : 'problems'}; below is the last board that had none`,
            ),
            h(
              'ul',
              {},
              ...list.map((problem) =>
                h(
                  'li',
                  {},
                  h('code', {}, problem.code),
                  ' ',
                  placeOf(problem),
                  h('div', {}, `found ${problem.found}`),
                  problem.allowed !== undefined && h('div', {}, `allowed ${problem.allowed}`),
                  h('div', {}, `fix: ${problem.fix}`),
                ),
              ),
            ),
          ),
        ]),
  );
}

/** A line opens in the editor that the system knows for such addresses. */
function placeOf({ where, at }: State['problems'][number]): Node {
  if (at === undefined) return h('b', {}, where);
  const { file, line = 1, column = 1 } = at;
  const name = `${file.split('/').at(-1)}:${line}`;
  return h('span', {}, h('b', {}, where), ' ', h('a', { href: `vscode://file${file}:${line}:${column}` }, name));
}

async function showTools(
  variables: readonly VariableModel[],
  view: View,
  from: string,
  refresh: string,
  own: number,
): Promise<void> {
  const isOpen = new Set(
    [...tools.querySelectorAll('details[open]')].map((each) => (each as HTMLElement).dataset['variable']),
  );
  const dropdowns = await Promise.all(
    (address.page === 'alerts' ? [] : variables)
      .filter(isChoice)
      .map((variable) => variableElement(variable, variables, view, isOpen.has(variable.name))),
  );
  if (own !== drawing) return;
  const chosen = from.replace(/^now-/, '');
  const ranges = RANGES.includes(chosen) ? RANGES : [chosen, ...RANGES];
  const focused =
    document.activeElement instanceof HTMLElement && tools.contains(document.activeElement)
      ? document.activeElement.dataset['key']
      : undefined;
  tools.replaceChildren(
    ...dropdowns,
    h(
      'label',
      {},
      'Range ',
      h(
        'select',
        {
          'data-key': 'range',
          disabled: source.isStatic,
          change: (event) => go({ from: `now-${(event.target as HTMLSelectElement).value}`, to: 'now' }),
        },
        ...ranges.map((each) => h('option', { value: each, selected: each === chosen }, `last ${each}`)),
      ),
    ),
    h(
      'label',
      {},
      'Refresh ',
      h(
        'select',
        {
          'data-key': 'refresh',
          disabled: source.isStatic,
          change: (event) => go({ refresh: (event.target as HTMLSelectElement).value }),
        },
        ...[...new Set([refresh, ...REFRESHES])].map((each) =>
          h('option', { value: each, selected: each === refresh }, each),
        ),
      ),
    ),
    ...(source.isStatic ? [h('span', { class: 'quiet' }, `as of ${new Date(1000 * view.to).toLocaleString()}`)] : []),
  );
  if (focused !== undefined) tools.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
}

async function variableElement(
  variable: VariableModel,
  all: readonly VariableModel[],
  view: View,
  isOpen: boolean,
): Promise<HTMLElement> {
  const request = valuesRequest(variable, view, state.scrapeSeconds, all);
  const answer = request === undefined ? undefined : await source.values(request).catch(() => undefined);
  const values = [...(answer?.data ?? ownValues(variable))].sort((a, b) => a.localeCompare(b));
  const chosen = address.variables[variable.name] ?? [];
  const choose = (next: readonly string[]) => {
    const { [variable.name]: _, ...others } = address.variables;
    go({ variables: next.length === 0 ? others : { ...others, [variable.name]: next } });
  };
  const option = (text: string, key: string, checked: boolean, change: (on: boolean) => void) =>
    h(
      'label',
      {},
      h('input', {
        type: 'checkbox',
        checked,
        disabled: source.isStatic,
        'data-key': key,
        change: (event) => change((event.target as HTMLInputElement).checked),
      }),
      ` ${text}`,
    );
  const title = variable.label ?? variable.name;
  return h(
    'details',
    { class: 'variable', 'data-variable': variable.name, open: isOpen },
    h(
      'summary',
      { 'data-key': `${variable.name}-summary` },
      `${title}: ${chosen.length === 0 ? 'All' : chosen.join(', ')}`,
    ),
    h(
      'fieldset',
      {},
      h('legend', {}, title),
      option('All', `${variable.name}-all`, chosen.length === 0, () => choose([])),
      ...[...new Set([...values, ...chosen])].map((value) =>
        option(value, `${variable.name}=${value}`, chosen.includes(value), (on) =>
          choose(on ? [...chosen, value] : chosen.filter((each) => each !== value)),
        ),
      ),
      answer?.status === 'error' && h('p', { class: 'trouble' }, answer.error ?? 'no answer'),
    ),
  );
}

function openInspector(panel: ShownPanel, asked: readonly Asked[], refresh: string | undefined): void {
  dialog.replaceChildren(
    h(
      'header',
      {},
      h('h2', { id: 'inspector-title' }, panel.title),
      h('button', { type: 'button', autofocus: true, click: () => dialog.close() }, 'Close'),
    ),
    ...inspection(panel, asked, refresh),
  );
  dialog.showModal();
}

begin().catch((error: Error) => {
  app.replaceChildren(h('p', { class: 'trouble', role: 'alert' }, `✕ ${error.message}`));
});
