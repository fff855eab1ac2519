import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { State } from './protocol.js';

/** The files that a browser loads. */
export interface PageFiles {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

/** The page as it was bundled beside the command. */
export function loadPage(): PageFiles {
  const read = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');
  return {
    script: read('./preview.js'),
    style: read('./preview.css'),
    html: htmlOf('<link rel="stylesheet" href="preview.css">', '<script type="module" src="preview.js"></script>'),
  };
}

/** By which a page is known as ours. */
export const PAGE_MARK = '<meta name="generator" content="lockstep preview">';

function htmlOf(head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
${PAGE_MARK}
<title>lockstep preview</title>
${head}
</head>
<body>
<div id="app"></div>
<noscript>The preview is drawn by a script.</noscript>
${body}
</body>
</html>
`;
}

/** Answers by the key of their request. */
export type Answers = Readonly<Record<string, unknown>>;

/**
 * The page in one file that opens without a server, with the state and every answer in it. It may load nothing at all.
 */
export function staticPage({ script, style }: PageFiles, state: State, answers: Answers): string {
  // A closing tag within a text would end the element that holds it.
  const data = JSON.stringify({ state, answers }).replaceAll('<', '\\u003c');
  const code = script.replaceAll('</script', '<\\/script');
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hash(code)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return htmlOf(
    `<meta http-equiv="content-security-policy" content="${policy}">\n<style>${style}</style>`,
    `<script type="application/json" id="lockstep-static">${data}</script>\n<script type="module">${code}</script>`,
  );
}
