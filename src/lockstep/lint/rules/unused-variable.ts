import { DATASOURCE_VARIABLE } from '../../panels/names.js';
import type { Rule } from '../rule.js';

export const unusedVariable: Rule = {
  severity: 'warning',
  about: 'A dropdown that changes nothing.',
  example: '`region` among the variables, and in no query',
  fix: 'match a label with it, or drop it',
  board: ({ model, uses, definition }) => {
    const used = new Set(uses.map(({ name }) => name));
    return (model.templating?.list ?? []).flatMap(({ name = '' }, index) =>
      // The author of a definition has no say in the choice of the datasource.
      used.has(name) || (definition !== undefined && name === DATASOURCE_VARIABLE)
        ? []
        : [
            {
              owner: `variable ${name}`,
              at: ['templating', 'list', index, 'name'],
              found: `variable ${name}, which nothing uses`,
              fix: 'match a label with it, or drop it: a dropdown that changes nothing misleads',
            },
          ],
    );
  },
};
