// Server-sent events. k6 has no stream: a request that times out gives what had come by then, and the next one
// goes on by Last-Event-ID at another server. So each VU hears all that it says, over many streams, once.
import exec from 'k6/execution';
import http from 'k6/http';
import { publish } from './chat.js';
import * as batuta from './lib.js';

const SUBJECT = 'sse';
const MESSAGES = Number(__ENV.STREAM_MESSAGES || 5);
const FIRST_STREAM_MILLIS = 1000;

// Of this VU.
let sequence = 0;
let streams = 0;
let channel = null;
let position = null;
const heard = new Set();

export function sse({ run, token }) {
  if (channel === null) {
    const name = `k6-${run}-sse-${exec.vu.idInTest}`;
    if (!batuta.create(SUBJECT, token, '/channels', { name })) {
      return;
    }
    channel = name;
  }
  if (position === null) {
    listen(token, FIRST_STREAM_MILLIS); // what is said before there is a position is not heard
    return;
  }
  const said = Array.from({ length: MESSAGES }, () => `${run}/sse/${exec.vu.idInTest}/${sequence++}`).filter(
    (text) => publish(SUBJECT, token, channel, text) !== null,
  );
  hearAll(token, said);
}

function hearAll(token, said) {
  const untilMillis = Date.now() + batuta.settings.patienceMillis;
  const missing = () => said.filter((text) => !heard.has(text));
  while (missing().length > 0 && Date.now() < untilMillis) {
    listen(token, batuta.settings.streamMillis);
  }
  batuta.miss(SUBJECT, missing().length, `not heard in ${channel}: ${missing().join(', ')}`);
  said.forEach((text) => heard.delete(text));
}

/** One stream of some seconds, at each time another server. */
function listen(token, millis) {
  const { servers } = batuta.settings;
  const server = servers[(batuta.home() + streams++) % servers.length];
  const url = `${server}/api/v1/events?types=messages,coordinator&channel=${encodeURIComponent(channel)}`;
  const headers = { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' };
  if (position !== null) {
    headers['Last-Event-ID'] = position;
  }
  const response = http.get(url, {
    headers,
    timeout: millis,
    tags: { name: 'GET /events' },
    responseCallback: http.expectedStatuses(0, 200),
  });
  take(response.body || '');
}

/** Takes the whole events of a stream; one that was cut off comes again in the next one. */
function take(stream) {
  stream
    .split('\n\n')
    .slice(0, -1)
    .map(fields)
    .filter((event) => event.id)
    .forEach((event) => {
      position = event.id;
      if (event.event === 'messages') {
        const { text } = JSON.parse(event.data);
        batuta.surplus(SUBJECT, heard.has(text) ? 1 : 0, `${text} came again`);
        heard.add(text);
      }
    });
}

function fields(event) {
  const found = {};
  event.split('\n').forEach((line) => {
    const colon = line.indexOf(': ');
    if (colon > 0) {
      found[line.slice(0, colon)] = line.slice(colon + 2);
    }
  });
  return found;
}
