"""A chat client: python3 chat.py USER CHANNEL [HOST [SERVICES [TOPICS]]]

Publishes each line that it reads, and prints what is said in the channel. SERVICES and TOPICS are
the ports of the REP and the XPUB socket.
"""

import sys
import time

import msgpack
import zmq

if len(sys.argv) < 3:
    sys.exit(__doc__)
user, channel = sys.argv[1:3]
host, services, topics = (sys.argv[3:] + ["127.0.0.1", "5555", "5558"][len(sys.argv) - 3 :])[:3]

context = zmq.Context()
requests = context.socket(zmq.REQ)
requests.setsockopt(zmq.LINGER, 0)
requests.setsockopt(zmq.RCVTIMEO, 10_000)
requests.connect(f"tcp://{host}:{services}")
messages = context.socket(zmq.SUB)
messages.connect(f"tcp://{host}:{topics}")


def ask(service, **data):
    data["timestamp"] = int(time.time())
    requests.send(msgpack.packb({"service": service, "data": data}))
    answer = msgpack.unpackb(requests.recv())["data"]
    if answer["status"] == "erro":
        print(answer.get("description") or answer.get("message"), file=sys.stderr, flush=True)
    return answer["status"] != "erro"


try:
    ask("login", user=user)  # a name, or a channel, that there is already will do
    ask("channel", channel=channel)
    if not ask("subscribe", user=user, channel=channel):
        sys.exit(1)
    messages.subscribe(channel)
    print("joined", channel, flush=True)

    poller = zmq.Poller()
    poller.register(messages, zmq.POLLIN)
    poller.register(sys.stdin, zmq.POLLIN)
    while True:
        ready = dict(poller.poll())
        if messages in ready:
            topic, body = messages.recv_multipart()
            said = msgpack.unpackb(body)
            if said["channel"] == channel:  # a topic is a prefix: others may begin alike
                print(f"{said['user']}: {said['message']}", flush=True)
        if sys.stdin.fileno() in ready:
            line = sys.stdin.buffer.raw.readline()  # not buffered, or the poller would miss lines
            if not line:
                break
            ask("publish", user=user, channel=channel, message=line.decode().rstrip("\n"))
except zmq.Again:
    sys.exit(f"{host}:{services} does not answer")
