// The console: reads the cluster once, follows its events, and draws.
import { mountAccounts, refreshAccounts } from './accounts.js';
import * as api from './api.js';
import { hear, mountChat, placeLost, refreshChat } from './chat.js';
import { mountClocks } from './clocks.js';
import { beat, drawConnection, mountConnection } from './connection.js';
import { mountDoors } from './doors.js';
import { baton, byId, text } from './dom.js';
import { onLanguage, translatePage } from './i18n.js';
import { Live } from './live.js';
import { askToSignIn, mountLogin } from './login.js';
import { mountLook } from './look.js';
import { applyCluster, applyEvent, model, touchAll } from './model.js';
import { mountNodes } from './nodes.js';
import { mountPodium } from './podium.js';
import { mountScore } from './score.js';
import { mountSearch } from './search.js';
import { isAdmin, onSession, session } from './session.js';
import { mountSubmit } from './submit.js';
import { mountTasks } from './tasks.js';
import { mountWorkers } from './workers.js';

const OPEN_TYPES = ['coordinator', 'clock', 'nodes', 'workers', 'tasks', 'lending'];
const RETRY_MILLIS = 1_500;

const live = new Live({
  event(type, body) {
    beat();
    if (type === 'messages') hear(body);
    else applyEvent(type, body);
  },
  state(state) {
    if (state === 'lost') broken = true;
    drawConnection();
  },
  opened: catchUp,
  refused: checkSession,
  placeLost() {
    lost = true;
  },
});

let broken = false;
/** Whether it goes on from now, and not where it stopped. */
let lost = false;

/** After a broken connection what was not followed is read again; the node may even be of another cluster now. */
async function catchUp() {
  if (!broken) return;
  broken = false;
  try {
    await readCluster();
  } catch {
    return;
  }
  refreshAccounts();
  await refreshChat();
  if (lost) placeLost();
  lost = false;
}

/** The stream was refused or ended: because the session is over, or because the node is starting. A read tells which. */
function checkSession() {
  if (session()) api.channels().catch(() => {});
}

async function readCluster() {
  applyCluster(await api.cluster());
  text(byId('cluster-name'), model.cluster);
}

/** Reads the cluster, then follows it: with messages once somebody has signed in, an administrator's own by its name. */
async function begin() {
  try {
    await readCluster();
  } catch (problem) {
    if (problem.status === 401 || problem.status === 403) {
      live.stop();
      return askToSignIn();
    }
    setTimeout(begin, RETRY_MILLIS);
    return;
  }
  const now = session();
  live.follow(now ? [...OPEN_TYPES, 'messages'] : OPEN_TYPES, now?.user ?? null, isAdmin());
}

byId('mark').append(baton());
translatePage();
mountLook();
mountLogin();
mountConnection(live);
mountPodium();
mountScore();
mountNodes();
mountClocks();
mountWorkers();
mountTasks();
mountDoors();
mountSubmit(refreshAccounts);
mountAccounts();
mountChat();
mountSearch();
onLanguage(() => {
  touchAll();
  drawConnection();
});
onSession(begin);
begin();
if (session()) {
  refreshAccounts();
  refreshChat();
}
