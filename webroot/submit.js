// The form that submits a task and shows how it ended.
import * as api from './api.js';
import { attribute, byId, h, text } from './dom.js';
import { languageTag, money, t } from './i18n.js';
import { said } from './reasons.js';
import { onSession } from './session.js';

const WAIT_MILLIS = 5_000;
const WAITS = 6;
const FINISHED = ['DONE', 'DEAD', 'CANCELLED'];

/** What was asked without an answer: asked again as it is, it goes under the same key and cannot happen twice. */
let unanswered = null;

/** Calls `onFinished` after a task has ended. */
export function mountSubmit(onFinished) {
  const form = byId('task-form');
  const refresh = () => {
    const kind = form.elements.kind.value;
    byId('update-fields').hidden = kind === 'QUERY';
    byId('operation-field').hidden = kind !== 'UPDATE';
    byId('payee-field').hidden = kind !== 'TRANSFER';
    const account = byId('account-label');
    account.dataset.i18n = kind === 'TRANSFER' ? 'payer' : 'account';
    text(account, t(account.dataset.i18n));
    form.elements.amount.required = kind !== 'QUERY';
    form.elements.to.required = kind === 'TRANSFER';
    text(byId('task-submit'), t(unanswered && unanswered.asked === JSON.stringify(read(form)) ? 'repeat' : 'submit'));
  };
  form.addEventListener('input', refresh);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = byId('task-submit');
    if (button.getAttribute('aria-disabled') === 'true') return;
    attribute(button, 'aria-disabled', 'true');
    await submit(read(form), onFinished);
    attribute(button, 'aria-disabled', null);
    refresh();
  });
  onSession(() => {
    unanswered = null;
    byId('task-result').hidden = true;
  });
  refresh();
}

function read(form) {
  const { kind, user, to, operation, amount } = form.elements;
  const account = user.value.trim();
  const sum = point(amount.value.trim());
  const payloads = {
    QUERY: { user: account },
    UPDATE: { user: account, operation: operation.value, amount: sum },
    TRANSFER: { from: account, to: to.value.trim(), amount: sum },
  };
  return { kind: kind.value, payload: payloads[kind.value] };
}

/** In Portuguese an amount is typed 12,50; nothing else is changed, the server judges. */
function point(amount) {
  return languageTag() === 'pt-BR' && /^\d+,\d+$/.test(amount) ? amount.replace(',', '.') : amount;
}

async function submit(task, onFinished) {
  const asked = JSON.stringify(task);
  const key = unanswered?.asked === asked ? unanswered.key : api.newKey();
  show('wait', t('submitting'));
  try {
    const ended = await finished(await api.submit(task, key, WAIT_MILLIS));
    unanswered = null;
    showTask(ended);
    onFinished();
  } catch (problem) {
    unanswered = problem.unknown ? { asked, key } : null;
    show('bad', problem.message, problem.unknown ? t('outcomeUnknown') : null);
  }
}

async function finished(task) {
  let now = task;
  for (let waits = 0; !FINISHED.includes(now.state) && waits < WAITS; waits++) {
    show('wait', t('still', { id: now.id, state: now.state }));
    now = await api.task(now.id, WAIT_MILLIS);
  }
  return now;
}

function showTask(task) {
  const { id, state, result, error } = task;
  if (!FINISHED.includes(state)) return show('wait', t('notFinished', { id, state }));
  const good = state === 'DONE' && result?.status !== 'NOK';
  const sentence = result?.error ?? said(error);
  const balance = result?.balance ?? null;
  const parts = [h('span', { class: 'verdict' }, state, result?.status ? ` ${result.status}` : '')];
  if (balance !== null) parts.push(h('span', {}, `${t('balance')} `, h('strong', { 'data-testid': 'balance' }, money(balance))));
  if (sentence) parts.push(h('span', { class: 'line' }, sentence));
  parts.push(h('span', { class: 'under' }, `${t('task')} ${id}`));
  render(good ? 'good' : 'bad', parts);
}

function show(tone, ...sentences) {
  render(tone, sentences.filter(Boolean).map((sentence) => h('span', { class: 'line' }, sentence)));
}

function render(tone, parts) {
  const answer = byId('task-result');
  attribute(answer, 'data-tone', tone);
  answer.replaceChildren(...parts);
  answer.hidden = false;
}
