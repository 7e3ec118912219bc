// The connection to the node that served this page: a beat for each event, and plain words when it has gone.
import { attribute, byId, calm, h, keyed, text } from './dom.js';
import { clockTime, duration, t } from './i18n.js';
import { otherAddresses, safeUrl } from './nodes.js';

const BEAT_MILLIS = 400;

let live = null;
let lastHeard = null;
let lastBeat = 0;

export function mountConnection(connection) {
  live = connection;
  setInterval(drawConnection, 1000);
  drawConnection();
}

/** An event has come. */
export function beat() {
  lastHeard = Date.now();
  if (calm.matches || performance.now() - lastBeat < BEAT_MILLIS) return;
  lastBeat = performance.now();
  byId('beat').animate([{ transform: 'scale(1.5)' }, { transform: 'scale(1)' }], { duration: BEAT_MILLIS, easing: 'ease-out' });
}

export function drawConnection() {
  const { state } = live;
  const age = duration(live.ageMillis());
  attribute(document.documentElement, 'data-connection', state);
  attribute(byId('connection'), 'data-state', state);
  text(byId('connection-text'), t(state, { age }));
  const stale = (state === 'lost' || state === 'quiet') && lastHeard !== null;
  byId('banner').hidden = !stale;
  if (!stale) return;
  text(byId('banner-text'), t(`${state}Long`, { time: clockTime(lastHeard), age }));
  const others = otherAddresses().filter((other) => safeUrl(other.url));
  const list = byId('banner-others');
  list.hidden = others.length === 0;
  keyed(list, [{ name: '' }, ...others], (other) => other.name, ({ name, url }) => (url ? h('a', { href: url }, name) : lead()));
}

function lead() {
  const element = h('span');
  return { element, update: () => text(element, t('others')) };
}
