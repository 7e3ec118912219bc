// Balances, read again when something may have changed them.
import * as api from './api.js';
import { attribute, byId, h, keyed, text } from './dom.js';
import { money, onLanguage, t } from './i18n.js';
import { model, onChange } from './model.js';
import { onSession, session } from './session.js';

const REST_MILLIS = 3_000;
const PAGES = 10;

let rows = [];
let pages = 1;
let next = null;
let resting = false;
let again = false;
let doneSeen = null;

export function mountAccounts() {
  byId('more-accounts').addEventListener('click', () => {
    pages = Math.min(PAGES, pages + 1);
    refreshAccounts();
  });
  onSession((now) => {
    rows = [];
    pages = 1;
    draw();
    if (now) refreshAccounts();
  });
  onLanguage(draw);
  onChange(['tasks'], () => {
    if (model.tasks.DONE !== doneSeen) refreshAccounts();
    doneSeen = model.tasks.DONE;
  });
}

/** Reads the accounts again, at most once in 3 s; what is asked meanwhile is done after that. */
export async function refreshAccounts() {
  if (!session()) return;
  if (resting) {
    again = true;
    return;
  }
  resting = true;
  again = false;
  try {
    await read();
    draw();
  } catch {
    // The connection line tells; the next change reads again.
  }
  setTimeout(() => {
    resting = false;
    if (again && !document.hidden) refreshAccounts();
  }, REST_MILLIS);
}

async function read() {
  const found = [];
  let after = null;
  for (let page = 0; page < pages; page++) {
    const answer = await api.accounts(after);
    found.push(...answer.items);
    after = answer.next;
    if (after === null || after === undefined) break;
  }
  rows = found;
  next = after ?? null;
}

function draw() {
  keyed(byId('account-rows'), rows, (account) => account.user, row);
  byId('no-accounts').hidden = rows.length > 0;
  byId('more-accounts').hidden = next === null || pages >= PAGES;
  keyed(byId('account-names'), rows, (account) => account.user, (account) => h('option', { value: account.user }));
}

function row() {
  const user = h('dt');
  const limit = h('span', { class: 'under' });
  const balance = h('span', { class: 'figure' });
  const element = h('div', {}, user, h('dd', {}, limit, balance));
  return {
    element,
    update(account) {
      attribute(element, 'data-account', account.user);
      text(user, account.user);
      text(balance, money(account.balance));
      text(limit, Number(account.overdraft) > 0 ? t('overdraft', { amount: money(account.overdraft) }) : '');
    },
  };
}
