// Where clients come into each node, and what went through, for those who have signed in. There are no events of it, so it
// is read again and again.
import * as api from './api.js';
import { attribute, byId, h, keyed, text } from './dom.js';
import { number, onLanguage, t, translated } from './i18n.js';
import { onSession, session } from './session.js';

const EVERY_MILLIS = 5_000;

let doors = [];
let silent = [];

export function mountDoors() {
  setInterval(() => document.hidden || refresh(), EVERY_MILLIS);
  document.addEventListener('visibilitychange', () => document.hidden || refresh());
  onSession(refresh);
  onLanguage(draw);
  refresh();
}

async function refresh() {
  if (!session()) return;
  try {
    const answer = await api.doors();
    doors = answer.items;
    silent = answer.silent;
  } catch {
    // The connection line tells that there is no answer, and what is shown is of before.
    return;
  }
  draw();
}

function draw() {
  keyed(byId('door-rows'), doors, (door) => `${door.node} ${door.name}`, row);
  byId('no-doors').hidden = doors.length > 0;
  byId('silent-doors').hidden = silent.length === 0;
  text(byId('silent-doors'), t('silentDoors', { nodes: silent.join(', ') }));
}

function row() {
  const name = h('span', { class: 'name' });
  const node = h('span', { class: 'under' });
  const address = h('span');
  const protocol = h('span', { class: 'under' });
  const cell = { address: h('td', {}, address, protocol), connections: n(), received: n(), sent: n(), refused: h('td', { class: 'refused' }) };
  const element = h('tr', {}, h('th', { scope: 'row' }, name, node), ...Object.values(cell));
  return {
    element,
    update(door) {
      attribute(element, 'data-door', `${door.node}/${door.name}`);
      text(name, door.name);
      text(node, door.node);
      text(address, door.address);
      text(protocol, protocolOf(door));
      for (const key of ['connections', 'received', 'sent']) text(cell[key], number(door[key]));
      const reasons = Object.entries(door.refused).sort(([, a], [, b]) => b - a);
      text(cell.refused, reasons.map(([reason, count]) => `${reason} ${number(count)}`).join(', ') || '–');
      for (const key of Object.keys(cell)) {
        attribute(cell[key], 'data-label', t(key));
        attribute(cell[key], 'data-empty', cell[key].textContent === '–');
      }
    },
  };
}

/** In the language of the page where it knows this door, else in the node's own words. */
function protocolOf(door) {
  const words = translated(`protocol.${door.name}`);
  return words ? words + (door.protocol.endsWith(', TLS') ? ', TLS' : '') : door.protocol;
}

const n = () => h('td', { class: 'n' });
