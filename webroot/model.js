// What is known of the cluster, from GET /cluster and the events; panels draw it when a part of it has changed.

const CHANGES_KEPT = 60;
const ROUNDS_KEPT = 240;
const RATES_KEPT = 120;
const LENDING_KEPT = 40;
const SILENCE_MILLIS = 3_000;

const listeners = [];
const touched = new Set();
let drawing = false;

export const model = {
  cluster: null,
  profile: null,
  coordinator: { epoch: null, coordinator: null, known: false },
  /** Coordinator events, oldest first; kept over a reload of the tab. */
  changes: [],
  nodes: [],
  workers: [],
  /** What masters told of workers that they lend, oldest first. */
  lending: [],
  /** Answers of workers that were not what the ledger says, oldest first. */
  disputes: [],
  tasks: {},
  rates: [],
  recent: [],
  /** Clock rounds, oldest first. */
  rounds: [],
};

/** Calls `draw` when one of `parts` (coordinator, nodes, workers, tasks, rounds) has changed, at most once a frame. */
export function onChange(parts, draw) {
  listeners.push({ parts, draw });
}

export function touch(...parts) {
  parts.forEach((part) => touched.add(part));
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const now = new Set(touched);
    touched.clear();
    for (const { parts: wanted, draw } of listeners) if (wanted.some((part) => now.has(part))) draw();
  });
}

export const touchAll = () => touch('coordinator', 'nodes', 'workers', 'tasks', 'rounds');

/**
 * The cluster's present time in ms: the instant of the last list of nodes plus what has passed here since, so that this
 * browser's clock does not matter. (Other events may tell of the past: a new subscriber gets the present state.)
 */
export function clusterNow() {
  return lastInstant ? lastInstant.millis + performance.now() - lastInstant.heardAt : Date.now();
}

/** Until when, in the cluster's time, the state shown here is known: now, or the last event once they fail to come. */
export function knownUntil() {
  const silence = performance.now() - lastEventAt;
  return clusterNow() - (silence > SILENCE_MILLIS ? silence : 0);
}

let lendingHeard = 0;
let lastInstant = null;
let lastEventAt = 0;

function noteInstant(at) {
  const millis = Date.parse(at);
  if (Number.isFinite(millis)) lastInstant = { millis, heardAt: performance.now() };
}

/** The answer of GET /cluster. */
export function applyCluster(body) {
  if (model.cluster !== body.cluster) {
    model.cluster = body.cluster;
    model.changes = remembered();
    model.rounds = [];
    model.rates = [];
    model.coordinator.known = false;
  }
  model.profile = body.profile;
  model.nodes = body.nodes ?? [];
  model.workers = body.workers ?? [];
  model.tasks = body.tasks ?? {};
  if (!model.coordinator.known) {
    model.coordinator = { epoch: body.epoch, coordinator: body.coordinator, acting: body.acting, known: true };
  }
  touchAll();
}

const apply = {
  coordinator(body) {
    const last = model.changes.at(-1);
    const news = !last || last.epoch !== body.epoch || last.coordinator !== body.coordinator || last.acting !== body.acting;
    model.coordinator = { ...body, known: true };
    if (news) {
      model.changes = [...model.changes, body].slice(-CHANGES_KEPT);
      remember();
    }
    touch('coordinator', 'nodes');
  },
  clock(body) {
    if (body.servers) {
      if (model.rounds.at(-1)?.round !== body.round) model.rounds = [...model.rounds, body].slice(-ROUNDS_KEPT);
      for (const server of body.servers) patch(server.name, { clock: server.clock, offsetMillis: server.offsetMillis });
      touch('rounds', 'nodes');
    } else {
      patch(body.name, { clock: body.clock });
      touch('nodes');
    }
  },
  nodes(body) {
    noteInstant(body.at);
    const clocks = new Map(model.nodes.map((node) => [`${node.name} ${node.pid}`, node.clock]));
    model.nodes = body.nodes.map((node) => ({ ...node, clock: Math.max(node.clock ?? 0, clocks.get(`${node.name} ${node.pid}`) ?? 0) }));
    model.workers = body.workers ?? [];
    touch('nodes', 'workers');
  },
  lending(body) {
    if (body.change && isNewLending(body)) model.lending = [...model.lending, { ...body.change, at: body.at, key: ++lendingHeard }].slice(-LENDING_KEPT);
    touch('workers');
  },
  workers(body) {
    model.disputes = body.disputes;
    touch('workers');
  },
  tasks(body) {
    model.tasks = body.tasks;
    model.recent = latestFirst(body.recent ?? []);
    model.rates = [...model.rates, { rate: body.perSecond ?? 0, at: Date.parse(body.at) }].slice(-RATES_KEPT);
    touch('tasks');
  },
};

/** Applies an event; types that the model does not keep (messages) are left to others. */
export function applyEvent(type, body) {
  lastEventAt = performance.now();
  apply[type]?.(body);
}

/** A new subscriber, such as one who has just signed in, is told the last change again. */
function isNewLending({ change, at }) {
  return !model.lending.some((told) => told.at === at && Object.keys(change).every((key) => told[key] === change[key]));
}

/** Ids say nothing of the time across servers: what is new here goes on top, the rest keeps its place. */
function latestFirst(tasks) {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const stay = model.recent.filter((task) => byId.has(task.id)).map((task) => byId.get(task.id));
  const known = new Set(stay.map((task) => task.id));
  return [...tasks.filter((task) => !known.has(task.id)).reverse(), ...stay];
}

function patch(name, values) {
  const node = model.nodes.find((each) => each.name === name);
  if (node) Object.assign(node, values, { clock: Math.max(node.clock ?? 0, values.clock ?? 0) });
}

/** Servers first, better rank first; then the others by name. */
export function sortedNodes() {
  return [...model.nodes].sort((a, b) => (b.rank ?? 0) - (a.rank ?? 0) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

export const servers = () => sortedNodes().filter((node) => node.rank !== null && node.rank !== undefined);

const memory = () => `batuta.changes.${model.cluster}`;

function remember() {
  if (model.cluster) sessionStorage.setItem(memory(), JSON.stringify(model.changes));
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(memory())) ?? [];
  } catch {
    return [];
  }
}
