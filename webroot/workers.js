// Workers by the master that they serve now.
import { attribute, byId, h, keyed, s, text } from './dom.js';
import { clockTime, number, t } from './i18n.js';
import { model, onChange } from './model.js';

const natural = (a, b) => a.localeCompare(b, 'en', { numeric: true });

const SHOWN = new Set(['asked', 'lent', 'returned', 'stayed']);
const SHOWN_LATEST = 6;

export function mountWorkers() {
  onChange(['workers'], () => {
    const farms = Map.groupBy ? Map.groupBy(model.workers, (worker) => worker.master ?? '–') : grouped(model.workers);
    const masters = [...farms.keys()].sort(natural);
    const most = Math.max(1, ...model.workers.map((worker) => worker.outstanding ?? 0));
    keyed(byId('farms'), masters.map((master) => ({ master, workers: farms.get(master), most })), (each) => each.master, farm);
    byId('no-workers').hidden = model.workers.length > 0;
    const told = model.lending.filter((change) => SHOWN.has(change.what)).slice(-SHOWN_LATEST).reverse();
    keyed(byId('lending'), told, (change) => change.key, story);
    const disputes = model.disputes.slice(-SHOWN_LATEST).reverse();
    keyed(byId('disputes'), disputes, (dispute) => `${dispute.at} ${dispute.task}`, disagreement);
  });
}

function grouped(workers) {
  const farms = new Map();
  for (const worker of workers) farms.set(worker.master ?? '–', [...(farms.get(worker.master ?? '–') ?? []), worker]);
  return farms;
}

function story() {
  const at = h('time', { class: 'under' });
  const what = h('span');
  return {
    element: h('li', {}, at, what),
    update(change) {
      text(at, clockTime(Date.parse(change.at)));
      text(what, t(`lending.${change.what}`, { ...change, n: number(change.count) }));
    },
  };
}

/** A worker's answer beside the ledger's, which stands. */
function disagreement() {
  const at = h('time', { class: 'under' });
  const what = h('span');
  return {
    element: h('li', {}, at, what),
    update(dispute) {
      text(at, clockTime(Date.parse(dispute.at)));
      text(what, t('dispute', { worker: dispute.worker, task: dispute.task, claimed: outcome(dispute.claimed), ledger: outcome(dispute.result) }));
    },
  };
}

const outcome = ({ status, balance }) => (balance ? `${status} ${balance}` : status);

function farm() {
  const name = h('h3');
  const size = h('span', { class: 'under' });
  const list = h('ul');
  return {
    element: h('div', { class: 'farm' }, name, size, list),
    update({ master, workers, most }) {
      text(name, master);
      text(size, workers.length === 1 ? t('farmOne') : t('farm', { n: number(workers.length) }));
      const sorted = [...workers].sort((a, b) => natural(a.id, b.id)).map((each) => ({ ...each, most }));
      keyed(list, sorted, (worker) => worker.id, line);
    },
  };
}

function line() {
  const name = h('span', { class: 'name' });
  const from = h('span', { class: 'borrowed' });
  const foreign = h('span', { class: 'borrowed' });
  const level = s('rect', { class: 'level', x: 0, y: 0, height: 4, rx: 2 });
  const bar = s('svg', { class: 'load', viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    s('rect', { class: 'trough', x: 0, y: 0, width: 100, height: 4, rx: 2 }), level);
  const count = h('span', { class: 'figure' });
  const element = h('li', {}, name, from, foreign, bar, count);
  return {
    element,
    update(worker) {
      attribute(element, 'data-worker', worker.id);
      text(name, worker.id);
      text(from, worker.home && worker.home !== worker.master ? t('borrowed', { home: worker.home }) : '');
      text(foreign, worker.foreign ? t('foreign') : '');
      attribute(level, 'width', (100 * (worker.outstanding ?? 0)) / worker.most);
      text(count, number(worker.outstanding));
      attribute(count, 'title', t('outstanding', { n: number(worker.outstanding) }));
    },
  };
}
