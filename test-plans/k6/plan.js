// Puts the subjects together: who begins when, what fails a run, what is checked at its end, what it prints.
import { prepareChat, verifyMessages } from './chat.js';
import { verifyLedger } from './ledger.js';
import { logIn, observe, settings } from './lib.js';
import { verifyTasks } from './tasks.js';

export { chat } from './chat.js';
export { ledger } from './ledger.js';
export { sse } from './sse.js';
export { tasks } from './tasks.js';
export { bridge, worker } from './websocket.js';

/** Iterations a second at the load of 1; a phase multiplies them. */
const RATES = {
  tasks: Number(__ENV.TASKS_RATE || 10),
  ledger: Number(__ENV.LEDGER_RATE || 10),
  chat: Number(__ENV.CHAT_RATE || 30),
};

/** Those that are there all the time, by how many VUs. */
const WATCHERS = ['sse', 'bridge', 'worker'];

const LIMITS = {
  ack: Number(__ENV.ACK_P95_MILLIS || 500),
  done: Number(__ENV.DONE_P95_MILLIS || 1000),
  delivery: Number(__ENV.DELIVERY_P95_MILLIS || 1000),
};
const MOST_VUS = Number(__ENV.MOST_VUS || 50);
const GRACE_SECONDS = settings.patienceMillis / 1000 + 30;
const PARTS = {
  tasks: ['ack_millis', 'done_millis'],
  ledger: ['done_millis'],
  chat: ['ack_millis'],
  sse: ['ack_millis'],
  bridge: ['ack_millis', 'delivery_millis'],
  worker: ['ack_millis'],
};

const subjects = (__ENV.SUBJECTS || Object.keys(PARTS).join())
  .split(',')
  .filter((subject) => subject !== 'worker' || settings.workerDoors.length > 0);

function seconds(text) {
  const parts = /^(\d+)([smh])$/.exec(text);
  if (parts === null) {
    throw new Error(`DURATION ${text} is none: give a number with s, m or h, such as 30s`);
  }
  return Number(parts[1]) * { s: 1, m: 60, h: 3600 }[parts[2]];
}

/** One subject during one phase: so many iterations a second, whatever the cluster answers. */
function arrivals(subject, phase, startSeconds, durationSeconds) {
  return {
    executor: 'ramping-arrival-rate',
    exec: subject,
    startTime: `${startSeconds}s`,
    startRate: Math.ceil(RATES[subject] * phase.from),
    timeUnit: '1s',
    stages: [{ duration: `${durationSeconds}s`, target: Math.ceil(RATES[subject] * phase.to) }],
    preAllocatedVUs: Math.min(10, MOST_VUS),
    maxVUs: MOST_VUS,
    gracefulStop: `${GRACE_SECONDS}s`,
    tags: { phase: phase.name },
  };
}

function watching(subject, count, durationSeconds) {
  return {
    executor: 'constant-vus',
    exec: subject,
    vus: count,
    duration: `${durationSeconds}s`,
    gracefulStop: `${GRACE_SECONDS}s`,
  };
}

/**
 * The options of a plan.
 *
 * @param duration such as 5m, unless DURATION is set
 * @param watchers VUs of each subject that holds connections, unless WATCHERS is set
 * @param phases one after another: {name, share of the duration, load from .. to, judged}; latencies have limits
 *     in judged ones
 */
export function options({ duration, watchers, phases }) {
  const total = seconds(__ENV.DURATION || duration);
  const scenarios = {};
  let start = 0;
  for (const phase of phases) {
    const length = Math.max(1, Math.round(total * phase.share));
    for (const subject of subjects.filter((each) => each in RATES)) {
      scenarios[`${subject}_${phase.name}`] = arrivals(subject, phase, start, length);
    }
    start += length;
  }
  for (const subject of subjects.filter((each) => WATCHERS.includes(each))) {
    scenarios[subject] = watching(subject, Number(__ENV.WATCHERS || watchers), start);
  }
  return {
    scenarios,
    thresholds: thresholds(phases),
    setupTimeout: '60s',
    teardownTimeout: `${600 + GRACE_SECONDS}s`,
    summaryTrendStats: ['count', 'med', 'p(95)', 'p(99)', 'max'],
  };
}

function thresholds(phases) {
  const all = {};
  for (const subject of subjects) {
    all[`acknowledged{subject:${subject}}`] = ['count>0'];
    for (const metric of ['unaccounted', 'lost', 'doubled', 'unknown', 'errors']) {
      all[`${metric}{subject:${subject}}`] = ['count==0'];
    }
    all[`repeated{subject:${subject}}`] = ['count>=0']; // for the summary only, which shows what has a threshold
    for (const metric of PARTS[subject]) {
      all[`${metric}{subject:${subject}}`] = ['max>=0'];
      for (const { name, judged } of phases.filter(() => subject in RATES)) {
        const limit = LIMITS[metric.split('_')[0]];
        all[`${metric}{subject:${subject},phase:${name}}`] = [judged ? `p(95)<${limit}` : 'max>=0'];
      }
    }
  }
  return all;
}

export function setup() {
  const data = { run: __ENV.RUN || Date.now().toString(36), token: logIn() };
  observe(subjects);
  prepareChat(data);
  console.log(`run ${data.run} against ${settings.servers.join(', ')}`);
  return data;
}

export function teardown(data) {
  verifyTasks(data);
  verifyLedger(data);
  verifyMessages(data);
}

/** What a run says at its end: a table, and the same as a file that compare.py reads. */
export function summary(plan) {
  return (data) => {
    const value = (metric, subject) => data.metrics[`${metric}{subject:${subject}}`];
    const rows = subjects.map((subject) => row(subject, value));
    const failed = failures(data.metrics);
    const report = {
      plan,
      at: new Date().toISOString(),
      seconds: Math.round(data.state.testRunDurationMs / 1000),
      servers: settings.servers.length,
      rates: RATES,
      dropped: data.metrics.dropped_iterations ? data.metrics.dropped_iterations.values.count : 0,
      subjects: rows,
      phases: phaseRows(data.metrics),
      failed,
    };
    const file = __ENV.SUMMARY || `summary-${plan}.json`;
    return { stdout: table(report, file), [file]: `${JSON.stringify(report, null, 2)}\n` };
  };
}

function row(subject, value) {
  const made = { subject };
  for (const metric of ['acknowledged', 'unaccounted', 'lost', 'doubled', 'unknown', 'errors', 'repeated']) {
    made[metric] = value(metric, subject) ? value(metric, subject).values.count : 0;
  }
  for (const metric of PARTS[subject]) {
    made[metric] = trend(value(metric, subject));
  }
  return made;
}

function trend(metric) {
  return metric
    ? { p50: metric.values.med, p95: metric.values['p(95)'], p99: metric.values['p(99)'], max: metric.values.max }
    : null;
}

function phaseRows(metrics) {
  return Object.keys(metrics)
    .map((name) => /^(\w+)\{subject:(\w+),phase:(\w+)\}$/.exec(name))
    .filter((parts) => parts !== null && metrics[parts[0]].values.count > 0)
    .map(([name, metric, subject, phase]) => ({ subject, phase, metric, ...trend(metrics[name]) }));
}

function failures(metrics) {
  return Object.entries(metrics).flatMap(([name, metric]) =>
    Object.entries(metric.thresholds || {})
      .filter(([, threshold]) => !threshold.ok)
      .map(([condition]) => `${name} ${condition}`),
  );
}

function table(report, file) {
  const lines = [['SUBJECT', 'ACKED', 'MISSING', 'LOST', 'DOUBLED', 'UNKNOWN', 'ERRORS', 'REPEATED']];
  for (const each of report.subjects) {
    const { subject, acknowledged, unaccounted, lost, doubled, unknown, errors, repeated } = each;
    lines.push([subject, acknowledged, unaccounted, lost, doubled, unknown, errors, repeated]);
  }
  const times = [['SUBJECT', 'PHASE', 'MILLIS', 'P50', 'P95', 'P99', 'MAX']];
  for (const each of [...report.subjects.flatMap(overall), ...report.phases]) {
    const millis = [each.p50, each.p95, each.p99, each.max].map(Math.round);
    times.push([each.subject, each.phase, each.metric.replace('_millis', ''), ...millis]);
  }
  const verdict = report.failed.length ? `FAILED: ${report.failed.join('; ')}` : 'passed';
  const head = `${report.plan}, ${report.seconds} s, iterations that found no VU: ${report.dropped}`;
  return `\n${head}\n\n${aligned(lines)}\n\n${aligned(times)}\n\n${verdict}\n${file}\n`;
}

function overall(each) {
  return PARTS[each.subject]
    .filter((metric) => each[metric] !== null)
    .map((metric) => ({ subject: each.subject, phase: 'all', metric, ...each[metric] }));
}

function aligned(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  return lines
    .map((line) => line.map((cell, column) => String(cell).padEnd(widths[column])).join('  ').trimEnd())
    .join('\n');
}
