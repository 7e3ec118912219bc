// Ever more, beyond what the cluster takes: it may refuse, and lose nothing; afterwards it is as quick as before.
import { options as planned, summary } from './plan.js';

export { setup, teardown, tasks, ledger, chat, sse, bridge, worker } from './plan.js';

export const options = planned({
  duration: '10m',
  watchers: 5,
  phases: [
    { name: 'before', share: 0.15, from: 1, to: 1, judged: true },
    { name: 'rising', share: 0.4, from: 1, to: 30 },
    { name: 'most', share: 0.2, from: 30, to: 30 },
    { name: 'settling', share: 0.1, from: 1, to: 1 },
    { name: 'after', share: 0.15, from: 1, to: 1, judged: true },
  ],
});

export const handleSummary = summary('stress');
