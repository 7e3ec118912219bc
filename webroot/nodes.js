// Every process of the cluster.
import { attribute, baton, byId, h, keyed, text } from './dom.js';
import { number, signed, t } from './i18n.js';
import { model, onChange, sortedNodes } from './model.js';

export function mountNodes() {
  onChange(['nodes', 'coordinator'], () => {
    keyed(byId('node-rows'), sortedNodes(), (node) => node.name, row);
    byId('no-nodes').hidden = model.nodes.length > 0;
  });
}

/** The addresses where this console could also be opened. */
export function otherAddresses() {
  return sortedNodes().filter((node) => node.url && !isHere(node.url)).map(({ name, url }) => ({ name, url }));
}

export function isHere(url) {
  return new URL(url, location.href).origin === location.origin;
}

/** Only web addresses become links: an address is data, and `javascript:` is an address too. */
export function safeUrl(url) {
  return /^https?:\/\//i.test(url ?? '') ? url : null;
}

function row() {
  const name = h('span', { class: 'name' });
  const here = h('span', { class: 'here' });
  const roles = h('span', { class: 'under' });
  const stateText = h('span');
  const address = h('a', {});
  const pid = h('span', { class: 'under' });
  const cell = { state: h('td', { class: 'state' }, stateText), rank: n(), clock: n(), offset: n(), load: n(), address: h('td', {}, address, pid) };
  const element = h('tr', {}, h('th', { scope: 'row' }, baton(), name, here, roles), ...Object.values(cell));
  return { element, update };

  function update(node) {
    attribute(element, 'data-node', node.name);
    attribute(element, 'data-testid', `node-${node.name}`);
    attribute(element, 'data-state', node.state);
    attribute(element, 'data-coordinator', node.name === model.coordinator.coordinator);
    text(name, node.name);
    text(here, node.url && isHere(node.url) ? t('thisNode') : '');
    text(roles, (node.roles ?? []).map((role) => t(`role.${role}`)).join(' · '));
    text(stateText, t(`state.${node.state}`));
    text(cell.rank, number(node.rank));
    text(cell.clock, number(node.clock));
    text(cell.offset, node.rank === null || node.rank === undefined ? '–' : signed(node.offsetMillis));
    text(cell.load, number(node.load, Number.isInteger(node.load) ? 0 : 2));
    const url = safeUrl(node.url);
    attribute(address, 'href', url);
    text(address, url ? new URL(url).host : '');
    text(pid, node.pid ? t('pid', { pid: node.pid }) : '');
    const labels = { state: 'state', rank: 'rank', clock: 'clock', offset: 'offset', load: 'load', address: 'address' };
    for (const [key, label] of Object.entries(labels)) {
      attribute(cell[key], 'data-label', t(label) + (key === 'offset' ? ' ms' : ''));
      attribute(cell[key], 'data-empty', cell[key].textContent === '–');
    }
  }
}

const n = () => h('td', { class: 'n' });
