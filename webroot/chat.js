// The chat: channels, the history of one of them, and what is said while we listen.
import * as api from './api.js';
import { attribute, byId, h, keyed, text } from './dom.js';
import { clockTime, number, onLanguage, t } from './i18n.js';
import { isAdmin, onSession, session } from './session.js';

const KEPT = 300;
const PAGES = 100;
const CHANNEL = 'batuta.channel';

let channels = [];
let current = sessionStorage.getItem(CHANNEL);
let messages = [];
let reading = false;
let names = [];
/** How the server spells our own name, once it has said so. */
let ownName = session()?.user ?? null;
const unread = new Map();
/** A message without an answer goes again under the same key: shown once, however often it was sent. */
let unanswered = null;

export function mountChat() {
  byId('channel-form').addEventListener('submit', (event) => submitted(event, create));
  byId('chat-form').addEventListener('submit', (event) => submitted(event, say));
  byId('chat-log').addEventListener('scroll', () => atEnd() && (byId('newest').hidden = true), { passive: true });
  byId('newest').addEventListener('click', toEnd);
  onSession((now) => {
    messages = [];
    channels = [];
    ownName = now?.user ?? null;
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
    if (isAdmin()) names = await all(api.users);
    const known = channels.map((channel) => channel.name);
    await enter(known.includes(current) ? current : known[0] ?? null, false);
  } catch (problem) {
    fail(problem);
  }
}

/** A live message of any channel. */
export function hear(message) {
  if (!channels.some((channel) => channel.name === message.channel)) channels = [...channels, { name: message.channel }];
  if (message.channel !== current) {
    unread.set(message.channel, (unread.get(message.channel) ?? 0) + 1);
    return drawChannels();
  }
  const follow = atEnd() || message.user === ownName;
  add([message]);
  drawLog();
  if (follow) toEnd();
  else byId('newest').hidden = false;
}

async function enter(name, focus = true) {
  if (name !== current) messages = [];
  current = name;
  unread.delete(name);
  if (name) sessionStorage.setItem(CHANNEL, name);
  reading = Boolean(name);
  draw();
  if (!name) return;
  if (focus) byId('chat-text').focus({ preventScroll: true });
  try {
    const found = await all((after) => api.messages(name, after), KEPT);
    if (name !== current) return;
    add(found);
    byId('chat-error').hidden = true;
  } catch (problem) {
    if (name === current) fail(problem);
  }
  reading = false;
  drawLog();
  toEnd();
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

function add(more) {
  const known = new Map(messages.map((message) => [message.id, message]));
  for (const message of more) known.set(message.id, message);
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
  const kept = made?.name ?? name;
  if (!channels.some((channel) => channel.name === kept)) channels = [...channels, { name: kept }];
  await enter(kept);
}

async function say(fields) {
  if (!current) return fields.text.focus();
  const message = { text: fields.text.value };
  if (isAdmin() && fields.user.value.trim()) message.user = await registered(fields.user.value.trim());
  const asked = JSON.stringify([current, message]);
  const key = unanswered?.asked === asked ? unanswered.key : api.newKey();
  const channel = current;
  try {
    const said = await api.publish(channel, message, key);
    unanswered = null;
    fields.text.value = '';
    if (said) spokenAs(said.user, message.user);
    if (said && channel === current) add([said]);
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

function spokenAs(name, asked) {
  if (!asked || asked === session()?.user) ownName = name;
  if (!names.some((each) => each.name === name)) names = [...names, { name }];
}

function fail(problem) {
  text(byId('chat-error'), problem.message);
  byId('chat-error').hidden = false;
}

function draw() {
  drawChannels();
  drawLog();
  byId('speak-as').hidden = !isAdmin();
  keyed(byId('user-names'), names, (each) => each.name, (each) => h('option', { value: each.name }));
}

function drawChannels() {
  keyed(byId('channels'), channels, (channel) => channel.name, channelButton);
  byId('no-channels').hidden = channels.length > 0 || !session();
  const label = current ? t('message', { channel: current }) : t('noChannels');
  attribute(byId('chat-text'), 'placeholder', label);
  attribute(byId('chat-text'), 'aria-label', label);
}

function channelButton({ name }) {
  const count = h('span', { class: 'unread' });
  const element = h('button', { type: 'button', 'data-channel': name, onclick: () => enter(name) }, name, count);
  return {
    element,
    update() {
      attribute(element, 'aria-pressed', String(name === current));
      text(count, unread.has(name) ? number(unread.get(name)) : '');
    },
  };
}

function drawLog() {
  const log = byId('chat-log');
  keyed(log, messages, (message) => message.id, entry);
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
      attribute(element, 'data-own', now.user === ownName);
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
