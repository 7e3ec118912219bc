import { t } from './i18n.js';
import { change, session } from './session.js';

const BASE = new URL('api/v1/', document.baseURI);

/** A refusal: `message` is the server's own sentence; status 0 means that no answer came. */
export class Problem extends Error {
  constructor(status, code, sentence) {
    super(sentence);
    this.status = status;
    this.code = code;
  }

  /** Whether what was asked may have happened all the same. */
  get unknown() {
    return this.status === 0 || this.status === 504;
  }
}

async function call(method, path, { body, key, query, signal, timeoutMillis = 10_000 } = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query ?? {})) if (value !== null) url.searchParams.set(name, value);
  const headers = { Accept: 'application/json, application/problem+json' };
  const token = session()?.token;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers['Idempotency-Key'] = key;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const timeout = AbortSignal.timeout(timeoutMillis);
  let response;
  let answer;
  try {
    response = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    answer = await response.json().catch(() => null);
  } catch {
    throw new Problem(0, 'no-answer', t('unreachable'));
  }
  if (response.ok) return answer;
  if (response.status === 401 && token && session()?.token === token) change(null, 'sessionOver');
  const sentence = answer?.detail || answer?.title || t('unexpected', { status: response.status });
  throw new Problem(response.status, answer?.code, sentence);
}

export const cluster = () => call('GET', 'cluster');
export const doors = () => call('GET', 'doors');

export async function login(user, password, signal) {
  const answer = await call('POST', 'login', { body: { user, password }, signal });
  if (signal.aborted) throw new Problem(0, 'no-answer', t('unreachable'));
  change({ user, token: answer.token, expiresAt: answer.expiresAt, roles: answer.roles ?? [] });
}

/** Submits and waits up to `waitMillis` for the end; the same `key` never makes a second task. */
export const submit = (task, key, waitMillis) =>
  call('POST', 'tasks', { body: task, key, query: { waitMillis }, timeoutMillis: waitMillis + 10_000 });

export const task = (id, waitMillis) =>
  call('GET', `tasks/${encodeURIComponent(id)}`, { query: { waitMillis }, timeoutMillis: waitMillis + 10_000 });

export const accounts = (after = null) => call('GET', 'accounts', { query: { after, limit: 20 } });

export const channels = (after = null) => call('GET', 'channels', { query: { after } });
export const createChannel = (name) => call('POST', 'channels', { body: { name } });
// In a query and in a body every name fits; a path takes . and .. for steps.
export const messages = (channel, after = null) => call('GET', 'messages', { query: { channel, after, limit: 1000 } });
export const publish = (channel, message, key) => call('POST', 'messages', { body: { channel, ...message }, key });
/** What the signed-in user and another one told each other. */
export const conversation = (user, after = null) => call('GET', 'messages', { query: { with: user, after, limit: 1000 } });
export const tell = (user, text, key) => call('POST', 'messages', { body: { to: user, text }, key });
/** Messages that have all words of `q`, the latest first. */
export const search = (q, after = null) => call('GET', 'search', { query: { q, after, limit: 50 } });
export const users = (after = null) => call('GET', 'users', { query: { after } });
export const createUser = (name) => call('POST', 'users', { body: { name } });

/** A random key; crypto.randomUUID is missing where the page comes over plain HTTP from another host. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
