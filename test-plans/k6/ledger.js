// The ledger: each VU knows what its two accounts must have, to the cent, after each task.
import exec from 'k6/execution';
import * as batuta from './lib.js';

const SUBJECT = 'ledger';
const TRANSFER_EVERY = 3;
const MOST_CENTS = 1000;

// Of this VU. After a task whose outcome it does not know it goes on with new accounts.
let sequence = 0;
let opened = 0;
let accounts = null;

export function ledger({ run, token }) {
  accounts = accounts || openAccounts(run, token);
  if (accounts === null) {
    return;
  }
  const key = `${run}/ledger/${exec.vu.idInTest}/${sequence++}`;
  const amount = text(1 + ((sequence * 37) % MOST_CENTS));
  const { first, second } = accounts;
  deposit(token, key, first, amount);
  if (accounts !== null && sequence % TRANSFER_EVERY === 0) {
    transfer(token, key, first, second, amount);
  }
  if (accounts !== null) {
    query(token, key, first);
  }
}

function openAccounts(run, token) {
  const user = `k6-${run}-${exec.vu.idInTest}-${opened++}`;
  const made = [`${user}-a`, `${user}-b`].map((name) => {
    const there = batuta.create(SUBJECT, token, '/accounts', { user: name });
    return there ? { user: name, cents: 0 } : null;
  });
  return made.includes(null) ? null : { first: made[0], second: made[1] };
}

function text(cents) {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

function cents(amount) {
  return Math.round(Number(amount) * 100);
}

function deposit(token, key, account, amount) {
  const payload = { user: account.user, operation: 'deposit', amount };
  account.cents += cents(amount);
  expect(account, batuta.perform(SUBJECT, token, { kind: 'UPDATE', payload }, `${key}/deposit`, 1));
}

/** The sender pays a part of what it has, which is one entry of each of the two. */
function transfer(token, key, from, to, amount) {
  const payload = { from: from.user, to: to.user, amount };
  from.cents -= cents(amount);
  to.cents += cents(amount);
  expect(from, batuta.perform(SUBJECT, token, { kind: 'TRANSFER', payload }, `${key}/transfer`, 2));
}

function query(token, key, account) {
  const task = { kind: 'QUERY', payload: { user: account.user } };
  expect(account, batuta.perform(SUBJECT, token, task, `${key}/query`, 0));
}

function expect(account, task) {
  if (task === null) {
    accounts = null;
    return;
  }
  const seen = task.result.status === 'OK' ? cents(task.result.balance) : NaN;
  if (seen !== account.cents) {
    const what = `${account.user} after task ${task.id}: ${JSON.stringify(task.result)}, not ${text(account.cents)}`;
    (seen > account.cents ? batuta.surplus : batuta.miss)(SUBJECT, 1, what);
    accounts = null;
  }
}

/** No task has two entries in one account, balances are the sums of their entries, and the audit agrees. */
export function verifyLedger({ run, token }) {
  const ours = [];
  batuta.eachItem(
    (page) => batuta.get(SUBJECT, token, `/accounts?${page}`, '/accounts'),
    (account) => account.user.startsWith(`k6-${run}-`) && ours.push(account),
  );
  ours.forEach((account) => verify(token, account));
  const response = batuta.get(SUBJECT, token, '/audit', '/audit');
  if (response !== null && JSON.parse(response.body).ok !== true) {
    batuta.complain(SUBJECT, `the audit does not agree: ${response.body}`);
  }
}

function verify(token, { user, balance }) {
  const path = `/accounts/${encodeURIComponent(user)}/entries`;
  const tasks = new Set();
  let entries = 0;
  let sum = 0;
  batuta.eachItem(
    (page) => batuta.get(SUBJECT, token, `${path}?${page}`, '/accounts/{user}/entries'),
    (entry) => {
      sum += cents(entry.amount);
      if (entry.task !== null) { // not the one that opened the account
        tasks.add(entry.task);
        entries += 1;
      }
    },
  );
  batuta.surplus(SUBJECT, entries - tasks.size, `entries of ${user} by tasks that have another one there`);
  if (sum !== cents(balance)) {
    batuta.complain(SUBJECT, `${user} has ${balance}, its entries make ${text(sum)}`);
  }
  batuta.find(SUBJECT, entries);
}
