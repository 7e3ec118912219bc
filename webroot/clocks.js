// Clock offsets over time: each server's correction after each Berkeley round.
import { attribute, byId, h, keyed, s, text } from './dom.js';
import { clockTime, number, signed, t } from './i18n.js';
import { model, onChange, servers } from './model.js';

const HEIGHT = 190;
const MARGIN = { left: 54, right: 12, top: 12, bottom: 22 };
const VOICES = 6;

export function mountClocks() {
  const frame = byId('offset-chart');
  const draw = () => {
    const last = model.rounds.at(-1);
    text(byId('round'), last
      ? t('round', { round: number(last.round), coordinator: last.coordinator ?? '–', time: clockTime(last.at) })
      : t('noRound'));
    frame.hidden = !last;
    if (last) frame.replaceChildren(chart(frame.clientWidth));
    keyed(byId('offset-legend'), last ? [...last.servers].sort(byVoice) : [], (server) => server.name, legend);
  };
  onChange(['rounds'], draw);
  new ResizeObserver(draw).observe(byId('clocks'));
}

/** A server keeps its voice (colour and dash) by its rank. */
function voice(name) {
  const rank = servers().find((node) => node.name === name)?.rank ?? 1;
  return (rank - 1) % VOICES;
}

const byVoice = (a, b) => voice(b.name) - voice(a.name);

function legend() {
  const line = s('svg', { class: 'voice', viewBox: '0 0 26 8', 'aria-hidden': 'true' }, s('line', { x1: 1, x2: 25, y1: 4, y2: 4 }));
  const name = h('span', { class: 'name' });
  const offset = h('span', { class: 'figure' });
  const note = h('span', { class: 'under' });
  return {
    element: h('li', {}, line, name, offset, note),
    update(server) {
      attribute(line, 'class', `voice voice-${voice(server.name)}`);
      text(name, server.name);
      text(offset, `${signed(server.offsetMillis)} ms`);
      text(note, `${t('roundTrip')} ${number(server.roundTripMillis, 2)} ms · ${t(server.counted ? 'counted' : 'notCounted')}`);
    },
  };
}

function chart(width) {
  const rounds = model.rounds;
  const times = rounds.map((round) => Date.parse(round.at));
  const offsets = rounds.flatMap((round) => round.servers.map((server) => server.offsetMillis));
  const scale = ticks(Math.min(0, ...offsets), Math.max(0, ...offsets));
  const span = Math.max(60_000, times.at(-1) - times[0]);
  const start = times.at(-1) - span;
  const x = (millis) => MARGIN.left + (width - MARGIN.left - MARGIN.right) * ((millis - start) / span);
  const y = (value) => MARGIN.top + (HEIGHT - MARGIN.top - MARGIN.bottom) * ((scale.high - value) / (scale.high - scale.low));
  const svg = s('svg', { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': t('chartText') });
  for (const value of scale.values) {
    svg.append(s('line', { class: value === 0 ? 'zero' : 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
      s('text', { class: 'tick', x: MARGIN.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, signed(value, scale.digits)));
  }
  svg.append(...timeLabels(start, span, x));
  for (const name of new Set(rounds.flatMap((round) => round.servers.map((server) => server.name)))) svg.append(...voiceOf(name, rounds, times, x, y));
  return svg;
}

function voiceOf(name, rounds, times, x, y) {
  const points = rounds
    .map((round, index) => ({ server: round.servers.find((server) => server.name === name), at: times[index] }))
    .filter((point) => point.server)
    .map(({ server, at }) => ({ x: x(at), y: y(server.offsetMillis) }));
  const last = points.at(-1);
  const kind = `voice voice-${voice(name)}`;
  return [
    s('polyline', { class: kind, points: points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ') }),
    s('circle', { class: `${kind} head`, cx: last.x, cy: last.y, r: 3.5 }),
  ];
}

function timeLabels(start, span, x) {
  return [[0, 'start'], [1, 'end']].map(([part, anchor]) =>
    s('text', { class: 'tick', x: x(start + part * span), y: HEIGHT - 4, 'text-anchor': anchor }, clockTime(start + part * span)));
}

/** Round values (1, 2 or 5 times a power of ten apart) that cover low..high, at least 0.1 ms apart. */
export function ticks(low, high) {
  const raw = Math.max((high - low) / 4, 0.1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= raw * 0.999);
  const from = Math.floor(low / step - 0.05);
  const to = Math.max(from + 1, Math.ceil(high / step + 0.05));
  const values = Array.from({ length: to - from + 1 }, (_, index) => (from + index) * step);
  return { low: from * step, high: to * step, values, digits: step < 1 ? 1 : 0 };
}
