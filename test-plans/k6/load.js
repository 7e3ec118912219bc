// The load of a usual day: latencies have to hold all the time.
import { options as planned, summary } from './plan.js';

export { setup, teardown, tasks, ledger, chat, sse, bridge, worker } from './plan.js';

export const options = planned({
  duration: '5m',
  watchers: 5,
  phases: [{ name: 'steady', share: 1, from: 1, to: 1, judged: true }],
});

export const handleSummary = summary('load');
