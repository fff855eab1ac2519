import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RULES } from '../../src/lockstep/lint/rules/index.js';
import { wrapped } from '../wrapped.js';

// docs/lint.md: its first part is written by hand, the table and the sections are made here from the rules' own texts.
// `npx vitest run --project fast test/lint/docs.test.ts -u` writes them.

const PAGE = new URL('../../docs/lint.md', import.meta.url);
const TABLE = '| rule | severity |';
it('has a row and a section for each rule', async () => {
  const [byHand = ''] = readFileSync(PAGE, 'utf8').split(TABLE);
  const rules = Object.entries(RULES);
  const rows = rules.map(([id, { severity }]) => `| [${id}](#${id.replace('/', '')}) | ${severity} |`);
  const sections = rules.map(([id, { about, example, fix }]) =>
    [`## ${id}`, '', wrapped(about), '', wrapped(`- Example: ${example}`, '  '), wrapped(`- Fix: ${fix}`, '  ')].join(
      '\n',
    ),
  );
  const page = `${byHand}${[TABLE, '| --- | --- |', ...rows].join('\n')}\n\n${sections.join('\n\n')}\n`;
  await expect(page).toMatchFileSnapshot(PAGE.pathname);
});
