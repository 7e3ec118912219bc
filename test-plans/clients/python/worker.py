"""A worker: python3 worker.py [HOST [PORT [NAME]]]

Asks a server for one task after another, and prints each. The ledger keeps the balances, so to
report that a task was done is all there is to do.
"""

import json
import socket
import sys
import time


def work(host, port, name):
    """Serves one server until that sends this worker elsewhere; returns the address of there."""
    with socket.create_connection((host, port), timeout=10) as connection:
        answers = connection.makefile(encoding="utf-8")

        def ask(message):
            message = {**message, "WORKER_UUID": name}
            connection.sendall(json.dumps(message).encode() + b"\n")
            line = answers.readline()
            if not line:
                raise ConnectionError("the server hung up")
            return json.loads(line)

        while True:
            task = ask({"WORKER": "ALIVE"})
            kind = task.get("TASK")
            if kind in ("QUERY", "UPDATE"):
                print(name, "does", kind, "for", task["USER"], flush=True)
                ask({"STATUS": "OK", "TASK": kind, "TASK_ID": task.get("TASK_ID")})
            elif kind in ("REDIRECT", "RETURN"):
                there = task["SERVER_" + kind]
                print(f"{name} goes to {there['ip']}:{there['port']}", flush=True)
                return there["ip"], there["port"]
            else:  # NO_TASK
                time.sleep(0.2)


host, port, name = (sys.argv[1:] + ["127.0.0.1", "9001", "w-python"][len(sys.argv) - 1 :])[:3]
while True:
    try:
        host, port = work(host, int(port), name)
    except OSError as error:
        print(f"{host}:{port}: {error}; trying again", file=sys.stderr)
        time.sleep(1)
