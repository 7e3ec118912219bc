"""Many SUB clients over libzmq on one topic, and one that subscribes and reads nothing.

Arguments: port, topic, subscribers. Prints "ready" when all hear, ends when a line comes in, and
prints one line of JSON: what each heard, and for how long from the first to the last.
"""

import json
import multiprocessing
import socket as tcp
import sys
import threading
import time

import zmq

PROCESSES = 2


def listen(port, topic, count, ended, results):
    context = zmq.Context()
    poller = zmq.Poller()
    for _ in range(count):
        subscriber = context.socket(zmq.SUB)
        subscriber.setsockopt(zmq.LINGER, 0)
        subscriber.setsockopt(zmq.RCVHWM, 100_000)
        subscriber.setsockopt_string(zmq.SUBSCRIBE, topic)
        subscriber.connect(f"tcp://127.0.0.1:{port}")
        poller.register(subscriber, zmq.POLLIN)
    heard, hearing, first, last, size = 0, set(), 0.0, 0.0, 0
    while not ended.is_set():
        for subscriber, _ in poller.poll(200):
            try:
                for _ in range(1_000):
                    _, body = subscriber.recv_multipart(zmq.NOBLOCK)
                    if b"begin" in body:
                        if subscriber not in hearing:
                            hearing.add(subscriber)
                            if len(hearing) == count:
                                results.put("ready")
                        continue
                    last = time.monotonic()
                    first = first or last
                    heard += 1
                    size = len(body)
            except zmq.Again:
                pass
    results.put((heard, first, last, size))


def reads_nothing(port, topic):
    """A connection of ZMTP 3.0, whose receive buffer is small."""
    slow = tcp.socket()
    slow.setsockopt(tcp.SOL_SOCKET, tcp.SO_RCVBUF, 4_096)
    slow.connect(("127.0.0.1", int(port)))
    slow.sendall(b"\xff" + bytes(7) + b"\x01\x7f\x03\x00NULL" + bytes(16 + 1 + 31))
    name = b"\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB"
    slow.sendall(bytes([4, len(name)]) + name)
    greeting_and_ready = 0
    while greeting_and_ready <= 66:
        greeting_and_ready += len(slow.recv(1_024))
    said = b"\x01" + topic.encode()
    slow.sendall(bytes([0, len(said)]) + said)
    return slow


def main():
    port, topic, subscribers = sys.argv[1:4]
    share = int(subscribers) // PROCESSES
    ended, results = multiprocessing.Event(), multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=listen, args=(port, topic, share, ended, results))
        for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    slow = reads_nothing(port, topic)
    for _ in processes:
        assert results.get() == "ready"
    print("ready", flush=True)
    threading.Thread(target=lambda: (sys.stdin.readline(), ended.set()), daemon=True).start()
    got = [results.get() for _ in processes]
    for process in processes:
        process.join()
    slow.close()
    heard = sum(each[0] for each in got)
    seconds = max(each[2] for each in got) - min(each[1] for each in got)
    print(json.dumps({"heard": heard, "seconds": round(seconds, 2), "bytes": got[0][3]}), flush=True)


main()
