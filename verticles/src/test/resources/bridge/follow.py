"""The published client of the event bus over TCP: does what each line of the input says.

It is vertx-eventbus-client 1.0.0 of PyPI. A request that fails calls no reply handler, and blocks
its caller for reply_timeout: so that is short here.
"""
import json
import sys
import threading

from vertx import EventBus


printing = threading.Lock()


def tell(**what):
    with printing:  # the client calls its handlers on a thread of its own
        print(json.dumps(what), flush=True)


bus = EventBus(
    port=int(sys.argv[1]),
    options={"ping_interval": 1, "reply_timeout": 2, "auto_connect": ""},
    err_handler=lambda message: tell(error=message),
)
bus.connect()


def hear(message):
    tell(heard=message)


for line in sys.stdin:
    asked = json.loads(line)
    what, address = asked["do"], asked["address"]
    if what == "register":
        bus.register_handler(address, hear)
    elif what == "unregister":
        bus.unregister_handler(address)
    elif what == "publish":
        bus.publish(address, body=asked.get("body"))
    elif what == "send":
        bus.send(
            address,
            headers=asked.get("headers"),
            body=asked.get("body"),
            reply_handler=lambda message: tell(reply=message),
        )
    tell(did=what, address=address)
