// Durable tasks, alone and in batches: each is seen to its end, and found once at the end of the run.
import exec from 'k6/execution';
import * as batuta from './lib.js';

const SUBJECT = 'tasks';
const KIND = 'COMPUTE';
const TASK = { kind: KIND, payload: { durationMillis: Number(__ENV.TASK_MILLIS || 0) } };
const REPEAT_EVERY = 10;

let sequence = 0; // of this VU

export function tasks({ run, token }) {
  const key = `${run}/tasks/${exec.vu.idInTest}/${sequence++}`;
  batuta.perform(SUBJECT, token, TASK, `${key}/alone`);
  together(token, `${key}/batch`);
}

/** A batch is acknowledged as one; a repeat of its key has to give the same ids. */
function together(token, key) {
  const body = { tasks: Array.from({ length: batuta.settings.batch }, () => TASK) };
  const submit = () => batuta.post(SUBJECT, token, '/tasks/batch', body, { key });
  const beganMillis = Date.now();
  const response = submit();
  if (response === null) {
    return;
  }
  batuta.ackMillis.add(Date.now() - beganMillis, { subject: SUBJECT });
  const { ids } = JSON.parse(response.body);
  batuta.acknowledge(SUBJECT, ids.length);
  if (sequence % REPEAT_EVERY === 0) {
    const again = submit();
    if (again !== null && JSON.parse(again.body).ids.join() !== ids.join()) {
      batuta.surplus(SUBJECT, ids.length, `a repeat of ${key} was given ids of its own`);
    }
  }
  ids
    .map((id) => batuta.ended(SUBJECT, token, id))
    .filter((task) => task !== null)
    .forEach((task) => batuta.done(SUBJECT, task));
}

/** Every task of the run by its key: none twice, and each DONE. */
export function verifyTasks({ run, token }) {
  const found = new Map();
  const user = encodeURIComponent(batuta.settings.user);
  const ours = (task) => task.idempotencyKey !== null && task.idempotencyKey.startsWith(`${run}/tasks/`);
  batuta.eachItem(
    (page) => batuta.get(SUBJECT, token, `/tasks?user=${user}&kind=${KIND}&${page}`, '/tasks'),
    (task) => {
      if (ours(task) && batuta.done(SUBJECT, task)) {
        found.set(task.idempotencyKey, (found.get(task.idempotencyKey) || 0) + 1);
      }
    },
  );
  found.forEach((count, key) => {
    const wanted = key.endsWith('/alone') ? 1 : batuta.settings.batch;
    batuta.surplus(SUBJECT, count - wanted, `tasks under the key ${key}`);
    batuta.find(SUBJECT, count);
  });
}
