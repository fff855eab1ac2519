import { RESERVED_WORDS } from './print-catalogue.js';

/** A system's name as the different files spell it. */
export interface SystemNames {
  /** Snake case, as metrics begin: `my_shop`. */
  readonly snake: string;
  /** As uids have it: `my-shop`. */
  readonly kebab: string;
  /** As alerts begin: `MyShop`. */
  readonly pascal: string;
  /** As a constant: `myShop`. */
  readonly camel: string;
  /** As a person reads it: `my shop`. */
  readonly words: string;
}

/** Uids may have 40 characters, and an alert's adds some to the name. */
export const LONGEST_NAME = 20;

/** Words of the language, and names that the files which are written import or declare. */
const TAKEN = new Set([
  ...RESERVED_WORDS,
  ...(
    'counter gauge histogram label operation result requests duration red dashboard alerts select query rate sum max ' +
    'instant compare increase traffic failed'
  ).split(' '),
]);

/** The words of a name, however it joins them, in lower case. */
export function wordsIn(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** The first letter of a word in upper case. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The names of a system, or nothing if no name can be made of the text. */
export function namesOf(text: string): SystemNames | undefined {
  if (/[^\w\s@/.-]/.test(text)) return undefined;
  const words = wordsIn(text.replace(/^@[^/]*\//, ''));
  const snake = words.join('_');
  if (!/^[a-z]/.test(snake) || snake.length > LONGEST_NAME) return undefined;
  const pascal = words.map(capital).join('');
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1);
  return {
    snake,
    kebab: words.join('-'),
    pascal,
    camel: TAKEN.has(camel) ? `${camel}System` : camel,
    words: words.join(' '),
  };
}
