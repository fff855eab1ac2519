import { expect, it, onTestFinished } from 'vitest';
import { readDocuments } from '../../src/lockstep/cli/documents.js';
import shopConfig from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

// A page of `documents` that is not there.

it.each([
  ['docs/chekout.md', 'did you mean "docs/checkout.md"?'],
  ['doc/checkout.md', 'correct the path in lockstep.config › documents, or take it out'],
  ['REDME.md', 'did you mean "README.md"?'],
  ['docs', 'correct the path in lockstep.config › documents, or take it out'],
])('%s is told with the page that was likely meant', async (path, fix) => {
  const folder = temporaryFolder({ 'docs/checkout.md': 'x', 'README.md': 'x', 'docs/notes.txt': 'x' }, onTestFinished);
  const { problems } = await readDocuments({ ...shopConfig, documents: [path] }, folder);
  expect(problems).toMatchObject([{ code: 'docs/unread', where: path, fix }]);
});
