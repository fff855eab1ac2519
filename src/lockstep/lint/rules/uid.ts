import { UID_LENGTH } from '../../grafana/index.js';
import type { Rule } from '../rule.js';

const FIX = `give 1 to ${UID_LENGTH} characters of a-z A-Z 0-9 - _`;

export const uid: Rule = {
  severity: 'error',
  about: 'A uid that Grafana or the CRD refuses.',
  example: '41 characters, or a dot',
  fix: '1 to 40 of `a-z A-Z 0-9 - _`',
  board: ({ model: { uid = '' } }) =>
    isUid(uid) ? [] : [{ at: ['uid'], found: `uid ${JSON.stringify(uid)}`, fix: FIX }],
  alert: ({ rule: { uid } }) => (isUid(uid) ? [] : [{ at: ['uid'], found: JSON.stringify(uid), fix: FIX }]),
};

function isUid(uid: string): boolean {
  return /^[a-zA-Z0-9_-]+$/.test(uid) && uid.length <= UID_LENGTH;
}
