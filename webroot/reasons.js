// Why the coordinator changed, and why a task is DEAD, in words.
import { languageTag, number, t, translated } from './i18n.js';

// The error of a DEAD task is kept as a sentence, without a code: the known sentences are translated.
const TASK_ERRORS = [
  [/^no result within (\d+) ms$/, (millis) => `sem resultado em ${millis} ms`],
  [/^the worker registered anew$/, () => 'o worker se registrou de novo'],
  [/^the worker left$/, () => 'o worker saiu'],
  [/^the worker has a newer registration$/, () => 'o worker tem um registro mais novo'],
  [/^the worker was silent$/, () => 'o worker ficou em silêncio'],
  [/^the server that ran it is gone$/, () => 'o servidor que a executava caiu'],
  [/^see the task$/, () => 'veja a tarefa'],
  [/^its end was refused$/, () => 'seu fim foi recusado'],
];

function inPortuguese(error) {
  for (const [form, say] of TASK_ERRORS) {
    const found = form.exec(error);
    if (found) return say(...found.slice(1));
  }
  return error;
}

/** Who took or lost the baton. */
export function what({ previous, coordinator, acting }) {
  if (!coordinator) return t('freed', { previous: previous ?? '–' });
  if (acting) return t('acted', { coordinator });
  if (!previous || previous === coordinator) return t('took', { coordinator });
  return t('changed', { previous, coordinator });
}

/** The epoch, and the reason. */
export function why({ coordinator, epoch, reason, reasonCode, reasonArguments }) {
  const told = reasoned(reasonCode, reasonArguments) ?? reason;
  return [coordinator && `${t('epoch')} ${number(epoch)}`, told].filter(Boolean).join(' · ');
}

/** The sentence of a code; nothing where this language has none, such as English, in which servers say it themselves. */
function reasoned(code, places = []) {
  if (code !== 'let-go') return translated(`reason.${code}`, places);
  const [server, inner, ...rest] = places;
  const within = reasoned(inner, rest);
  return within && translated('reason.let-go', [server, within]);
}

/** The error of a task in the language of the page. */
export const said = (error) => (error && languageTag() === 'pt-BR' ? inPortuguese(error) : error);
