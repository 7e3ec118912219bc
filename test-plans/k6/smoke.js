// Does everything work at all? One of each, for half a minute.
import { options as planned, summary } from './plan.js';

export { setup, teardown, tasks, ledger, chat, sse, bridge, worker } from './plan.js';

export const options = planned({
  duration: '30s',
  watchers: 1,
  phases: [{ name: 'steady', share: 1, from: 0.1, to: 0.1, judged: true }],
});

export const handleSummary = summary('smoke');
