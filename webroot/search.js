// Search in the chat: what was said in channels, and to or by who is signed in.
import * as api from './api.js';
import { attribute, byId, h, keyed, text } from './dom.js';
import { dateTime, number, onLanguage, t } from './i18n.js';
import { onSession } from './session.js';

const KEPT = 500;

let query = '';
let found = [];
let next = null;
let behind = 0;
let turn = 0;

export function mountSearch() {
  byId('search-form').addEventListener('submit', (event) => {
    event.preventDefault();
    query = event.target.elements.q.value;
    found = [];
    next = null;
    read();
  });
  byId('more-found').addEventListener('click', read);
  byId('close-found').addEventListener('click', close);
  onSession(close);
  onLanguage(draw);
}

function close() {
  turn++;
  query = '';
  found = [];
  byId('search-answer').hidden = true;
}

/** The next page; an answer to what is not asked any more shows nothing. */
async function read() {
  const asked = query;
  const after = next;
  const mine = ++turn;
  byId('chat-error').hidden = true;
  try {
    const page = await api.search(asked, after);
    if (mine !== turn) return;
    found = [...found, ...page.items].slice(0, KEPT);
    next = found.length < KEPT ? page.next : null;
    behind = page.behind;
    byId('search-answer').hidden = false;
    draw();
  } catch (problem) {
    if (mine !== turn) return;
    text(byId('chat-error'), problem.message);
    byId('chat-error').hidden = false;
  }
}

function draw() {
  keyed(byId('found'), found, ({ id, text: said }) => JSON.stringify([id, said]), entry);
  attribute(byId('found'), 'data-empty', found.length ? null : t('noneFound'));
  byId('more-found').hidden = next === null;
  byId('search-behind').hidden = behind === 0;
  text(byId('search-behind'), t('searchBehind', { n: number(behind) }));
}

function entry(message) {
  const time = h('time', { datetime: message.time });
  const place = message.channel === undefined ? `@${message.from} > @${message.to}` : `#${message.channel}`;
  const element = h('li', { 'data-message': message.id },
    h('span', { class: 'speaker-name' }, message.user), h('span', { class: 'stamp' }, h('span', {}, place), time),
    h('p', {}, message.text));
  return {
    element,
    update(now) {
      text(time, dateTime(now.time));
    },
  };
}
