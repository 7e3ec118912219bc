"""Load of many REQ clients over libzmq: each asks, waits for the answer, and asks again.

Arguments: endpoint, service, user, channel, clients, seconds. Prints one line of JSON.
"""

import json
import multiprocessing
import sys
import time

import msgpack
import zmq


def client(endpoint, service, user, channel, seconds, number, results):
    socket = zmq.Context().socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 20_000)
    socket.connect(endpoint)
    data = {"user": user, "channel": channel, "message": "x" * 100}
    request = msgpack.packb({"service": service, "data": data, "clock": number})
    socket.send(request)
    socket.recv()
    latencies = []
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        asked = time.perf_counter()
        socket.send(request)
        reply = socket.recv()
        latencies.append(time.perf_counter() - asked)
    if service != "echo":
        assert msgpack.unpackb(reply)["data"].get("status") != "erro", reply
    results.put(latencies)


def main():
    endpoint, service, user, channel, clients, seconds = sys.argv[1:7]
    results = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(
            target=client,
            args=(endpoint, service, user, channel, float(seconds), number, results),
        )
        for number in range(int(clients))
    ]
    for process in processes:
        process.start()
    latencies = sorted(each for _ in processes for each in results.get())
    for process in processes:
        process.join()
    print(
        json.dumps(
            {
                "service": service,
                "requestsPerSecond": round(len(latencies) / float(seconds)),
                "p50Millis": round(latencies[len(latencies) // 2] * 1000, 2),
                "p99Millis": round(latencies[len(latencies) * 99 // 100] * 1000, 2),
            }
        )
    )


main()
