import type { parser } from '@prometheus-io/lezer-promql';

/** A node of the tree that Prometheus' grammar gives of a text. */
export type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** In what a text is wrong; a problem of whatever uses it. */
export interface Slip {
  readonly code: string;
  readonly found: string;
  readonly fix: string;
}

export function sliceOf({ from, to }: Pick<SyntaxNode, 'from' | 'to'>, text: string): string {
  return text.slice(from, to);
}

/** The line of a text that a piece lies in, with carets below the piece. */
export function pieceOf(text: string, { from, to }: Pick<SyntaxNode, 'from' | 'to'>): string {
  const begin = text.lastIndexOf('\n', Math.max(0, from - 1)) + 1;
  const next = text.indexOf('\n', from);
  const line = text.slice(begin, next === -1 ? undefined : next);
  const length = Math.max(1, Math.min(to, begin + line.length) - from);
  const indent = ' '.repeat(11);
  return `${indent}${line}\n${indent}${' '.repeat(from - begin)}${'^'.repeat(length)}`;
}

/** The arguments of a call, from its body. */
export function argumentsOf(body: SyntaxNode | null): readonly SyntaxNode[] {
  const args: SyntaxNode[] = [];
  for (let child = body?.firstChild ?? null; child !== null; child = child.nextSibling)
    if (!['(', ')', ','].includes(child.name)) args.push(child);
  return args;
}
