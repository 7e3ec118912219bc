// A chat client: node chat.js USER CHANNEL [HOST [SERVICES [TOPICS]]]
//
// Publishes each line that it reads, and prints what is said in the channel. SERVICES and TOPICS
// are the ports of the REP and the XPUB socket.

import { createInterface } from "node:readline";
import { decode, encode } from "@msgpack/msgpack";
import { Request, Subscriber } from "zeromq";

const [user, channel, host = "127.0.0.1", services = 5555, topics = 5558] = process.argv.slice(2);
if (!channel) {
  console.error("usage: node chat.js USER CHANNEL [HOST [SERVICES [TOPICS]]]");
  process.exit(2);
}

const requests = new Request({ linger: 0, receiveTimeout: 10_000 });
requests.connect(`tcp://${host}:${services}`);
const messages = new Subscriber();
messages.connect(`tcp://${host}:${topics}`);

async function ask(service, data) {
  const timestamp = Math.floor(Date.now() / 1000);
  await requests.send(encode({ service, data: { ...data, timestamp } }));
  const [body] = await requests.receive();
  const answer = decode(body).data;
  if (answer.status === "erro") console.error(answer.description ?? answer.message);
  return answer.status !== "erro";
}

async function listen() {
  for await (const [, body] of messages) {
    const said = decode(body);
    // A topic is a prefix: others may begin alike.
    if (said.channel === channel) console.log(`${said.user}: ${said.message}`);
  }
}

try {
  await ask("login", { user }); // a name, or a channel, that there is already will do
  await ask("channel", { channel });
  if (!(await ask("subscribe", { user, channel }))) process.exit(1);
  messages.subscribe(channel);
  console.log(`joined ${channel}`);
  listen().catch((error) => console.error(error.message));

  for await (const message of createInterface({ input: process.stdin })) {
    await ask("publish", { user, channel, message });
  }
} catch (error) {
  console.error(`${host}:${services} does not answer: ${error.message}`);
  process.exitCode = 1;
}
messages.close();
requests.close();
