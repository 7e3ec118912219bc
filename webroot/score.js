// The election timeline, drawn as a score: a line for each server, a held note while it has the baton, a bar line with
// the epoch's number where a term begins, a rest where nobody conducts.
import { byId, s } from './dom.js';
import { clockTime, duration, number, t } from './i18n.js';
import { clusterNow, knownUntil, model, onChange, servers } from './model.js';
import { what, why } from './reasons.js';

const SPANS_MINUTES = [2, 5, 15, 60];
const CHANGES_IN_SIGHT = 6;
const HEAD = 14;
const LINE = 26;
const TOP = 30;
const BOTTOM = 24;

export function mountScore() {
  const frame = byId('score');
  const draw = () => frame.replaceChildren(score(frame.clientWidth));
  onChange(['coordinator', 'nodes'], draw);
  new ResizeObserver(draw).observe(frame);
  setInterval(draw, 1000);
}

function score(width) {
  const names = staff();
  const now = clusterNow();
  const span = chooseSpan(now);
  const left = Math.min(110, 14 + 7.4 * Math.max(6, ...names.map((name) => name.length)));
  const x = (millis) => left + (width - left - 12) * Math.max(0, 1 - (now - millis) / span);
  const y = (name) => TOP + LINE * (names.indexOf(name) + 0.5);
  const height = TOP + LINE * Math.max(1, names.length) + BOTTOM;
  const terms = termsSince(now - span, now);
  const svg = s('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': summary(span, terms) });
  for (const name of names) svg.append(...staffLine(name, y(name), left, width));
  svg.append(...ruler(now, span, x, height));
  let nextLabel = Infinity;
  for (const term of terms.toReversed()) {
    const from = x(term.from);
    svg.append(...(term.holder ? held(term, from, x(term.to), y(term.holder)) : rest(term, from, x(term.to), height)));
    if (!term.holder || !term.begins) continue;
    svg.append(s('line', { class: 'bar-line', x1: from, x2: from, y1: TOP - 2, y2: height - BOTTOM }));
    const label = number(term.epoch);
    const space = 8 + 9 * label.length;
    if (!term.newEpoch || nextLabel - from < space) continue;
    svg.append(s('text', { class: 'measure', x: Math.min(from, width - space / 2), y: TOP - 9, 'text-anchor': 'middle' }, label));
    nextLabel = from;
  }
  svg.append(s('line', { class: 'final', x1: width - 8, x2: width - 8, y1: TOP - 2, y2: height - BOTTOM }),
    s('line', { class: 'final thick', x1: width - 3, x2: width - 3, y1: TOP - 2, y2: height - BOTTOM }));
  return svg;
}

/** The servers of now, and those that have gone but conducted within memory. */
function staff() {
  const names = servers().map((node) => node.name);
  for (const { coordinator } of model.changes) if (coordinator && !names.includes(coordinator)) names.push(coordinator);
  return names;
}

function chooseSpan(now) {
  const oldest = model.changes.slice(-CHANGES_IN_SIGHT)[0];
  const minutes = oldest ? (now - Date.parse(oldest.at)) / 60_000 : 0;
  return 60_000 * (SPANS_MINUTES.find((each) => each > minutes * 1.05) ?? SPANS_MINUTES.at(-1));
}

function termsSince(start, now) {
  return model.changes.map((change, index) => {
    const next = model.changes[index + 1];
    return {
      holder: change.coordinator, acting: change.acting, epoch: change.epoch,
      told: `${clockTime(change.at)} ${what(change)} · ${why(change)}`,
      from: Math.max(start, Math.min(now, Date.parse(change.at))),
      to: next ? Math.min(now, Date.parse(next.at)) : Math.min(now, knownUntil()),
      begins: Date.parse(change.at) >= start,
      newEpoch: model.changes[index - 1]?.epoch !== change.epoch || !model.changes[index - 1].coordinator,
      present: !next,
    };
  }).filter((term) => term.to > start);
}

function staffLine(name, y, left, width) {
  const state = model.nodes.find((node) => node.name === name)?.state ?? 'gone';
  return [
    s('text', { class: `staff-name ${state}`, x: 0, y: y + 4 }, name),
    s('line', { class: `staff ${state}`, x1: left, x2: width - 8, y1: y, y2: y }),
  ];
}

function held(term, from, to, y) {
  const kind = ['held', term.present && 'present', term.acting && 'acting'].filter(Boolean).join(' ');
  return [
    s('rect', { class: kind, x: from, y: y - 4, width: Math.max(2, to - from), height: 8, rx: 4 }, title(term)),
    term.begins && to - from > HEAD ? s('ellipse', { class: kind, cx: from + 6, cy: y, rx: 8, ry: 6, transform: `rotate(-20 ${from + 6} ${y})` }, title(term)) : '',
  ];
}

/** Why it began, for who points at it; the list of changes says the same. */
const title = (term) => s('title', {}, term.told);

function rest(term, from, to, height) {
  const width = Math.max(3, to - from);
  return [s('rect', { class: 'rest', x: from, y: TOP - 2, width, height: height - BOTTOM - TOP + 2 }, title(term))];
}

function ruler(now, span, x, height) {
  const marks = span > 60_000 * 15 ? 15 : span > 60_000 * 5 ? 5 : 1;
  const lines = [s('text', { class: 'tick', x: x(now) - 4, y: height - 6, 'text-anchor': 'end' }, t('now'))];
  for (let minutes = marks; minutes * 60_000 < span; minutes += marks) {
    const at = x(now - minutes * 60_000);
    lines.push(s('text', { class: 'tick', x: at, y: height - 6, 'text-anchor': 'middle' }, `−${t('minutes', { n: minutes })}`));
    lines.push(s('line', { class: 'tick', x1: at, x2: at, y1: height - BOTTOM, y2: height - BOTTOM + 5 }));
  }
  return lines;
}

function summary(span, terms) {
  const { coordinator, epoch } = model.coordinator;
  const changes = terms.filter((term) => term.begins).length;
  const told = terms.filter((term) => term.begins)
    .map((term) => `${clockTime(term.from)} ${term.holder ?? t('nobody')}`).join(', ');
  return `${t('score')}. ${t('scoreText', { span: duration(span), changes, coordinator: coordinator ?? t('nobody'), epoch: epoch ?? '–' })} ${told}`;
}
