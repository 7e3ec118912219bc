// A chat client over libzmq, with three encoders that write the same map in different bytes.
// Arguments: the ports of the services, of publications and of subscriptions.
import assert from 'node:assert/strict'
import * as msgpack from '@msgpack/msgpack'
import lite from 'msgpack-lite'
import { Packr, pack } from 'msgpackr'
import { Publisher, Request, Subscriber } from 'zeromq'

const [services, publications, subscriptions] = process.argv
  .slice(2)
  .map((port) => `tcp://127.0.0.1:${port}`)

const request = new Request({ receiveTimeout: 20_000, linger: 0 })
request.connect(services)

async function raw(frame) {
  await request.send(frame)
  const [reply] = await request.receive()
  return msgpack.decode(reply)
}

async function ask(service, data, encode = msgpack.encode) {
  const reply = await raw(encode({ service, data }))
  assert.equal(reply.service, service)
  assert.ok(Number.isInteger(reply.data.clock) && Number.isInteger(reply.data.timestamp))
  return reply.data
}

const encoders = { msgpack: msgpack.encode, lite: lite.encode, msgpackr: pack }
await ask('login', { user: 'node-ana' })
await ask('channel', { channel: 'node-chat' })
for (const [name, encode] of Object.entries(encoders)) {
  assert.equal((await ask('login', { user: `node-${name}` }, encode)).status, 'sucesso')
  assert.ok((await ask('users', {}, encode)).users.includes(`node-${name}`))
  const said = { user: `node-${name}`, channel: 'node-chat', message: name, timestamp: Date.now() }
  assert.equal((await ask('publish', said, encode)).status, 'OK')
  const clock = await ask('clock', { timestamp: Date.now() - 100_000, clock: undefined }, encode)
  assert.ok(clock.offset > 99 && clock.offset < 160, JSON.stringify(clock))
  assert.equal((await ask('publish', { user: `node-${name}` }, encode)).status, 'erro')
}
for (const encode of [msgpack.encode, lite.encode, pack]) {
  const clock = await ask('clock', { timestamp: new Date(Date.now() - 100_000) }, encode)
  assert.ok(clock.offset > 99 && clock.offset < 160, JSON.stringify(clock))
}
const records = await raw(new Packr().pack({ service: 'users', data: {} }))
assert.equal(records.data.status, 'erro')
assert.match(records.data.description, /useRecords/)
const texts = (await ask('history', { channel: 'node-chat' })).messages.map((each) => each.message)
assert.deepEqual(texts, Object.keys(encoders))

const subscriber = new Subscriber({ linger: 0 })
subscriber.connect(subscriptions)
subscriber.subscribe('node-chat')
const publisher = new Publisher({ linger: 0 })
publisher.connect(publications)
const message = { user: 'node-ana', channel: 'node-chat', message: 'published', timestamp: Date.now() }
const again = setInterval(() => publisher.send(['node-chat', msgpack.encode(message)]), 100)
const [topic, body] = await subscriber.receive()
clearInterval(again)
assert.equal(topic.toString(), 'node-chat')
assert.equal(msgpack.decode(body).message, 'published')
console.log('node', process.version)
process.exit(0)
