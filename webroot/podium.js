// Who conducts: the name, the epoch, and the latest changes in words.
import { attribute, byId, h, keyed, text } from './dom.js';
import { clockTime, duration, number, t } from './i18n.js';
import { knownUntil, model, onChange } from './model.js';
import { what, why } from './reasons.js';

const CHANGES_SHOWN = 3;

export function mountPodium() {
  onChange(['coordinator'], draw);
  setInterval(drawAge, 1000);
}

function draw() {
  const { coordinator, epoch, acting, known } = model.coordinator;
  text(byId('coordinator'), known ? coordinator ?? t('nobody') : '…');
  text(byId('holds'), known ? t(coordinator ? (acting ? 'acts' : 'holds') : 'leaderless') : t('waiting'));
  text(byId('epoch'), epoch === null || epoch === undefined ? '–' : number(epoch));
  byId('acting').hidden = !(coordinator && acting);
  attribute(document.documentElement, 'data-leaderless', known && !coordinator);
  attribute(document.documentElement, 'data-acting', Boolean(coordinator && acting));
  document.title = coordinator ? `${coordinator} · Batuta` : 'Batuta';
  const latest = model.changes.slice(-CHANGES_SHOWN).reverse();
  byId('no-changes').hidden = latest.length > 0;
  keyed(byId('changes'), latest, keyOf, line);
  byId('history').hidden = model.changes.length <= CHANGES_SHOWN;
  keyed(byId('all-changes'), model.changes.toReversed(), keyOf, line);
  drawAge();
}

function drawAge() {
  const at = model.changes.at(-1)?.at;
  text(byId('since'), at ? t('since', { age: duration(knownUntil() - Date.parse(at)) }) : '');
}

const keyOf = (change) => `${change.at} ${change.epoch} ${change.coordinator} ${change.acting}`;

function line() {
  const time = h('time');
  const who = h('span', { class: 'what' });
  const reason = h('span', { class: 'why' });
  return {
    element: h('li', {}, time, who, reason),
    update(change) {
      attribute(time, 'datetime', change.at);
      text(time, clockTime(change.at));
      text(who, what(change));
      text(reason, why(change));
    },
  };
}
