// The published client of the event bus over SockJS: @vertx/eventbus-bridge-client.js 1.0.0 of npm.
// Registers for what is named, sends and publishes where nobody may, and prints what it hears.
const EventBus = require('@vertx/eventbus-bridge-client.js');
const [url, ...addresses] = process.argv.slice(2);
const tell = (what) => console.log(JSON.stringify(what));

const bus = new EventBus(url, { vertxbus_ping_interval: 1000 });
bus.onerror = (error) => tell({ error });
bus.onclose = () => tell({ closed: true });
bus.onopen = () => {
  for (const address of addresses) {
    bus.registerHandler(address, (error, message) => tell({ address, error, message }));
  }
  bus.send('server.server-1.tasks', {}, (error, message) => tell({ sent: true, error, message }));
  bus.publish('events.coordinator', {});
};
