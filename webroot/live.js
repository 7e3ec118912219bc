// The stream of events, and the truth about whether it is alive.
//
// EventSource comes back by itself (with Last-Event-ID) after a broken connection, but gives up for good when an answer
// is not 200, and notices nothing when the node hangs. So this opens it anew in both cases. The node sends its list of
// nodes at least every 5 s: a longer silence is suspicious.

const QUIET_MILLIS = 7_500;
const REOPEN_MILLIS = 16_000;
const PATIENCE_MILLIS = [500, 1_000, 2_000, 3_000];

/** States of the connection: connecting, live, quiet (open, but nothing comes), lost. */
export class Live {
  #source = null;
  #types = [];
  #user = null;
  #named = false;
  #retry = null;
  #failures = 0;
  #openedAt = 0;
  #heardAt = 0;
  state = 'connecting';

  /**
   * `on` has event(type, body), state(state), opened(), refused(), also when the node ends it as its token has expired, and
   * placeLost(): no server has what the last id names, so that this goes on without it.
   */
  constructor(on) {
    this.on = on;
    setInterval(() => this.#watch(), 500);
    addEventListener('online', () => this.state === 'lost' && this.#open());
  }

  /** Follows these types from now on, for `user`; `named` where the node gives its direct messages only by name. */
  follow(types, user, named) {
    if (types.join() === this.#types.join() && user === this.#user && this.#source) return;
    this.#types = types;
    this.#user = user;
    this.#named = named;
    this.#failures = 0;
    this.#open();
  }

  stop() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
    this.#types = [];
  }

  /** Milliseconds since the last event, measured by this page's own monotonic clock. */
  ageMillis() {
    return this.#heardAt ? performance.now() - this.#heardAt : 0;
  }

  #open() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#openedAt = performance.now();
    const url = new URL('api/v1/events', document.baseURI);
    url.searchParams.set('types', this.#types.join(','));
    // Another tab may have signed in as somebody else, who may not name this user: then it goes without, every other time.
    if (this.#named && this.#failures % 2 === 0) url.searchParams.set('user', this.#user);
    const source = new EventSource(url);
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#broken(source);
    source.addEventListener('end', (event) => this.#ended(source, JSON.parse(event.data).code));
    for (const type of this.#types) source.addEventListener(type, (event) => this.#heard(type, event));
  }

  #opened() {
    this.#failures = 0;
    this.#openedAt = performance.now();
    this.#enter('live');
    this.on.opened();
  }

  #heard(type, event) {
    this.#heardAt = performance.now();
    this.#enter('live');
    this.on.event(type, JSON.parse(event.data));
  }

  #ended(source, code) {
    if (code === 'token-expired') this.on.refused();
    if (code !== 'position-lost' || source !== this.#source) return;
    source.close(); // it would come back with the same id for ever
    this.#enter('lost');
    this.#retry = setTimeout(() => this.#open(), PATIENCE_MILLIS[0]);
    this.on.placeLost();
  }

  #broken(source) {
    if (source !== this.#source) return;
    this.#enter('lost');
    if (source.readyState !== EventSource.CLOSED) return;
    const patience = PATIENCE_MILLIS[Math.min(this.#failures++, PATIENCE_MILLIS.length - 1)];
    this.#retry = setTimeout(() => this.#open(), patience);
    this.on.refused();
  }

  #watch() {
    if (!this.#source) return;
    const silence = performance.now() - Math.max(this.#heardAt, this.#openedAt);
    if (this.state === 'live' && silence > QUIET_MILLIS) this.#enter('quiet');
    if (this.state !== 'lost' && silence > REOPEN_MILLIS) {
      this.#enter('lost');
      this.#open();
    }
  }

  #enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.on.state(state);
  }
}
