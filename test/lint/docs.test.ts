import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LINT_RULES } from '../../src/exporter/exempt.js';
import { RULE_TEXTS } from '../../src/lockstep/lint/texts.js';
import { wrapped } from '../wrapped.js';

// docs/lint.md: its first part is written by hand, the table and the sections are made here from the rules' own texts.
// `npx vitest run --project fast test/lint/docs.test.ts -u` writes them.

const PAGE = new URL('../../docs/lint.md', import.meta.url);
const TABLE = '| rule | severity |';
it('has a row and a section for each rule', async () => {
  const [byHand = ''] = readFileSync(PAGE, 'utf8').split(TABLE);
  const rows = Object.entries(LINT_RULES).map(([id, severity]) => `| [${id}](#${id.replace('/', '')}) | ${severity} |`);
  const sections = Object.entries(RULE_TEXTS).map(([id, { about, example, fix }]) =>
    [`## ${id}`, '', wrapped(about), '', wrapped(`- Example: ${example}`, '  '), wrapped(`- Fix: ${fix}`, '  ')].join(
      '\n',
    ),
  );
  expect(Object.keys(RULE_TEXTS)).toEqual(Object.keys(LINT_RULES));
  const page = `${byHand}${[TABLE, '| --- | --- |', ...rows].join('\n')}\n\n${sections.join('\n\n')}\n`;
  await expect(page).toMatchFileSnapshot(PAGE.pathname);
});
