// From a usual day to ten times as much at once, and back.
import { options as planned, summary } from './plan.js';

export { setup, teardown, tasks, ledger, chat, sse, bridge, worker } from './plan.js';

export const options = planned({
  duration: '5m',
  watchers: 5,
  phases: [
    { name: 'before', share: 0.3, from: 1, to: 1, judged: true },
    { name: 'spike', share: 0.2, from: 10, to: 10 },
    { name: 'settling', share: 0.1, from: 1, to: 1 },
    { name: 'after', share: 0.4, from: 1, to: 1, judged: true },
  ],
});

export const handleSummary = summary('spike');
