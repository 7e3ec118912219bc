// A usual day for hours: what leaks, grows or slows down shows in the last phase beside the first.
import { options as planned, summary } from './plan.js';

export { setup, teardown, tasks, ledger, chat, sse, bridge, worker } from './plan.js';

export const options = planned({
  duration: '4h',
  watchers: 5,
  phases: [
    { name: 'first', share: 0.1, from: 1, to: 1, judged: true },
    { name: 'middle', share: 0.8, from: 1, to: 1, judged: true },
    { name: 'last', share: 0.1, from: 1, to: 1, judged: true },
  ],
});

export const handleSummary = summary('soak');
