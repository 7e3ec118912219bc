// Publications: each acknowledged one has to be in the history of every server at the end, once.
import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import * as batuta from './lib.js';

const SUBJECT = 'chat';
const CHANNELS = Number(__ENV.CHANNELS || 4);
const COMPARE_EVERY_SECONDS = 2;

let sequence = 0; // of this VU

export function prepareChat({ run, token }) {
  batuta.create(SUBJECT, token, '/users', { name: batuta.settings.user });
  for (let number = 0; number < CHANNELS; number++) {
    batuta.create(SUBJECT, token, '/channels', { name: `k6-${run}-${number}` });
  }
}

export function chat({ run, token }) {
  const vu = exec.vu.idInTest;
  const channel = `k6-${run}-${vu % CHANNELS}`;
  publish(SUBJECT, token, channel, `${run}/chat/${vu}/${sequence++}`);
}

/**
 * Publishes a text that is its own key, so that who reads it knows which one it is.
 *
 * @return the message, or null when it is not acknowledged
 */
export function publish(subject, token, channel, text) {
  const url = (server) => `${server}/api/v1/channels/${encodeURIComponent(channel)}/messages`;
  const given = batuta.params(token, 'POST /channels/{name}/messages', { key: text });
  const body = JSON.stringify({ text });
  const beganMillis = Date.now();
  const response = batuta.known(subject, (server) => http.post(url(server), body, given));
  if (response === null) {
    return null;
  }
  batuta.ackMillis.add(Date.now() - beganMillis, { subject });
  batuta.acknowledge(subject, 1);
  return JSON.parse(response.body);
}

/** All servers have the same messages of the run, whoever said them; they are given time to become equal. */
export function verifyMessages(data) {
  const channels = channelsOf(data);
  const readAll = () => batuta.settings.servers.map((server) => read(data, server, channels));
  const untilMillis = Date.now() + batuta.settings.patienceMillis;
  let copies = readAll();
  while (!equal(copies) && Date.now() < untilMillis) {
    sleep(COMPARE_EVERY_SECONDS);
    copies = readAll();
  }
  const all = new Set();
  copies.forEach((copy) => copy.texts.forEach((_, text) => all.add(text)));
  all.forEach((text) => batuta.find(subjectOf(text), 1));
  copies.forEach(({ texts }, number) => {
    const server = batuta.settings.servers[number];
    texts.forEach((count, text) => batuta.surplus(subjectOf(text), count - 1, `${text} at ${server}`));
    batuta.miss(SUBJECT, all.size - texts.size, `${server} lacks what another server has`);
  });
}

function subjectOf(text) {
  return text.split('/')[1];
}

function channelsOf({ run, token }) {
  const names = [];
  batuta.eachItem(
    (page) => batuta.get(SUBJECT, token, `/channels?${page}`, '/channels'),
    ({ name }) => name.startsWith(`k6-${run}-`) && names.push(name),
  );
  return names;
}

function equal(copies) {
  return copies.every((copy) => copy.whole && copy.texts.size === copies[0].texts.size);
}

/** The copy of one server: how often it has each text. */
function read({ token }, server, channels) {
  const texts = new Map();
  const given = batuta.params(token, 'GET /channels/{name}/messages');
  const whole = channels.every((channel) => {
    const path = `${server}/api/v1/channels/${encodeURIComponent(channel)}/messages`;
    return batuta.eachItem(
      (page) => {
        const response = http.get(`${path}?${page}`, given);
        return response.status === 200 ? response : null;
      },
      ({ text }) => texts.set(text, (texts.get(text) || 0) + 1),
    );
  });
  return { whole, texts };
}
