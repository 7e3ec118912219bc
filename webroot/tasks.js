// Tasks of the whole cluster: counts by state, throughput, the latest ones.
import { attribute, byId, h, keyed, s, text } from './dom.js';
import { money, number, t } from './i18n.js';
import { model, onChange } from './model.js';
import { said } from './reasons.js';

const STATES = ['PENDING', 'RUNNING', 'DONE', 'FAILED', 'DEAD', 'CANCELLED'];
const RECENT_SHOWN = 8;
const SPARK = { width: 120, height: 28 };

export function mountTasks() {
  onChange(['tasks'], () => {
    keyed(byId('task-states'), STATES.map((state) => ({ state, count: model.tasks[state] ?? 0 })), (each) => each.state, count);
    text(byId('rate'), model.rates.length ? number(model.rates.at(-1).rate) : '–');
    byId('spark').replaceChildren(spark());
    keyed(byId('recent-rows'), model.recent.slice(0, RECENT_SHOWN), (task) => task.id, row);
    byId('no-recent').hidden = model.recent.length > 0;
  });
}

function count({ state }) {
  const value = h('dd');
  const element = h('div', { 'data-state': state }, h('dt', {}, state), value);
  return {
    element,
    update(each) {
      text(value, number(each.count));
      attribute(element, 'data-none', each.count === 0);
    },
  };
}

function spark() {
  const rates = model.rates.map((each) => each.rate);
  const most = Math.max(1, ...rates);
  const step = SPARK.width / Math.max(1, rates.length - 1);
  const points = rates.map((rate, index) => `${(index * step).toFixed(1)},${(SPARK.height - 2 - (SPARK.height - 4) * (rate / most)).toFixed(1)}`);
  return s('svg', { viewBox: `0 0 ${SPARK.width} ${SPARK.height}`, width: SPARK.width, height: SPARK.height, 'aria-hidden': 'true' },
    s('polyline', { points: points.join(' ') }));
}

function row() {
  const id = h('th', { scope: 'row', class: 'id' });
  const cell = Object.fromEntries(['kind', 'state', 'owner', 'worker', 'result'].map((key) => [key, h('td', { class: key })]));
  const element = h('tr', {}, id, ...Object.values(cell));
  return {
    element,
    update(task) {
      attribute(element, 'data-task', task.id);
      attribute(element, 'data-state', task.state);
      text(id, task.id);
      for (const key of ['kind', 'state', 'owner', 'worker']) text(cell[key], task[key] ?? '–');
      text(cell.result, task.state === 'DEAD' ? said(task.error) : resultText(task.result));
      attribute(cell.result, 'data-nok', task.state === 'DEAD' || task.result?.status === 'NOK');
      for (const key of Object.keys(cell)) attribute(cell[key], 'data-label', t(key));
    },
  };
}

/** A result in few words: the balance, or what the ledger says against it. */
export function resultText(result) {
  if (result === null || result === undefined) return '';
  if (typeof result !== 'object') return String(result);
  if (result.status === 'NOK') return result.error ?? 'NOK';
  return result.balance !== null && result.balance !== undefined ? money(result.balance) : result.status ?? JSON.stringify(result);
}
