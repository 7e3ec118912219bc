// Why the coordinator changed, and why a task is DEAD, in words. Servers give their reasons in English; the known ones
// are translated here, the rest is shown as it came.
import { languageTag, number, t } from './i18n.js';

const PORTUGUESE = [
  [/^(\S+) is silent$/, (who) => `${who} está em silêncio`],
  [/^(\S+) is gone$/, (who) => `${who} caiu`],
  [/^(\S+) let the baton go: (.+)$/, (who, why) => `${who} soltou a batuta: ${inPortuguese(why)}`],
  [/^(\S+) ranks better than (\S+)$/, (who, than) => `${who} tem posto melhor que ${than}`],
  [/^(\S+) ranks better$/, (who) => `${who} tem posto melhor`],
  [/^(\S+) no longer announces itself$/, (who) => `${who} já não se anuncia`],
  [/^the better-ranked did not announce itself$/, () => 'quem tem posto melhor não se anunciou'],
  [/^the database did not answer a claim$/, () => 'o banco de dados não respondeu a um pedido de época'],
  [/^the database is reached again$/, () => 'o banco de dados voltou'],
  [/^the database is not reached$/, () => 'o banco de dados está fora de alcance'],
  [/^its renewal of epoch (\d+) is overdue$/, (epoch) => `a renovação da época ${epoch} está atrasada`],
  [/^epoch (\d+) has been replaced$/, (epoch) => `a época ${epoch} foi substituída`],
  [/^epoch (\d+) is newer$/, (epoch) => `a época ${epoch} é mais nova`],
  [/^the claim was answered too late$/, () => 'a resposta ao pedido de época veio tarde demais'],
  [/^an operator asked for it$/, () => 'um operador pediu'],
  [/^(\S+) asked$/, (who) => `${who} pediu`],
  [/^stops$/, () => 'vai parar'],
  [/^started$/, () => 'começou a servir'],
  [/^none announced yet$/, () => 'ninguém se anunciou ainda'],
  [/^no result within (\d+) ms$/, (millis) => `sem resultado em ${millis} ms`],
  [/^the worker registered anew$/, () => 'o worker se registrou de novo'],
  [/^the worker left$/, () => 'o worker saiu'],
  [/^the worker has a newer registration$/, () => 'o worker tem um registro mais novo'],
  [/^the worker was silent$/, () => 'o worker ficou em silêncio'],
  [/^the server that ran it is gone$/, () => 'o servidor que a executava caiu'],
  [/^see the task$/, () => 'veja a tarefa'],
  [/^its end was refused$/, () => 'seu fim foi recusado'],
];

function inPortuguese(reason) {
  for (const [form, say] of PORTUGUESE) {
    const found = form.exec(reason);
    if (found) return say(...found.slice(1));
  }
  return reason;
}

/** Who took or lost the baton. */
export function what({ previous, coordinator, acting }) {
  if (!coordinator) return t('freed', { previous: previous ?? '–' });
  if (acting) return t('acted', { coordinator });
  if (!previous || previous === coordinator) return t('took', { coordinator });
  return t('changed', { previous, coordinator });
}

/** The epoch, and the reason. */
export function why({ coordinator, epoch, reason }) {
  return [coordinator && `${t('epoch')} ${number(epoch)}`, said(reason)].filter(Boolean).join(' · ');
}

/** A reason in the language of the page. */
export const said = (reason) => (reason && languageTag() === 'pt-BR' ? inPortuguese(reason) : reason);
