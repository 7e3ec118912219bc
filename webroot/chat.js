// The chat: channels and conversations, the history of one of them, and what is said while we listen.
import * as api from './api.js';
import { attribute, byId, h, keyed, text } from './dom.js';
import { clockTime, number, onLanguage, t } from './i18n.js';
import { isAdmin, onSession, session } from './session.js';

const KEPT = 300;
const PAGES = 100;
const PLACE = 'batuta.place';
const TALKS = 'batuta.talks';

let channels = [];
/** With whom we talk. The server lists channels, but no conversations: this tab remembers those that it has seen. */
let talks = remembered();
/** Where we are: # and a channel, or @ and a user. */
let current = sessionStorage.getItem(PLACE);
let messages = [];
let reading = false;
let names = [];
const unread = new Map();
/** A message without an answer goes again under the same key: shown once, however often it was sent. */
let unanswered = null;

export function mountChat() {
  byId('channel-form').addEventListener('submit', (event) => submitted(event, create));
  byId('talk-form').addEventListener('submit', (event) => submitted(event, talk));
  byId('chat-form').addEventListener('submit', (event) => submitted(event, say));
  byId('chat-log').addEventListener('scroll', () => atEnd() && (byId('newest').hidden = true), { passive: true });
  byId('newest').addEventListener('click', toEnd);
  onSession((now) => {
    messages = [];
    channels = [];
    talks = remembered();
    unread.clear();
    byId('chat-form').elements.user.value = isAdmin() ? now.user : '';
    draw();
    if (now) refreshChat();
  });
  onLanguage(draw);
  if (isAdmin()) byId('chat-form').elements.user.value = session().user;
  draw();
}

/** Reads channels and the history anew: at sign-in, and after a lost connection. */
export async function refreshChat() {
  if (!session()) return;
  try {
    channels = await all(api.channels);
    names = await all(api.users);
    const known = [...channels.map(({ name }) => `#${name}`), ...talks.map(({ name }) => `@${name}`)];
    await enter(known.includes(current) ? current : known[0] ?? null, false);
  } catch (problem) {
    fail(problem);
  }
}

/** To be said once the histories were read again: what came while the page did not listen is in them. */
export function placeLost() {
  if (session()) fail({ message: t('placeLost') });
}

/** A live message of any channel, or to us or by us. */
export function hear(message) {
  const place = placeOf(message);
  if (!place) return;
  remember(place);
  if (place !== current) {
    if (!isOwn(message.user)) unread.set(place, (unread.get(place) ?? 0) + 1);
    return drawPlaces();
  }
  const follow = atEnd() || isOwn(message.user);
  add([message]);
  drawLog();
  if (follow) toEnd();
  else byId('newest').hidden = false;
}

/** Where a message is read; nowhere if it is not ours: the browser's cookie may be of who signed in in another tab. */
function placeOf({ channel, from, to }) {
  if (channel !== undefined) return `#${channel}`;
  if (isOwn(from)) return `@${to}`;
  return isOwn(to) ? `@${from}` : null;
}

/** Whether a name is that of who signed in, who may be known as `name~2`. */
function isOwn(name) {
  const own = fold(session()?.user ?? '');
  return fold(name) === own || fold(name) === `${own}~2`;
}

/** What all spellings of a name have in common; the server knows it exactly. */
const fold = (name) => name.trim().normalize('NFC').toLowerCase().toUpperCase().toLowerCase();

function remembered() {
  try {
    const { user, names: kept } = JSON.parse(sessionStorage.getItem(TALKS));
    return user === session()?.user ? kept.map((name) => ({ name })) : [];
  } catch {
    return [];
  }
}

function remember(place) {
  const name = place.slice(1);
  const list = place[0] === '#' ? channels : talks;
  if (list.some((each) => each.name === name)) return;
  if (list === channels) channels = [...channels, { name }];
  else keepTalks([...talks, { name }]);
}

function keepTalks(kept) {
  talks = kept;
  sessionStorage.setItem(TALKS, JSON.stringify({ user: session()?.user, names: talks.map(({ name }) => name) }));
}

async function enter(place, focus = true) {
  if (place !== current) messages = [];
  current = place;
  unread.delete(place);
  if (place) sessionStorage.setItem(PLACE, place);
  reading = Boolean(place);
  draw();
  if (!place) return;
  if (focus) byId('chat-text').focus({ preventScroll: true });
  try {
    const found = await history(place);
    if (place !== current) return;
    add(found);
    byId('chat-error').hidden = true;
  } catch (problem) {
    if (place !== current) return;
    fail(problem);
  }
  reading = false;
  drawLog();
  toEnd();
}

async function history(place) {
  const name = place.slice(1);
  if (place[0] === '#') return all((after) => api.messages(name, after), KEPT);
  if (isAdmin()) await registered(session().user);
  return all((after) => api.conversation(name, after), KEPT);
}

/** All items of all pages, or the last `keep` of them (history is read from its beginning, there is no other way). */
async function all(page, keep = Infinity) {
  let found = [];
  let after = null;
  for (let pages = 0; pages < PAGES; pages++) {
    const answer = await page(after);
    found = [...found, ...answer.items].slice(-keep);
    after = answer.next ?? null;
    if (after === null) break;
  }
  return found;
}

/** In one place. Where two servers took one id for different texts at the same time, both are shown, under that id. */
const keyOf = ({ id, text: said }) => JSON.stringify([id, said]);

function add(more) {
  const known = new Map(messages.map((message) => [keyOf(message), message]));
  for (const message of more) known.set(keyOf(message), message);
  messages = [...known.values()].sort((a, b) => a.clock - b.clock || (a.origin < b.origin ? -1 : 1)).slice(-KEPT);
}

async function submitted(event, act) {
  event.preventDefault();
  byId('chat-error').hidden = true;
  try {
    await act(event.target.elements);
  } catch (problem) {
    fail(problem);
  }
}

async function create(fields) {
  const name = fields.name.value;
  const made = await api.createChannel(name);
  fields.name.value = '';
  const place = `#${made?.name ?? name}`;
  remember(place);
  await enter(place);
}

/** Opens the conversation with a user, by any spelling of its name. */
async function talk(fields) {
  const asked = fields.user.value;
  const find = () => names.find(({ name }) => fold(name) === fold(asked));
  if (!find()) names = await all(api.users);
  const found = find();
  if (!found) await history(`@${asked}`); // the server says why there is none
  fields.user.value = '';
  const place = `@${found?.name ?? asked}`;
  remember(place);
  await enter(place);
}

async function say(fields) {
  if (!current) return fields.text.focus();
  const place = current;
  const name = place.slice(1);
  const inChannel = place[0] === '#';
  const message = { text: fields.text.value };
  if (inChannel && isAdmin() && fields.user.value.trim()) message.user = await registered(fields.user.value.trim());
  const asked = JSON.stringify([place, message]);
  const key = unanswered?.asked === asked ? unanswered.key : api.newKey();
  try {
    const said = await (inChannel ? api.publish(name, message, key) : api.tell(name, message.text, key));
    unanswered = null;
    fields.text.value = '';
    if (said) nameKnown(said.user);
    if (said && place === current) add([said]);
    drawLog();
    toEnd();
  } catch (problem) {
    unanswered = problem.unknown ? { asked, key } : null;
    throw problem;
  }
}

/** An administrator speaks under any registered name; a new name is registered first. Which ones are the same the server knows. */
async function registered(name) {
  if (!names.some((each) => each.name === name)) {
    await api.createUser(name).catch((problem) => {
      if (problem.status !== 409) throw problem;
    });
  }
  return name;
}

function nameKnown(name) {
  if (!names.some((each) => each.name === name)) names = [...names, { name }];
}

function fail(problem) {
  text(byId('chat-error'), problem.message);
  byId('chat-error').hidden = false;
}

function draw() {
  drawPlaces();
  drawLog();
  byId('speak-as').hidden = !isAdmin() || current?.[0] === '@';
  keyed(byId('user-names'), names, (each) => each.name, (each) => h('option', { value: each.name }));
}

function drawPlaces() {
  keyed(byId('channels'), channels, ({ name }) => name, ({ name }) => placeButton(`#${name}`));
  keyed(byId('talks'), talks, ({ name }) => name, ({ name }) => placeButton(`@${name}`));
  byId('no-channels').hidden = channels.length > 0 || !session();
  byId('no-talks').hidden = talks.length > 0 || !session();
  const label = current ? t('message', { channel: current.slice(1) }) : t('noChannels');
  attribute(byId('chat-text'), 'placeholder', label);
  attribute(byId('chat-text'), 'aria-label', label);
}

function placeButton(place) {
  const name = place.slice(1);
  const count = h('span', { class: 'unread' });
  const kind = place[0] === '#' ? 'data-channel' : 'data-talk';
  const element = h('button', { type: 'button', [kind]: name, onclick: () => enter(place) }, name, count);
  return {
    element,
    update() {
      const n = unread.has(place) ? number(unread.get(place)) : '';
      attribute(element, 'aria-pressed', String(place === current));
      attribute(element, 'aria-label', n ? t('unread', { name, n }) : null);
      text(count, n);
    },
  };
}

function drawLog() {
  const log = byId('chat-log');
  keyed(log, messages, keyOf, entry);
  attribute(log, 'data-empty', messages.length ? null : current ? t(reading ? 'loadingMessages' : 'noMessages') : '');
}

function entry(message) {
  const clock = h('span', { class: 'clock' });
  const time = h('time', { datetime: message.time });
  const element = h('li', { 'data-message': message.id },
    h('span', { class: 'speaker-name' }, message.user), h('span', { class: 'stamp' }, clock, time, h('span', {}, message.origin ?? '')),
    h('p', {}, message.text));
  return {
    element,
    update(now) {
      attribute(element, 'data-own', isOwn(now.user));
      text(clock, `${t('clock')} ${number(now.clock)}`);
      text(time, clockTime(now.time));
    },
  };
}

function atEnd() {
  const log = byId('chat-log');
  return log.scrollHeight - log.scrollTop - log.clientHeight < 40;
}

function toEnd() {
  const log = byId('chat-log');
  log.scrollTop = log.scrollHeight;
  byId('newest').hidden = true;
}
