// A worker: node worker.js [HOST [PORT [NAME]]]
//
// Asks a server for one task after another, and prints each. The ledger keeps the balances, so to
// report that a task was done is all there is to do.

import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

let [host = "127.0.0.1", port = 9001, name = "w-javascript"] = process.argv.slice(2);

/** Serves one server until that sends this worker elsewhere; gives the address of there. */
async function work() {
  const socket = connect(Number(port), host);
  const failed = new Promise((_, reject) => socket.on("error", reject));
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();

  async function ask(message) {
    socket.write(JSON.stringify({ ...message, WORKER_UUID: name }) + "\n");
    const { value, done } = await Promise.race([answers.next(), failed]);
    if (done) throw new Error("the server hung up");
    return JSON.parse(value);
  }

  try {
    for (;;) {
      const task = await ask({ WORKER: "ALIVE" });
      if (task.TASK === "QUERY" || task.TASK === "UPDATE") {
        console.log(`${name} does ${task.TASK} for ${task.USER}`);
        await ask({ STATUS: "OK", TASK: task.TASK, TASK_ID: task.TASK_ID });
      } else if (task.TASK === "REDIRECT" || task.TASK === "RETURN") {
        const there = task[`SERVER_${task.TASK}`];
        console.log(`${name} goes to ${there.ip}:${there.port}`);
        return there;
      } else {
        await pause(200); // NO_TASK
      }
    }
  } finally {
    socket.destroy();
  }
}

for (;;) {
  try {
    ({ ip: host, port } = await work());
  } catch (error) {
    console.error(`${host}:${port}: ${error.message}; trying again`);
    await pause(1000);
  }
}
