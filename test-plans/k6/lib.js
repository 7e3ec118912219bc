// What all plans share: settings, metrics, and requests that are repeated until their outcome is known.
import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

const cluster = __ENV.BATUTA_DATA ? JSON.parse(open(`${__ENV.BATUTA_DATA}/cluster.json`)) : null;

function list(text) {
  return text.split(',').map((each) => each.trim().replace(/\/$/, ''));
}

function workerDoors() {
  if (__ENV.WORKER_URLS) {
    return list(__ENV.WORKER_URLS);
  }
  const ports = cluster ? cluster.servers.map((server) => server.ports['workers-ws']) : [];
  return ports.filter(Boolean).map((port) => `ws://127.0.0.1:${port}`);
}

/** From the environment; README.md lists them. */
export const settings = {
  servers: cluster
    ? cluster.servers.map((server) => server.url)
    : list(__ENV.BATUTA_URLS || 'http://127.0.0.1:8080'),
  workerDoors: workerDoors(),
  user: __ENV.BATUTA_USER || 'admin',
  password: __ENV.BATUTA_PASSWORD || 'admin',
  patienceMillis: 1000 * Number(__ENV.PATIENCE_SECONDS || 120),
  batch: Number(__ENV.BATCH || 10),
  streamMillis: Number(__ENV.STREAM_MILLIS || 2000),
};

// Each has the tag `subject`. README.md says what they mean and which of them fail a run.
export const acknowledged = new Counter('acknowledged');
export const unaccounted = new Counter('unaccounted');
export const lost = new Counter('lost');
export const doubled = new Counter('doubled');
export const unknown = new Counter('unknown');
export const errors = new Counter('errors');
export const repeated = new Counter('repeated');
export const ackMillis = new Trend('ack_millis', true);
export const doneMillis = new Trend('done_millis', true);
export const deliveryMillis = new Trend('delivery_millis', true);

const COUNTERS = [acknowledged, unaccounted, lost, doubled, unknown, errors, repeated];
const REPEATABLE = [0, 429, 503, 504];
const REQUEST_TIMEOUT_MILLIS = 5000;
const PAUSE_SECONDS = 0.2;
const LONGEST_PAUSE_SECONDS = 5;

/** k6 passes a threshold over a metric without samples: with these, none is without. */
export function observe(subjects) {
  for (const subject of subjects) {
    COUNTERS.forEach((counter) => counter.add(0, { subject }));
  }
}

/** Something is wrong that no repeat mends: the run fails, and says what it was. */
export function complain(subject, what) {
  errors.add(1, { subject });
  console.error(`${subject}: ${what}`);
}

/** Says that acknowledged things are not there. */
export function miss(subject, count, what) {
  if (count > 0) {
    lost.add(count, { subject });
    console.error(`${subject}: lost ${count}: ${what}`);
  }
}

/** Says that something is there more often than it was asked for. */
export function surplus(subject, count, what) {
  if (count > 0) {
    doubled.add(count, { subject });
    console.error(`${subject}: doubled ${count}: ${what}`);
  }
}

/**
 * Counts what the cluster promised to keep.
 *
 * @param effects how many of them `find` has to find at the end
 */
export function acknowledge(subject, count, effects = count) {
  acknowledged.add(count, { subject });
  unaccounted.add(effects, { subject });
}

/** What was promised is there. */
export function find(subject, count) {
  unaccounted.add(-count, { subject });
}

/** The server to begin with, another one for each VU. */
export function home() {
  return exec.vu.idInTest % settings.servers.length;
}

function pause(response) {
  const wanted = Number(response.headers['Retry-After']) || PAUSE_SECONDS;
  sleep(Math.min(wanted, LONGEST_PAUSE_SECONDS));
}

/**
 * Sends a request until its outcome is known, to one server after another. It is safe because what it
 * repeats carries a key, or changes nothing.
 *
 * @param send (server URL) => response
 * @param also statuses that are an answer too, beside 2xx
 * @return the response, or null when the outcome stayed unknown or the request was refused for good
 */
export function known(subject, send, also = []) {
  const beganMillis = Date.now();
  for (let attempt = 0; ; attempt++) {
    const server = settings.servers[(home() + attempt) % settings.servers.length];
    const response = send(server);
    if ((response.status >= 200 && response.status < 300) || also.includes(response.status)) {
      return response;
    }
    if (!REPEATABLE.includes(response.status)) {
      complain(subject, `${response.request.method} ${response.url}: ${response.status} ${response.body}`);
      return null;
    }
    if (Date.now() - beganMillis > settings.patienceMillis) {
      unknown.add(1, { subject });
      console.error(`${subject}: no outcome within ${settings.patienceMillis} ms: ${response.url}: ${response.status}`);
      return null;
    }
    repeated.add(1, { subject, status: String(response.status) });
    pause(response);
  }
}

/** Parameters of a request; `name` stands for all URLs of its kind among the metrics. */
export function params(token, name, { key, waitMillis = 0 } = {}) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  if (key) {
    headers['Idempotency-Key'] = key;
  }
  return { headers, tags: { name }, timeout: REQUEST_TIMEOUT_MILLIS + waitMillis };
}

export function post(subject, token, path, body, { key, waitMillis, also } = {}) {
  const url = waitMillis ? `${path}?waitMillis=${waitMillis}` : path;
  const text = JSON.stringify(body);
  const given = params(token, `POST ${path}`, { key, waitMillis });
  return known(subject, (server) => http.post(`${server}/api/v1${url}`, text, given), also);
}

export function get(subject, token, path, name, { waitMillis } = {}) {
  const given = params(token, `GET ${name}`, { waitMillis });
  return known(subject, (server) => http.get(`${server}/api/v1${path}`, given));
}

/** Creates a name, unless it is there: a repeat finds what the first one made. */
export function create(subject, token, path, body) {
  return post(subject, token, path, body, { also: [409] }) !== null;
}

/**
 * Goes through all items of a list, page by page.
 *
 * @param fetch (query) => response of a page, or null
 * @return whether it came to the end
 */
export function eachItem(fetch, visit) {
  let after = null;
  do {
    const page = fetch(`limit=1000${after === null ? '' : `&after=${encodeURIComponent(after)}`}`);
    if (page === null) {
      return false;
    }
    const { items, next } = JSON.parse(page.body);
    items.forEach(visit);
    after = next;
  } while (after !== null);
  return true;
}

/** A task when it has ended, however; null for one that does not in time, which is lost. */
export function ended(subject, token, id) {
  const beganMillis = Date.now();
  for (;;) {
    const response = get(subject, token, `/tasks/${id}?waitMillis=2000`, '/tasks/{id}', { waitMillis: 2000 });
    if (response === null) {
      return null;
    }
    const task = JSON.parse(response.body);
    if (['DONE', 'DEAD', 'CANCELLED'].includes(task.state)) {
      return task;
    }
    if (Date.now() - beganMillis > settings.patienceMillis) {
      miss(subject, 1, `task ${id} is ${task.state} after ${settings.patienceMillis} ms`);
      return null;
    }
  }
}

/** Whether a task ended well; one that did not is lost. */
export function done(subject, task) {
  if (task.state !== 'DONE') {
    miss(subject, 1, `task ${task.id} is ${task.state}: ${task.error}`);
  }
  return task.state === 'DONE';
}

/**
 * Submits a task and waits for its end.
 *
 * @param effects as for `acknowledge`
 * @return the task, DONE; null when that is not known, or it did not come to that
 */
export function perform(subject, token, task, key, effects) {
  const beganMillis = Date.now();
  const response = post(subject, token, '/tasks', task, { key, waitMillis: 2000 });
  if (response === null) {
    return null;
  }
  acknowledge(subject, 1, effects);
  const accepted = JSON.parse(response.body);
  const last = response.status === 200 ? accepted : ended(subject, token, accepted.id);
  if (last === null || !done(subject, last)) {
    return null;
  }
  doneMillis.add(Date.now() - beganMillis, { subject });
  return last;
}

/** A token for the run; the run ends at once when nobody gives one. */
export function logIn() {
  const body = JSON.stringify({ user: settings.user, password: settings.password });
  const given = { headers: { 'Content-Type': 'application/json' }, tags: { name: 'POST /login' } };
  const answers = settings.servers.map((server) => http.post(`${server}/api/v1/login`, body, given));
  const answer = answers.find((each) => each.status === 200);
  if (!answer) {
    const seen = answers.map((each) => `${each.url}: ${each.status} ${each.error || each.body}`);
    throw new Error(`no server logs ${settings.user} in: ${seen.join('; ')}`);
  }
  return JSON.parse(answer.body).token;
}
