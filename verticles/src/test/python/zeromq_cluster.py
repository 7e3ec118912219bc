"""Clients of two servers of one cluster: what is said at one, by any door, is heard at the other.

Argument: JSON with the servers (url and ports) and a token of an admin.
"""

import json
import sys
import time
import urllib.request

import msgpack
import zmq

GIVEN = json.loads(sys.argv[1])
ONE, OTHER = GIVEN["servers"]
CONTEXT = zmq.Context()


def socket(server, kind, port):
    made = CONTEXT.socket(kind)
    made.setsockopt(zmq.LINGER, 0)
    made.setsockopt(zmq.RCVTIMEO, 20_000)
    made.connect(f"tcp://127.0.0.1:{server['ports'][port]}")
    return made


def ask(requester, service, **data):
    requester.send(msgpack.packb({"service": service, "data": data}))
    reply = msgpack.unpackb(requester.recv())
    assert reply["service"] == service, reply
    return reply["data"]


def http(server, method, path, body=None):
    request = urllib.request.Request(
        server["url"] + "/api/v1" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer " + GIVEN["token"],
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what + " did not come"
        time.sleep(0.05)


def hears(server, topic, say, expected):
    """Says it again and again, as who has just come may miss the first, until it is heard."""
    subscriber = socket(server, zmq.SUB, "zeromq-subscribe")
    subscriber.setsockopt(zmq.RCVTIMEO, 200)
    subscriber.setsockopt_string(zmq.SUBSCRIBE, topic)

    def heard():
        say()
        try:
            name, body = subscriber.recv_multipart()
        except zmq.Again:
            return False
        message = msgpack.unpackb(body)
        return name.decode() == topic and message["message"] == expected

    until(heard, expected)
    subscriber.close()


def chat():
    one, other = (socket(server, zmq.REQ, "zeromq-services") for server in (ONE, OTHER))
    assert ask(one, "login", user="zo")["status"] == "sucesso"
    assert ask(one, "channel", channel="wide")["status"] == "sucesso"
    until(lambda: "zo" in ask(other, "users")["users"], "the name")
    until(lambda: "wide" in ask(other, "channels")["channels"], "the channel")
    assert ask(other, "login", user="zo")["status"] == "erro"

    by_http = {"text": "by HTTP", "user": "zo"}
    hears(OTHER, "wide", lambda: http(ONE, "POST", "/channels/wide/messages", by_http), "by HTTP")
    by_zeromq = {"user": "zo", "channel": "wide", "message": "by ZeroMQ"}
    hears(ONE, "wide", lambda: ask(other, "publish", **by_zeromq), "by ZeroMQ")
    publisher = socket(OTHER, zmq.PUB, "zeromq-publish")
    published = msgpack.packb({**by_zeromq, "message": "by PUB", "timestamp": time.time()})
    hears(ONE, "wide", lambda: publisher.send_multipart([b"wide", published]), "by PUB")

    def texts():
        return [each["text"] for each in http(ONE, "GET", "/channels/wide/messages?limit=1000")["items"]]

    assert {"by HTTP", "by ZeroMQ"} <= set(texts()) and texts().count("by PUB") == 1, texts()

    content = {"user": "far", "channel": "wide", "message": "replicated", "timestamp": 1_600_000_000}
    for requester in (one, other, one, other):
        reply = ask(requester, "replicate", type="channel_message", content=content)
        assert reply["status"] == "OK", reply
    until(
        lambda: all(
            [each["message"] for each in ask(requester, "history", channel="wide")["messages"]].count(
                "replicated"
            )
            == 1
            for requester in (one, other)
        ),
        "one message of both",
    )


def foreign_server():
    one, other = (socket(server, zmq.REQ, "zeromq-reference") for server in (ONE, OTHER))
    rank = ask(one, "rank", user="foreign-9")["rank"]
    assert type(rank) is int and rank > 2, rank
    assert ask(other, "rank", user="foreign-9")["rank"] == rank
    assert ask(other, "heartbeat", user="foreign-9")["status"] == "OK"
    entry = {"name": "foreign-9", "rank": rank}
    for requester in (one, other):
        until(lambda: entry in ask(requester, "list")["list"], "the foreign server in the list")
    until(
        lambda: {"server-1", "server-2"} <= {each["name"] for each in ask(one, "list")["list"]},
        "the servers of the cluster in the list",
    )
    publisher = socket(ONE, zmq.PUB, "zeromq-publish")
    announcement = {"service": "election", "data": {"coordinator": "foreign-9", "clock": 3}}
    for _ in range(20):
        publisher.send_multipart([b"servers", msgpack.packb(announcement)])
        assert ask(one, "coordinator", coordinator="foreign-9")["status"] == "OK"
        time.sleep(0.05)
    assert http(ONE, "GET", "/cluster")["coordinator"] in ("server-1", "server-2")


chat()
foreign_server()
