// WebSockets: the event-bus bridge, where a VU hears what it publishes, and the door of workers in any language.
import { sleep } from 'k6';
import exec from 'k6/execution';
import { WebSocket } from 'k6/websockets';
import { publish } from './chat.js';
import * as batuta from './lib.js';

const MESSAGES = Number(__ENV.SOCKET_MESSAGES || 20);
const PING_MILLIS = 5000;
const WORKER_MILLIS = Number(__ENV.WORKER_MILLIS || 5000);
const IDLE_MILLIS = 100;
const PAUSE_SECONDS = 0.5; // after a socket that failed: else a VU would try nothing but that while a server is away
const OPEN = 1; // the readyState in which a socket takes what is sent

// Of this VU.
let sequence = 0;
let channel = null;
let doorsTried = 0;

/** Publishes one message after another, each when the one before came over the socket. */
export function bridge({ run, token }) {
  const subject = 'bridge';
  const vu = exec.vu.idInTest;
  if (channel === null) {
    const name = `k6-${run}-bridge-${vu}`;
    if (!batuta.create(subject, token, '/channels', { name })) {
      return;
    }
    channel = name;
  }
  const server = batuta.settings.servers[(batuta.home() + sequence) % batuta.settings.servers.length];
  const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/eventbus/websocket`, null, {
    headers: { Authorization: `Bearer ${token}` },
    tags: { name: 'WS /eventbus' },
  });
  socket.binaryType = 'arraybuffer';
  const send = (frame) => socket.readyState === OPEN && socket.send(JSON.stringify(frame));
  let said = 0;
  let awaited = null;
  let saidMillis = 0;
  let ready = false;
  let ended = false;
  let late = 0;
  let ping = 0;

  const say = () => {
    const text = `${run}/bridge/${vu}/${sequence++}`;
    saidMillis = Date.now();
    if (said++ === MESSAGES || publish(subject, token, channel, text) === null) {
      socket.close();
      return;
    }
    awaited = text;
    late = setTimeout(() => {
      batuta.miss(subject, 1, `${text} did not come over the socket at ${server}`);
      socket.close();
    }, batuta.settings.patienceMillis);
  };

  const hear = ({ text }) => {
    clearTimeout(late);
    if (text !== awaited) {
      batuta.surplus(subject, 1, `${text} came over the socket at ${server}, ${awaited} was awaited`);
      socket.close();
      return;
    }
    awaited = null;
    batuta.deliveryMillis.add(Date.now() - saidMillis, { subject });
    say();
  };

  /** A socket has no position to go on from: what its server took along is in the history only. */
  const over = () => {
    clearInterval(ping);
    clearTimeout(late);
    if (said <= MESSAGES && !ended) {
      batuta.repeated.add(1, { subject, status: 'closed' });
    }
    ended = true;
  };

  socket.onopen = () => {
    ping = setInterval(() => send({ type: 'ping' }), PING_MILLIS);
    // Frames are taken in their order, and nodes begin with a state: once it comes, messages are heard.
    send({ type: 'register', address: 'events.messages', headers: {} });
    send({ type: 'register', address: 'events.nodes', headers: {} });
  };
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(textOf(data));
    if (frame.type === 'err') {
      console.warn(`${subject}: ${server}: ${JSON.stringify(frame)}`);
    } else if (frame.address === 'events.messages' && frame.body.channel === channel) {
      hear(frame.body);
    } else if (frame.address === 'events.nodes' && !ready) {
      ready = true;
      say();
    }
  };
  socket.onerror = ({ error }) => {
    console.warn(`${subject}: ${server}: ${error}`);
    over();
    sleep(PAUSE_SECONDS);
  };
  socket.onclose = over;
}

/** Frames of the bridge are binary, whatever they hold. */
function textOf(data) {
  if (typeof data === 'string') {
    return data;
  }
  const bytes = Array.from(new Uint8Array(data), (byte) => `%${byte.toString(16).padStart(2, '0')}`);
  return decodeURIComponent(bytes.join(''));
}

/** Takes tasks of the ledger and reports them, for some seconds; it leaves none behind. */
export function worker({ run }) {
  const subject = 'worker';
  const doors = batuta.settings.workerDoors;
  const door = doors[(exec.vu.idInTest + doorsTried) % doors.length];
  const me = { WORKER_UUID: `k6-${run}-${exec.vu.idInTest}` };
  const untilMillis = Date.now() + WORKER_MILLIS;
  const socket = new WebSocket(door, null, { tags: { name: 'WS workers' } });
  let askedMillis = 0;

  const send = (message) => {
    if (socket.readyState === OPEN) {
      askedMillis = Date.now();
      socket.send(JSON.stringify({ ...message, ...me }));
    }
  };
  const ask = () => {
    if (Date.now() < untilMillis) {
      send({ WORKER: 'ALIVE' });
    } else {
      socket.close();
    }
  };

  socket.onopen = ask;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    batuta.ackMillis.add(Date.now() - askedMillis, { subject });
    batuta.acknowledge(subject, 1, 0);
    if (message.TASK === 'QUERY' || message.TASK === 'UPDATE') {
      send({ STATUS: 'OK', TASK: message.TASK, TASK_ID: message.TASK_ID });
    } else if (message.STATUS === 'ACK') {
      ask();
    } else if (['NO_TASK', 'REDIRECT', 'RETURN'].includes(message.TASK)) {
      setTimeout(ask, IDLE_MILLIS);
    } else {
      batuta.complain(subject, `${door}: ${data}`);
      socket.close();
    }
  };
  socket.onerror = (event) => {
    doorsTried += 1;
    batuta.repeated.add(1, { subject, status: 'closed' });
    console.warn(`${subject}: ${door}: ${event.error}`);
    sleep(PAUSE_SECONDS);
  };
}
