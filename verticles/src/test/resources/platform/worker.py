"""A worker: registers, listens, says every 2 s that it lives, and does what it is sent.

usage: worker.py PORT ID HABIT
habits: answer, fail, report (closes, and says the end with task_result), later (says only ok, and
the end with task_result), silent (never answers), other (answers for another task),
liar (answers as another worker)
A task that is to crash it ends its heartbeats; it listens on, and hangs up; silent says nothing.
"""
import json
import socket
import sys
import threading
import time

import wire

port, name, habit = int(sys.argv[1]), sys.argv[2], sys.argv[3]
alive = threading.Event()
alive.set()
lamport = 0


def tell(**event):
    print(json.dumps(event) + "\n", end="", flush=True)  # one piece: several threads print


def beat():
    global lamport
    while alive.is_set():
        try:
            answer = wire.ask(
                port, {"type": "heartbeat", "worker_id": name, "load": 0, "lamport": lamport}
            )
            lamport = max(lamport, answer["lamport"]) + 1
        except (OSError, EOFError):
            pass  # the server is restarted: it will be there again
        time.sleep(2)


def result(task, duration):
    return {"ok": True, "task_id": task, "worker_id": name, "result": {"slept": duration}}


def report(task, duration):
    tell(reported=wire.ask(port, {"type": "task_result", **result(task, duration)}))


def execute(connection):
    with connection:
        asked = wire.receive(connection)
        task, payload = asked["task_id"], asked["payload"]
        tell(executes=asked)
        if payload.get("crash"):
            alive.clear()
            tell(crashed=task)
            if habit == "silent":
                time.sleep(3600)
            return
        duration = payload.get("duration", 1)
        if habit == "silent":
            time.sleep(3600)
        if habit == "later":
            wire.send(connection, {"ok": True})
            connection.close()
        time.sleep(duration)
        if habit == "answer":
            wire.send(connection, result(task, duration))
        elif habit == "fail":
            wire.send(
                connection,
                {"ok": False, "task_id": task, "worker_id": name, "error": "no disk"},
            )
        elif habit == "other":
            wire.send(connection, result("1", duration))
        elif habit == "liar":
            wire.send(connection, {**result(task, duration), "worker_id": "somebody"})
    if habit in ("report", "later"):
        report(task, duration)


listener = socket.create_server(("127.0.0.1", 0))
own = listener.getsockname()[1]
tell(
    registered=wire.ask(
        port, {"type": "register_worker", "worker_id": name, "host": "127.0.0.1", "port": own}
    )
)
threading.Thread(target=beat, daemon=True).start()
while True:
    threading.Thread(target=execute, args=(listener.accept()[0],), daemon=True).start()
