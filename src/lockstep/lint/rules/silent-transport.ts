import { selectorsIn } from '../../promql/tree.js';
import type { Rule } from '../rule.js';

export const silentTransport: Rule = {
  severity: 'warning',
  about:
    'A panel reads a metric that the program never hears of on some of its transports (`silentOn` in the catalogue), and its description does not name them. A reader there takes no data for nothing done.',
  example: "advisor calls, `silentOn: ['sdk']`, on a panel whose description does not say `sdk`",
  fix: 'say in the description where the panel stays empty, and why',
  panel: ({ panel, definition }) => {
    const read = new Set(
      (definition?.queries ?? []).flatMap(({ node }) => selectorsIn(node)).map(({ metric }) => metric),
    );
    const words = (panel.description ?? '').split(/[^\w-]+/);
    return [...read].flatMap(({ name, silentOn = [] }) => {
      const unsaid = silentOn.filter((each) => !words.includes(each));
      if (unsaid.length === 0) return [];
      return [
        {
          at: ['description'],
          found: `nothing about ${unsaid.join(', ')}, where ${name} is never heard of`,
          fix: 'say in the description where the panel stays empty, and why: a reader takes no data for nothing done',
        },
      ];
    });
  },
};
