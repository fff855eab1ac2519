import type { BoardView, GroupView } from '../protocol.js';
import { h } from './dom.js';

const WORDS = { same: 'as it is checked in', changed: 'changed', new: 'new: not checked in' } as const;

/** The fields in which a file is not what is checked in. */
export function changesElement({ path, status, changes }: BoardView | GroupView, against: string): HTMLElement {
  return h(
    'section',
    { class: 'changes' },
    h('h2', {}, path),
    h(
      'p',
      {},
      `${WORDS[status]}${status === 'changed' ? `, in ${changes.length} ${changes.length === 1 ? 'field' : 'fields'}` : ''} (compared with ${against})`,
    ),
    changes.length > 0 &&
      h(
        'div',
        { class: 'table', tabindex: 0, role: 'region', 'aria-label': `Changes in ${path}` },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h('tr', {}, ...['Field', 'Checked in', 'Would be built'].map((name) => h('th', { scope: 'col' }, name))),
          ),
          h(
            'tbody',
            {},
            ...changes.map(({ where, checkedIn, built }) =>
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, where === '' ? 'all of it' : where),
                h('td', {}, h('code', {}, print(checkedIn))),
                h('td', {}, h('code', {}, print(built))),
              ),
            ),
          ),
        ),
      ),
  );
}

function print(value: unknown): string {
  if (value === null) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 600 ? `${text.slice(0, 600)} …` : text;
}

/** The titles of the panels that have a changed field, other than their place. */
export function changedPanels(changes: readonly { readonly where: string }[]): ReadonlySet<string> {
  const titles = changes.flatMap(({ where }) => {
    const [, title, field] = /^panel (".*?(?<!\\)")(?: › (.*))?$/.exec(where) ?? [];
    return title === undefined || /^(id|gridPos.*)$/.test(field ?? '') ? [] : [JSON.parse(title) as string];
  });
  return new Set(titles);
}
