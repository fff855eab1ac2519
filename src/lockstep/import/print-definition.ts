import { quote } from './print-catalogue.js';

/** A line of what is written is not longer, where it can be broken. */
const WIDTH = 100;

/** A value as a person would write it in TypeScript: texts of several lines as they are, short objects on one line. */
export function printLiteral(value: unknown, indent = ''): string {
  if (typeof value === 'string') return printText(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined';
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((each) => printLiteral(each, inner))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => `${printKey(key)}: ${printLiteral(each, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return open + close;
  const gap = Array.isArray(value) ? '' : ' ';
  const line = `${open}${gap}${parts.join(', ')}${gap}${close}`;
  if (!line.includes('\n') && indent.length + line.length <= WIDTH) return line;
  return `${open}\n${parts.map((each) => `${inner}${each},\n`).join('')}${indent}${close}`;
}

function printText(text: string): string {
  const isPlain = !text.includes('\n') || /[\r\u2028\u2029]/.test(text);
  if (isPlain) return quote(text);
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}

function printKey(key: string): string {
  // As a plain key of a literal it would set the prototype.
  if (key === '__proto__') return "['__proto__']";
  return /^[a-zA-Z_$][\w$]*$/.test(key) ? key : quote(key);
}

/** The file of a board or of rules. */
export function printDefinition(
  builder: 'defineExistingBoard' | 'defineExistingRules' | 'defineExistingAlerts',
  constant: string,
  catalogue: string,
  from: string,
  data: object,
): string {
  const body = printLiteral(data).replace(/^\{\s*/, '');
  return `import { ${builder} } from 'lockstep/existing';
import { ${catalogue} } from '../catalogue.js';

// Imported by \`lockstep import\` from ${from.replaceAll(/[\r\n\u2028\u2029]/g, ' ')}.
export const ${constant} = ${builder}({
  catalogue: ${catalogue},
  ${body}`.replace(/\}$/, '});\n');
}
