"""The doors of a server: valid messages of each, and what declares more than it brings."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import wire

# No account has these names, so no task that slips through changes the ledger.
NOBODY, NOBODY_ELSE = "fuzz-nobody", "fuzz-nobody-else"
CHANNEL, USER = "fuzz-noise", "fuzz-user"
CLOSED_PORT = 1  # where a server may try to call back


@dataclass(frozen=True)
class Exchange:
    """A valid message: what a connection sends first, and how the value follows."""

    value: object
    encode: Callable[[object], bytes]
    frame: Callable[[bytes], bytes]
    opening: bytes = b""


@dataclass(frozen=True)
class Door:
    """By the name of its port; form is that of its bodies, json or map."""

    name: str
    form: str
    exchanges: list[Exchange]
    huge: list[bytes]


def all_doors(token):
    return [
        http(token),
        workers("workers-tcp", wire.line, b"", _long_lines()),
        workers("workers-ws", wire.websocket_frame, wire.upgrade("/"), _websocket_lies("/")),
        zeromq("zeromq-services", b"REQ", _messaging()),
        zeromq("zeromq-reference", b"REQ", _reference()),
        publications(),
        subscriptions(),
        platform(token),
        bridge(token),
    ]


# HTTP --------------------------------------------------------------------------------------------


def http(token):
    bearer = f"Authorization: Bearer {token}"

    def post(path, value, headers=(bearer,)):
        frame = lambda body: wire.request("POST", path, body, headers)  # noqa: E731
        return Exchange(value, wire.packed_json, frame)

    def get(path):
        frame = lambda body: wire.request("GET", path + body.decode("latin1"), None, (bearer,))  # noqa: E731
        return Exchange("", lambda value: b"" if value == "" else wire.packed_json(value), frame)

    def bus(value):
        opening = wire.upgrade("/eventbus/websocket", (bearer,))
        return Exchange(value, wire.packed_json, wire.websocket_frame, opening)

    query = {"kind": "QUERY", "payload": {"user": NOBODY}, "priority": 1, "timeoutMillis": 1000}
    update = {"user": NOBODY, "operation": "deposit", "amount": "1.00"}
    transfer = {"from": NOBODY, "to": NOBODY_ELSE, "amount": "1.00"}
    return Door(
        "http",
        "json",
        [
            post("/api/v1/login", {"user": USER, "password": "wrong"}, ()),
            post("/api/v1/tasks", query | {"maxAttempts": 1, "notBefore": "2020-01-01T00:00:00Z"}),
            post("/api/v1/tasks", {"kind": "UPDATE", "payload": update, "maxAttempts": 1}),
            post("/api/v1/tasks", {"kind": "TRANSFER", "payload": transfer, "maxAttempts": 1}),
            post("/api/v1/tasks/batch", {"tasks": [query], "idempotencyKey": "fuzz"}),
            post("/api/v1/users", {"name": USER}),
            post("/api/v1/channels", {"name": CHANNEL}),
            post(f"/api/v1/channels/{CHANNEL}/messages", {"text": "noise", "user": USER}),
            post("/api/v1/messages", {"to": USER, "text": "noise", "user": USER}),
            get("/api/v1/tasks?state=DONE&limit=10&after="),
            get("/api/v1/search?q="),
            get("/api/v1/events?types=clock&x="),
            get("/eventbus/info?"),
            bus({"type": "ping"}),
            bus({"type": "register", "address": "events.clock", "headers": {"a": "b"}}),
            bus({"type": "send", "address": "events.clock", "body": {}, "replyAddress": "r"}),
        ],
        _http_lies(bearer) + _websocket_lies("/eventbus/websocket"),
    )


def _http_lies(bearer):
    post = ("POST /api/v1/tasks HTTP/1.1", "Host: 127.0.0.1", bearer)
    headers = (
        ["Content-Length: 9223372036854775807"],
        ["Content-Length: 99999999999999999999"],
        ["Content-Length: -1"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Content-Length: 10000000000", "Expect: 100-continue"],
        ["Transfer-Encoding: chunked, gzip"],
        ["X: " + "a" * 100_000],
        [f"X{i}: a" for i in range(5_000)],
        ["Cookie: " + "; ".join(f"c{i}=1" for i in range(1_000))],
    )
    bodies = (b"", b'{"kind"', b"ffffffffffffffff\r\n{", b"7fffffff\r\n{", b"-1\r\n{", b"0" * 9_000)
    lies = ["\r\n".join([*post, *each, "", ""]).encode() + b for each in headers for b in bodies]
    return lies + [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /%ff%fe%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /../../etc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    ]


def _websocket_lies(path):
    opening = wire.upgrade(path)
    sizes = (1 << 20, 1 << 31, (1 << 63) - 1, (1 << 64) - 1)
    return [
        *(opening + b"\x81\xff" + struct.pack(">Q", size) + b"{}" for size in sizes),
        opening + b"\x81\x85hello",
        opening + b"\x81\x05hello",
        opening + b"\xf1\x80\0\0\0\0",
        opening + wire.websocket_frame(b"{}", 0x80),
        opening + wire.websocket_frame(b"a" * 200, 0x89),
        opening + wire.websocket_frame(b"\x03", 0x88),
        opening + wire.websocket_frame(b"{", 0x01) + wire.websocket_frame(b" ", 0x00) * 3_000,
        opening + wire.websocket_frame(b"", 0x89) * 3_000,
        opening + wire.websocket_frame(b"{" + b" " * 1_500_000),
    ]


# Workers and masters -----------------------------------------------------------------------------


def workers(name, frame, opening, huge):
    here = {"ip": "127.0.0.1", "port": CLOSED_PORT}
    values = [
        {"WORKER": "ALIVE", "WORKER_UUID": "fuzz-1"},
        {"WORKER": "ALIVE"},
        {"WORKER": "ALIVE", "WORKER_UUID": "fuzz-2", "SERVER_UUID": "fuzz-master"},
        {"WORKER": "ALIVE", "WORKER_ID": "fuzz-3", "OWNER_ID": "fuzz-master"},
        {"flag": "WORKER:ALIVE"},
        {"STATUS": "OK", "SALDO": 99.99, "TASK": "QUERY", "WORKER_UUID": "fuzz-1", "TASK_ID": "1"},
        {"STATUS": "NOK", "TASK": "QUERY", "ERROR": "User not found"},
        {"cpf": NOBODY, "saldo": 9.9, "task": "QUERY", "status": "OK", "update_at": "2020"},
        {"SERVER": "ALIVE", "TASK": "REQUEST"},
        {"SERVER_UUID": "fuzz-master", "TASK": "HEARTBEAT"},
        {"SERVER_ID": "fuzz-master", "TASK": "HEARTBEAT"},
        {"TASK": "WORKER_REQUEST", "WORKERS_NEEDED": 5, "REQUESTOR_INFO": here},
        {"TASK": "WORKER_RESPONSE", "STATUS": "ACK", "MASTER": "fuzz", "WORKERS": ["w-1"]},
        {"SERVER_UUID": "fuzz", "RESPONSE": "AVAILABLE", "WORKERS_UUID": ["w-1"]},
        {"SERVER_UUID": "fuzz", "TASK": "COMMAND_RELEASE", "WORKERS_UUID": ["w-1"]},
        {"SERVER_UUID": "fuzz", "RESPONSE": "RELEASE_COMPLETED", "WORKERS_UUID": ["w-1"]},
    ]
    exchanges = [Exchange(value, wire.packed_json, frame, opening) for value in values]
    return Door(name, "json", exchanges, huge)


def _long_lines():
    return [
        b'{"WORKER":"' + b"A" * 1_500_000,
        b'{"WORKER":"ALIVE"' + b" " * 1_500_000 + b"}\n",
        b"\n" * 100_000,
        b'{"WORKER":"ALIVE"}' * 5_000,
        b"{" * 5_000 + b"\n",
        b'{"n":' + b"9" * 100_000 + b"}\n",
        b'{"n":1e' + b"9" * 1_000 + b"}\n",
        b'{"WORKERS":[' + b'"w",' * 50_000 + b'"w"]}\n',
    ]


# ZeroMQ ------------------------------------------------------------------------------------------


def zeromq(name, socket_type, requests):
    opening = wire.greeting() + wire.ready(socket_type)
    exchanges = [Exchange(value, wire.packed_map, wire.asked, opening) for value in requests]
    return Door(name, "map", exchanges, _zmtp_lies(socket_type) + _map_lies(opening, wire.asked))


def _messaging():
    time = {"timestamp": 1_700_000_000, "clock": 1}
    said = {"user": USER, "channel": CHANNEL, "message": "noise"}
    data = {
        "login": {"user": USER},
        "users": {},
        "channel": {"channel": CHANNEL},
        "channels": {},
        "publish": said,
        "message": {"src": USER, "dst": USER, "message": "noise"},
        "clock": {},
        "election": {},
        "replicate": {"type": "channel_message", "content": said | time},
        "sync": {"last_sync": 4_000_000_000},
        "subscribe": {"user": USER, "channel": CHANNEL},
        "history": {"channel": CHANNEL},
        "private_history": {"user1": USER, "user2": USER},
        "adjust": {"adjustment": 0.5},
        "heartbeat": {"user": USER},
        "fuzz": {},
    }
    return [{"service": name, "data": each | time} for name, each in data.items()]


def _reference():
    data = {"timestamp": 1_700_000_000, "clock": 1, "user": "fuzz-server"}
    names = ("rank", "list", "heartbeat", "replicate", "coordinator")
    return [{"service": name, "data": data} for name in names]


def publications():
    opening = wire.greeting() + wire.ready(b"PUB")
    said = {"user": USER, "message": "noise", "channel": CHANNEL, "timestamp": 1, "clock": 1}
    copy = {"type": "channel", "content": {"channel": CHANNEL, "timestamp": 1}}
    data = {"coordinator": "fuzz", "timestamp": 1, "clock": 1}
    values = [
        (CHANNEL, said),
        (USER, {"from": USER, "dst": USER, "message": "noise", "timestamp": 1}),
        ("servers", {"service": "election", "data": data}),
        ("replication", {"service": "replicate", "data": copy}),
    ]

    def on(topic):
        return partial(wire.published, topic.encode())

    exchanges = [Exchange(value, wire.packed_map, on(topic), opening) for topic, value in values]
    lies = _zmtp_lies(b"PUB") + _map_lies(opening, on(CHANNEL)) + _map_lies(opening, on("servers"))
    return Door("zeromq-publish", "map", exchanges, lies)


def subscriptions():
    """Their bodies are no maps: a subscription is one byte and a topic."""
    opening = wire.greeting() + wire.ready(b"SUB")
    topics = ("", CHANNEL, "servers", "replication", "a" * 300)

    def encode(value):
        return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b"?"

    def frame(flag):
        return lambda topic: wire.zmtp_frame(flag + topic)

    exchanges = [
        Exchange(topic, encode, frame(flag), opening) for topic in topics for flag in (b"\1", b"\0")
    ]
    many = b"".join(wire.zmtp_frame(b"\1fuzz-%d" % i) for i in range(3_000))
    return Door("zeromq-subscribe", "map", exchanges, [*_zmtp_lies(b"SUB"), opening + many])


def _zmtp_lies(socket_type):
    greeting = wire.greeting()
    opening = greeting + wire.ready(socket_type)
    sizes = (1 << 16, 1 << 21, 1 << 31, 1 << 48)
    return [
        *(opening + b"\x02" + struct.pack(">Q", size) + b"abc" for size in sizes),
        *(greeting + b"\x06" + struct.pack(">Q", size) + b"\x05READY" for size in sizes),
        opening + b"\x00\xffabc",
        greeting + b"\x04\x19\x05READY\x0bSocket-Type\xff\xff\xff\xff",
        greeting + b"\x04\x06\xffREADY",
        greeting + wire.zmtp_frame(b"\x05ERROR\xffno", command=True),
        greeting + wire.zmtp_frame(b"a message before READY"),
        greeting + wire.ready(b"WRONG") + wire.asked(b"\x80"),
        greeting + wire.ready(socket_type) * 500,
        opening + wire.zmtp_frame(b"\x04PING\xff\xff", command=True) * 500,
        opening + wire.zmtp_frame(b"", more=True) * 5_000,
        opening + wire.zmtp_frame(b"a" * 200, more=True) * 5_000,
        opening + wire.zmtp_frame(b"a" * 1_500_000),
        wire.greeting(b"PLAIN") + wire.ready(socket_type),
        wire.greeting(b"CURVE") + wire.ready(socket_type),
        wire.greeting(version=b"\x01\x00") + wire.asked(b"\x80"),
        b"\xff" + bytes(8) + b"\x7f\x01\x05" + b"\x00\x00" + b"\x01\x00" * 500,
        b"\x01\x00\x02\x00a" + b"\x06\x00abcde" * 500,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ]


def _map_lies(opening, frame):
    most = b"\xff\xff\xff\xff"
    bodies = [
        b"\xdf" + most,
        b"\xdf" + most + b"\xa1a\x01",
        b"\xdd" + most,
        b"\xdb" + most + b"abc",
        b"\xc6" + most + b"abc",
        b"\xc9" + most + b"\x01abc",
        b"\xde\xff\xff" * 100,
        b"\xdc\xff\xff" * 1_000,
        b"\x82\xa7service\xdb\x7f\xff\xff\xffusers\xa4data\x80",
        b"\x82\xa7service\xa5users\xa4data\xdf\x7f\xff\xff\xff",
        b"\xc1",
        b"",
    ]
    return [opening + frame(body) for body in bodies]


# The task platform and the bridge ----------------------------------------------------------------


def platform(token):
    values = [
        {"type": "auth", "username": USER, "password": "wrong"},
        {"type": "submit_task", "token": token, "payload": {"duration": 0.01}},
        {"type": "submit_task", "token": "wrong", "payload": {"duration": 0.01}},
        {"type": "query_task", "token": token, "task_id": "1"},
        {"type": "register_worker", "worker_id": "fuzz", "host": "127.0.0.1", "port": CLOSED_PORT},
        {"type": "heartbeat", "worker_id": "fuzz", "load": 0, "lamport": 1},
        {"type": "task_result", "task_id": "1", "worker_id": "fuzz", "ok": True, "result": "a"},
        {"type": "task_result", "task_id": "1", "worker_id": "fuzz", "ok": False, "error": "a"},
        {"type": "fuzz"},
    ]
    exchanges = [Exchange(value, wire.packed_json, wire.prefixed) for value in values]
    return Door("platform", "json", exchanges, _prefix_lies())


def bridge(token):
    headers = {"Authorization": f"Bearer {token}"}
    task = {"kind": "QUERY", "payload": {"user": NOBODY}, "maxAttempts": 1}
    addressed = {"address": "batuta.tasks.submit", "headers": headers, "replyAddress": "r"}
    values = [
        {"type": "ping"},
        {"type": "register", "address": "events.clock", "headers": {}},
        {"type": "register", "address": "events.messages", "headers": headers},
        {"type": "unregister", "address": "events.clock", "headers": {}},
        {"type": "send", "body": task} | addressed,
        {"type": "send", "body": {"id": "1"}} | addressed | {"address": "batuta.tasks.read"},
        {"type": "publish", "address": "events.clock", "headers": headers, "body": {}},
    ]
    exchanges = [Exchange(value, wire.packed_json, wire.prefixed) for value in values]
    return Door("bridge", "json", exchanges, _prefix_lies())


def _prefix_lies():
    sizes = (0, 1, 1 << 20, (1 << 20) + 1, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
    return [
        *(struct.pack(">I", size) + b'{"type":' for size in sizes),
        struct.pack(">I", 900_000) + b" " * 899_000,
        wire.prefixed(b'{"type":"ping"}') * 2_000,
        wire.prefixed(b"") * 5_000,
        wire.prefixed(b'{"n":' + b"9" * 100_000 + b"}"),
    ]
