"""A chat client and a foreign server over libzmq, each row of the tables of the protocol.

Arguments: the ports of the services, of publications, of subscriptions and of the reference service,
and the public key of the server where they speak CURVE.
"""

import datetime
import sys
import time

import msgpack
import zmq

SERVICES, PUBLICATIONS, SUBSCRIPTIONS, REFERENCE = (
    "tcp://127.0.0.1:" + port for port in sys.argv[1:5]
)
SERVER_KEY = sys.argv[5] if len(sys.argv) > 5 else None
CONTEXT = zmq.Context()


def connected(socket, endpoint):
    if SERVER_KEY:
        socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
        socket.curve_serverkey = SERVER_KEY.encode()
    socket.connect(endpoint)


class Requester:
    def __init__(self, endpoint):
        self.socket = CONTEXT.socket(zmq.REQ)
        self.socket.setsockopt(zmq.RCVTIMEO, 20_000)
        self.socket.setsockopt(zmq.LINGER, 0)
        connected(self.socket, endpoint)

    def raw(self, frame):
        self.socket.send(frame)
        return msgpack.unpackb(self.socket.recv(), strict_map_key=True)

    def ask(self, service, **data):
        reply = self.raw(msgpack.packb({"service": service, "data": data}))
        assert reply["service"] == service, reply
        given = reply["data"]
        assert type(given["clock"]) is int and given["clock"] > 0, given
        assert type(given["timestamp"]) is int, given
        assert abs(given["timestamp"] - time.time()) < 60, given
        return given


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing came in time"


def subscriber(*topics):
    socket = CONTEXT.socket(zmq.SUB)
    socket.setsockopt(zmq.RCVTIMEO, 100)
    socket.setsockopt(zmq.LINGER, 0)
    for topic in topics:
        socket.setsockopt_string(zmq.SUBSCRIBE, topic)
    connected(socket, SUBSCRIPTIONS)
    return socket


def heard(socket, act):
    """What comes first of what is said again and again: who has just come may miss the first."""
    got = []

    def try_again():
        act()
        try:
            topic, body = socket.recv_multipart()
        except zmq.Again:
            return False
        got.append((topic.decode(), msgpack.unpackb(body)))
        return True

    until(try_again)
    return got[0]


def integers(message, *fields):
    for field in fields:
        assert type(message[field]) is int, (field, message)


def rows(chat, reference):
    assert chat.ask("login", user="py-ana")["status"] == "sucesso"
    assert chat.ask("login", user="py-bob")["status"] == "sucesso"
    taken = chat.ask("login", user="py-ana")
    assert taken["status"] == "erro" and taken["description"] == "Usuário já existe", taken
    assert "py-ana" in chat.ask("users")["users"]
    assert chat.ask("channel", channel="py-chat")["status"] == "sucesso"
    assert chat.ask("channel", name="py-chat")["status"] == "erro"
    channels = chat.ask("channels")
    assert "py-chat" in channels["channels"] and channels["users"] == channels["channels"]
    assert chat.ask("subscribe", user="py-ana", channel="py-chat")["status"] == "sucesso"
    assert chat.ask("subscribe", user="py-ana", channel="nowhere")["status"] == "erro"

    socket = subscriber("py-chat")
    topic, message = heard(
        socket, lambda: chat.ask("publish", user="py-ana", channel="py-chat", message="olá")
    )
    assert topic == "py-chat" and message["message"] == "olá", message
    assert message["user"] == "py-ana" and message["channel"] == "py-chat", message
    integers(message, "timestamp", "clock")

    socket = subscriber("py-bob")
    topic, message = heard(
        socket, lambda: chat.ask("message", src="py-ana", dst="py-bob", message="psst")
    )
    assert topic == "py-bob" and message["from"] == message["src"] == "py-ana", message
    assert message["dst"] == "py-bob", message
    integers(message, "timestamp", "clock")

    assert chat.ask("login", user="Py-Bob")["status"] == "erro"
    socket = subscriber("Py-Bob")
    topic, message = heard(
        socket, lambda: chat.ask("message", src="py-ana", dst="Py-Bob", message="psst")
    )
    assert topic == "Py-Bob" and message["dst"] == "py-bob", (topic, message)

    for refused in (
        chat.ask("publish", user="py-ana", channel="nowhere", message="x"),
        chat.ask("message", src="py-ana", dst="nobody", message="x"),
    ):
        assert refused["status"] == "erro" and refused["message"] == refused["description"]

    last = chat.ask("history", channel="py-chat")["messages"][-1]
    assert (last["user"], last["channel"], last["message"]) == ("py-ana", "py-chat", "olá"), last
    integers(last, "timestamp", "clock")
    last = chat.ask("private_history", user1="py-bob", user2="py-ana")["messages"][-1]
    assert (last["src"], last["dst"], last["message"]) == ("py-ana", "py-bob", "psst"), last
    integers(last, "timestamp", "clock")

    clock = chat.ask("clock", timestamp=time.time() - 100)
    assert 99 < clock["offset"] < 160 and type(clock["time"]) is int, clock
    assert chat.ask("election")["election"] == "OK"
    assert chat.ask("heartbeat", user="py-server")["status"] == "OK"
    assert chat.ask("adjust", adjustment=1.5)["status"] == "OK"

    said = {"user": "py-far", "channel": "py-far-chat", "message": "m", "timestamp": 1_600_000_000}
    for _ in range(2):
        assert chat.ask("replicate", type="login", content={"username": "py-far", "timestamp": 1.6e9})
        assert chat.ask("replicate", type="channel", content={"name": "py-far-chat"})["status"] == "OK"
        assert chat.ask("replicate", type="channel_message", content=said)["status"] == "OK"
        assert chat.ask(
            "replicate",
            type="user_message",
            content={"from": "py-far", "to": "py-ana", "message": "d", "timestamp": 1_600_000_000},
        )["status"] == "OK"
    assert len(chat.ask("history", channel="py-far-chat")["messages"]) == 1
    copy = chat.ask("sync", last_sync=0)
    assert said in copy["channel_messages"], copy["channel_messages"]
    assert {"src": "py-far", "dst": "py-ana", "message": "d", "timestamp": 1_600_000_000} in copy[
        "user_messages"
    ]
    assert any(each["username"] == "py-far" for each in copy["logins"])
    assert "py-far-chat" in copy["channels"]
    assert chat.ask("sync", last_sync=9_000_000_000)["channel_messages"] == []
    assert chat.ask("dance")["status"] == "erro"

    rank = reference.ask("rank", user="py-server")
    integers(rank, "rank")
    assert reference.ask("rank", user="py-server")["rank"] == rank["rank"]
    assert reference.ask("heartbeat", user="py-server")["status"] == "OK"
    until(
        lambda: {"name": "py-server", "rank": rank["rank"]} in reference.ask("list")["list"]
    )
    assert reference.ask("coordinator", coordinator="py-server")["status"] == "OK"
    assert reference.ask("replicate", type="channel_message", content=said)["status"] == "OK"
    assert len(chat.ask("history", channel="py-far-chat")["messages"]) == 1


def publications(chat):
    publisher = CONTEXT.socket(zmq.PUB)
    publisher.setsockopt(zmq.LINGER, 0)
    connected(publisher, PUBLICATIONS)
    socket = subscriber("py-chat", "py-bob", "replication")
    message = {
        "user": "py-ana",
        "channel": "py-chat",
        "message": "published",
        "timestamp": time.time(),
        "clock": 3,
    }
    topic, came = heard(
        socket, lambda: publisher.send_multipart([b"py-chat", msgpack.packb(message)])
    )
    assert topic in ("py-chat", "replication"), topic
    direct = {"src": "py-ana", "dst": "py-bob", "message": "direct", "timestamp": time.time()}
    until(
        lambda: heard(
            socket, lambda: publisher.send_multipart([b"py-bob", msgpack.packb(direct)])
        )[0]
        == "py-bob"
    )
    for strange in (b"", b"\xc1", msgpack.packb([1]), msgpack.packb({"x": 1})):
        publisher.send_multipart([b"py-chat", strange])
    publisher.send_multipart([b"servers", msgpack.packb({"service": "election"})])
    said = [each["message"] for each in chat.ask("history", channel="py-chat")["messages"]]
    assert said.count("published") == 1, said


def encodings(chat):
    """The same request as encoders write it in different bytes."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for request in (
        msgpack.packb({"service": "users"}, use_bin_type=False),
        msgpack.packb({b"service": b"users", b"data": {}}, use_bin_type=True),
        msgpack.packb({"service": "users", "data": None, "extra": [1, {"a": None}]}),
        msgpack.packb({"service": "users", "data": []}),
        msgpack.packb({"service": "users", "timestamp": now}, datetime=True),
        msgpack.packb({"service": "users", "timestamp": now.isoformat(), "clock": 3.0}),
        msgpack.packb({"service": "users", "clock": 2**64 - 1}),
        msgpack.packb({None: "Class", "service": "users"}),
    ):
        reply = chat.raw(request)
        assert reply["service"] == "users" and "py-ana" in reply["data"]["users"], reply
    for request in (b"", b"X\n\x00\x00", msgpack.packb([1, 2]), msgpack.packb("users")):
        data = chat.raw(request)["data"]
        assert data["status"] == "erro" and data["description"], data
    digits = chat.raw(
        msgpack.packb({"service": "login", "data": {"user": int(time.time())}})
    )
    assert digits["data"]["status"] == "sucesso", digits


def main():
    chat, reference = Requester(SERVICES), Requester(REFERENCE)
    rows(chat, reference)
    publications(chat)
    encodings(chat)
    print("pyzmq", zmq.pyzmq_version(), "libzmq", zmq.zmq_version(), "msgpack", msgpack.version)


main()
