// Who has signed in, for this tab. The cookie for the live events is set by the server and out of a script's reach.

const KEY = 'batuta.session';
const listeners = new Set();
let current = restored();

function restored() {
  try {
    const session = JSON.parse(sessionStorage.getItem(KEY));
    return session?.token && Date.parse(session.expiresAt) > Date.now() ? session : null;
  } catch {
    return null;
  }
}

/** `{user, token, expiresAt, roles}`, or null. */
export const session = () => current;

export const isAdmin = () => current?.roles?.includes('admin') ?? false;

/** `why` is the key of a sentence to show when the session ends unasked. */
export function change(next, why = null) {
  current = next;
  if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
  listeners.forEach((listener) => listener(next, why));
}

export const onSession = (listener) => listeners.add(listener);
