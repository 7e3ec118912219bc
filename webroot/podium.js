// Who conducts: the name, the epoch, and the latest changes in words.
import { attribute, byId, h, keyed, text } from './dom.js';
import { clockTime, duration, number, t } from './i18n.js';
import { knownUntil, model, onChange } from './model.js';

const CHANGES_SHOWN = 3;

export function mountPodium() {
  onChange(['coordinator'], draw);
  setInterval(drawAge, 1000);
}

function draw() {
  const { coordinator, epoch, acting, known } = model.coordinator;
  text(byId('coordinator'), known ? coordinator ?? t('nobody') : '…');
  text(byId('holds'), known ? t(coordinator ? 'holds' : 'leaderless') : t('waiting'));
  text(byId('epoch'), epoch === null || epoch === undefined ? '–' : number(epoch));
  byId('acting').hidden = !(coordinator && acting);
  attribute(document.documentElement, 'data-leaderless', known && !coordinator);
  document.title = coordinator ? `${coordinator} · Batuta` : 'Batuta';
  const latest = model.changes.slice(-CHANGES_SHOWN).reverse();
  byId('no-changes').hidden = latest.length > 0;
  keyed(byId('changes'), latest, (change) => `${change.at} ${change.epoch} ${change.coordinator}`, line);
  drawAge();
}

function drawAge() {
  const at = model.changes.at(-1)?.at;
  text(byId('since'), at ? t('since', { age: duration(knownUntil() - Date.parse(at)) }) : '');
}

function line() {
  const time = h('time');
  const who = h('span', { class: 'what' });
  const why = h('span', { class: 'why' });
  return {
    element: h('li', {}, time, who, why),
    update(change) {
      attribute(time, 'datetime', change.at);
      text(time, clockTime(change.at));
      text(who, sentence(change));
      text(why, [change.coordinator && `${t('epoch')} ${number(change.epoch)}`, change.reason].filter(Boolean).join(' · '));
    },
  };
}

function sentence({ previous, coordinator }) {
  if (!coordinator) return t('freed', { previous: previous ?? '–' });
  if (!previous || previous === coordinator) return t('took', { coordinator });
  return t('changed', { previous, coordinator });
}
