"""A worker of 30 lines: python3 worker.py PORT ID HABIT, HABIT being kept, apart or nameless.

Keeps balances of its own, as some do. Prints a line for each task that it was given.
"""
import json, socket, sys, time

port, me, habit = int(sys.argv[1]), sys.argv[2], sys.argv[3]
name = {} if habit == "nameless" else {"WORKER_UUID": me}
own, connection, reader = {}, None, None


def exchange(message):
    global connection, reader
    if connection is None:
        connection = socket.create_connection(("127.0.0.1", port), 5)
        reader = connection.makefile()
    connection.sendall((json.dumps(message) + "\n").encode())
    answer = json.loads(reader.readline())
    if habit == "apart":
        connection.close()
        connection = None
    return answer


while True:
    task = exchange({"WORKER": "ALIVE", **name})
    kind = task.get("TASK")
    if kind == "NO_TASK":
        time.sleep(0.05)
        continue
    if kind == "UPDATE":
        own[task["USER"]] = task["SALDO"]
    print(json.dumps(task), flush=True)
    result = {"STATUS": "OK", "TASK": kind, **name}
    if task["USER"] in own:
        result["SALDO"] = own[task["USER"]]
    assert exchange(result)["STATUS"] in ("ACK", "NACK")
