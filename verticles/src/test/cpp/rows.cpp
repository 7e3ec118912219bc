// A chat client and a foreign server in C++, by cppzmq and msgpack-cxx: each row of the tables of the
// protocol. An integer is read as one, which fails on a float or a text.
//
// Arguments: the ports of the services, of publications, of subscriptions and of the reference
// service.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <msgpack.hpp>
#include <stdexcept>
#include <string>
#include <vector>
#include <zmq.hpp>

using msgpack::object_handle;
using Clock = std::chrono::steady_clock;
using Packer = msgpack::packer<msgpack::sbuffer>;

static const auto PATIENCE = std::chrono::seconds(20);

// Ends the program where a row is not as the protocol says.
static void check(bool holds, const std::string& row) {
  if (!holds) throw std::runtime_error(row);
}

// A map by its keys; objects point into the reply, which is kept.
struct Map {
  std::shared_ptr<object_handle> kept;
  std::map<std::string, msgpack::object> fields;

  Map(std::shared_ptr<object_handle> reply, const msgpack::object& map)
      : kept(std::move(reply)), fields(map.as<std::map<std::string, msgpack::object>>()) {}

  bool has(const std::string& key) const { return fields.count(key) > 0; }

  const msgpack::object& at(const std::string& key) const {
    check(has(key), "no field " + key);
    return fields.at(key);
  }

  std::string text(const std::string& key) const { return at(key).as<std::string>(); }

  int64_t integer(const std::string& key) const {
    const auto type = at(key).type;
    check(type == msgpack::type::POSITIVE_INTEGER || type == msgpack::type::NEGATIVE_INTEGER,
          key + " is no integer");
    return at(key).as<int64_t>();
  }

  Map map(const std::string& key) const { return Map(kept, at(key)); }

  std::vector<std::string> texts(const std::string& key) const {
    return at(key).as<std::vector<std::string>>();
  }

  std::vector<Map> maps(const std::string& key) const {
    std::vector<Map> all;
    for (const auto& each : at(key).as<std::vector<msgpack::object>>()) all.emplace_back(kept, each);
    return all;
  }
};

static Map unpacked(const zmq::message_t& body) {
  auto reply = std::make_shared<object_handle>(
      msgpack::unpack(static_cast<const char*>(body.data()), body.size()));
  return Map(reply, reply->get());
}

// The fields of a request, in their order; each value packs itself.
struct Field {
  std::string key;
  std::function<void(Packer&)> value;
};

template <typename T>
static Field field(const std::string& key, T value) {
  return {key, [value](Packer& packer) { packer.pack(value); }};
}

static Field map(const std::string& key, std::vector<Field> fields) {
  return {key, [fields](Packer& packer) {
            packer.pack_map(static_cast<uint32_t>(fields.size()));
            for (const auto& each : fields) {
              packer.pack(each.key);
              each.value(packer);
            }
          }};
}

static msgpack::sbuffer packed(const std::vector<Field>& fields) {
  msgpack::sbuffer buffer;
  Packer packer(buffer);
  map("", fields).value(packer);
  return buffer;
}

struct Requester {
  zmq::socket_t socket;

  Requester(zmq::context_t& context, const std::string& port) : socket(context, zmq::socket_type::req) {
    socket.set(zmq::sockopt::rcvtimeo, 20'000);
    socket.set(zmq::sockopt::linger, 0);
    socket.connect("tcp://127.0.0.1:" + port);
  }

  Map exchange(const msgpack::sbuffer& request) {
    socket.send(zmq::buffer(request.data(), request.size()), zmq::send_flags::none);
    zmq::message_t reply;
    check(socket.recv(reply).has_value(), "no reply came");
    return unpacked(reply);
  }

  Map ask(const std::string& service, const std::vector<Field>& data = {}) {
    const Map reply = exchange(packed({field("service", service), map("data", data)}));
    check(reply.text("service") == service, "the service of the reply to " + service);
    const Map given = reply.map("data");
    check(given.integer("clock") > 0, "the clock of " + service);
    check(std::llabs(given.integer("timestamp") - std::time(nullptr)) < 60, "the time of " + service);
    return given;
  }

  Map expect(const std::string& status, const std::string& service, const std::vector<Field>& data) {
    const Map given = ask(service, data);
    check(given.text("status") == status, service + " is " + given.text("status"));
    check(status != "erro" || !given.text("description").empty(), service + " gives no reason");
    return given;
  }
};

struct Subscriber {
  zmq::socket_t socket;
  std::string topic;

  Subscriber(zmq::context_t& context, const std::string& port, std::string named)
      : socket(context, zmq::socket_type::sub), topic(std::move(named)) {
    socket.set(zmq::sockopt::rcvtimeo, 100);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::subscribe, topic);
    socket.connect("tcp://127.0.0.1:" + port);
  }

  // The first message of what is done again and again: who has just come may miss the first.
  template <typename Act>
  Map heard(Act act) {
    for (const auto end = Clock::now() + PATIENCE; Clock::now() < end;) {
      act();
      zmq::message_t name, body;
      if (!socket.recv(name)) continue;
      check(name.to_string() == topic, "the topic " + name.to_string());
      check(socket.recv(body).has_value(), "a topic alone");
      const Map said = unpacked(body);
      check(said.integer("clock") > 0 && said.integer("timestamp") > 0, "clock and time on " + topic);
      return said;
    }
    throw std::runtime_error("nothing came of " + topic);
  }
};

static bool contains(const std::vector<std::string>& all, const std::string& name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

static void names(Requester& chat) {
  chat.expect("sucesso", "login", {field("user", "cpp-ana")});
  chat.expect("sucesso", "login", {field("user", "cpp-bob")});
  const Map taken = chat.expect("erro", "login", {field("user", "cpp-ana")});
  check(taken.text("description") == "Usuário já existe", taken.text("description"));
  check(contains(chat.ask("users").texts("users"), "cpp-ana"), "users");
  chat.expect("sucesso", "channel", {field("channel", "cpp-chat")});
  chat.expect("erro", "channel", {field("name", "cpp-chat")});
  const Map channels = chat.ask("channels");
  check(contains(channels.texts("channels"), "cpp-chat"), "channels");
  check(channels.texts("users") == channels.texts("channels"), "channels as users");
  chat.expect("sucesso", "subscribe", {field("user", "cpp-ana"), field("channel", "cpp-chat")});
  chat.expect("erro", "subscribe", {field("user", "cpp-ana"), field("channel", "cpp-nowhere")});
}

static void messages(zmq::context_t& context, Requester& chat, const std::string& subscriptions) {
  const Map said = Subscriber(context, subscriptions, "cpp-chat").heard([&] {
    chat.expect("OK", "publish", {field("user", "cpp-ana"), field("channel", "cpp-chat"),
                                  field("message", "olá"), field("timestamp", std::time(nullptr) * 1000.0)});
  });
  check(said.text("user") == "cpp-ana" && said.text("message") == "olá", "what was published");
  check(said.text("channel") == "cpp-chat", "the channel of what was published");
  const Map direct = Subscriber(context, subscriptions, "cpp-bob").heard([&] {
    chat.expect("OK", "message", {field("src", "cpp-ana"), field("dst", "cpp-bob"),
                                  field("message", "psst"), field("clock", 3.0)});
  });
  check(direct.text("src") == "cpp-ana" && direct.text("from") == "cpp-ana", "who sent it");
  check(direct.text("dst") == "cpp-bob" && direct.text("message") == "psst", "what was sent");

  Map refused = chat.expect("erro", "publish", {field("user", "cpp-ana"), field("channel", "cpp-nowhere"),
                                                field("message", "x")});
  check(refused.text("message") == refused.text("description"), "the reason of publish");
  refused = chat.expect("erro", "message", {field("src", "cpp-ana"), field("dst", "cpp-nobody"),
                                            field("message", "x")});
  check(refused.text("message") == refused.text("description"), "the reason of message");

  const Map last = chat.ask("history", {field("channel", "cpp-chat")}).maps("messages").back();
  check(last.text("user") == "cpp-ana" && last.text("message") == "olá", "history");
  check(last.text("channel") == "cpp-chat" && last.integer("clock") > 0, "history");
  const Map sent = chat.ask("private_history", {field("user1", "cpp-bob"), field("user2", "cpp-ana")})
                       .maps("messages").back();
  check(sent.text("src") == "cpp-ana" && sent.text("dst") == "cpp-bob", "private_history");
  check(sent.integer("timestamp") > 0 && sent.integer("clock") > 0, "private_history");
}

static void publications(zmq::context_t& context, const std::string& port, const std::string& subscriptions) {
  zmq::socket_t publisher(context, zmq::socket_type::pub);
  publisher.set(zmq::sockopt::linger, 0);
  publisher.connect("tcp://127.0.0.1:" + port);
  int64_t timestamp = std::time(nullptr);
  const Map said = Subscriber(context, subscriptions, "cpp-chat").heard([&] {
    // Another second each time, or it would be the same message.
    const auto body = packed({field("user", "cpp-ana"), field("channel", "cpp-chat"),
                              field("message", "published"), field("timestamp", timestamp++)});
    publisher.send(zmq::str_buffer("cpp-chat"), zmq::send_flags::sndmore);
    publisher.send(zmq::buffer(body.data(), body.size()), zmq::send_flags::none);
  });
  check(said.text("message") == "published", "what a publisher published");
}

static void servers(Requester& chat, Requester& reference) {
  const Map clock = chat.ask("clock", {field("timestamp", std::time(nullptr) - 100)});
  const double offset = clock.at("offset").as<double>();
  check(clock.integer("time") > 0 && offset > 99 && offset < 160, "clock");
  check(chat.ask("election").text("election") == "OK", "election");
  chat.expect("OK", "heartbeat", {field("user", "cpp-server")});
  chat.expect("OK", "adjust", {field("adjustment", -1.5)});

  const std::vector<Field> said = {field("user", "cpp-far"), field("channel", "cpp-far-chat"),
                                   field("message", "m"), field("timestamp", 1600000000.0)};
  const std::map<std::string, std::vector<Field>> operations = {
      {"login", {field("username", "cpp-far"), field("timestamp", 1600000000)}},
      {"channel", {field("name", "cpp-far-chat"), field("timestamp", "2020-09-13 12:26:40")}},
      {"channel_message", said},
      {"user_message", {field("from", "cpp-far"), field("to", "cpp-ana"), field("message", "d"),
                        field("timestamp", 1600000000)}}};
  for (int twice = 0; twice < 2; twice++) {
    for (const char* kind : {"login", "channel", "channel_message", "user_message"}) {
      chat.expect("OK", "replicate", {field("type", kind), map("content", operations.at(kind))});
    }
  }
  const Map copied = chat.ask("sync", {field("last_sync", 0)});
  check(contains(copied.texts("channels"), "cpp-far-chat"), "sync channels");
  const auto logins = copied.maps("logins");
  check(std::any_of(logins.begin(), logins.end(),
                    [](const Map& each) {
                      return each.text("username") == "cpp-far" && each.integer("timestamp") > 0;
                    }),
        "sync logins");
  const auto far = copied.maps("channel_messages");
  check(std::count_if(far.begin(), far.end(), [](const Map& each) { return each.text("user") == "cpp-far"; }) == 1,
        "a channel message is stored once");
  const auto direct = copied.maps("user_messages");
  check(std::count_if(direct.begin(), direct.end(), [](const Map& each) { return each.text("src") == "cpp-far"; }) == 1,
        "a direct message is stored once");
  check(chat.ask("sync", {field("last_sync", 9e9)}).maps("channel_messages").empty(), "sync from then");
  chat.expect("erro", "dance", {});

  const int64_t rank = reference.ask("rank", {field("user", "cpp-server")}).integer("rank");
  check(rank > 0 && reference.ask("rank", {field("user", "cpp-server")}).integer("rank") == rank, "rank");
  reference.expect("OK", "heartbeat", {field("user", "cpp-server")});
  const auto listed = reference.ask("list").maps("list");
  check(std::any_of(listed.begin(), listed.end(),
                    [rank](const Map& each) {
                      return each.text("name") == "cpp-server" && each.integer("rank") == rank;
                    }),
        "list");
  reference.expect("OK", "coordinator", {field("coordinator", "cpp-server")});
  reference.expect("OK", "replicate", {field("type", "channel_message"), map("content", said)});
  check(chat.ask("history", {field("channel", "cpp-far-chat")}).maps("messages").size() == 1, "stored once");
}

// A struct as MSGPACK_DEFINE and as MSGPACK_DEFINE_MAP packs it: the first is refused with the remedy.
struct AsArray {
  std::string service;
  MSGPACK_DEFINE(service)
};

struct AsMap {
  std::string service;
  MSGPACK_DEFINE_MAP(service)
};

static void encodings(Requester& chat) {
  msgpack::sbuffer array, map;
  msgpack::pack(array, AsArray{"users"});
  msgpack::pack(map, AsMap{"users"});
  const Map refused = chat.exchange(array).map("data");
  check(refused.text("status") == "erro", "an array is refused");
  check(refused.text("description").find("MSGPACK_DEFINE_MAP") != std::string::npos,
        refused.text("description"));
  check(contains(chat.exchange(map).map("data").texts("users"), "cpp-ana"), "a struct as a map");
}

int main(int count, char** ports) {
  if (count != 5) {
    std::cerr << "usage: rows SERVICES PUBLICATIONS SUBSCRIPTIONS REFERENCE\n";
    return 2;
  }
  try {
    zmq::context_t context;
    Requester chat(context, ports[1]), reference(context, ports[4]);
    names(chat);
    messages(context, chat, ports[3]);
    publications(context, ports[2], ports[3]);
    servers(chat, reference);
    encodings(chat);
  } catch (const std::exception& wrong) {
    std::cerr << wrong.what() << "\n";
    return 1;
  }
  std::cout << "libzmq " << ZMQ_VERSION_MAJOR << '.' << ZMQ_VERSION_MINOR << '.' << ZMQ_VERSION_PATCH
            << ", msgpack-cxx " << MSGPACK_VERSION << "\n";
}
