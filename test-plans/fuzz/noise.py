"""Sends a door its inputs and holds half-open connections; runs as a process of its own."""

import asyncio
import collections
import functools
import os
import random
import resource
import socket
import struct
import time

import inputs
from doors import all_doors

TRACES = (b"at dev.batuta", b"Exception", b"java.lang", b"\tat ")
CONNECTED_WITHIN_SECONDS = 2
ANSWERS_WITHIN_SECONDS = 0.3
MOST_AT_ONCE = 40
MOST_READ_BYTES = 1 << 18
OPENED_A_SECOND = 200


class Result:
    """What came of it; goes back to the process that started this one."""

    def __init__(self):
        self.sent = collections.Counter()
        self.ended = collections.Counter()  # how connections went on
        self.half_open = 0  # opened
        self.most_half_open = 0  # at once
        self.traces = []  # inputs that got a stack trace, and the answer


def run(name, token, port, seed, seconds, rate, half_open, kinds):
    """All the noise for one door."""
    be_nice(19)
    raise_limit()
    door = next(each for each in all_doors(token) if each.name == name)
    noise = Noise(port, random.Random(f"{seed}/{door.name}"))
    asyncio.run(noise.make(door, seconds, rate, half_open, kinds))
    return noise.result


def be_nice(by):
    """A kernel with autogroups shares the processors by sessions: this one has its own, as each node."""
    os.nice(by)
    os.setsid()
    for _ in range(50 if os.path.exists("/proc/self/autogroup") else 0):
        try:
            with open("/proc/self/autogroup", "w", encoding="ascii") as group:
                group.write(str(by))
            return
        except BlockingIOError:  # one in a tenth of a second may, unless it is root
            time.sleep(0.1)


def raise_limit():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Noise:
    def __init__(self, port, chance):
        self.port = port
        self.chance = chance
        self.result = Result()
        self.parent = os.getppid()

    def is_orphan(self):
        """Whether who started this process is gone: its own session does not hear of Ctrl-C."""
        return os.getppid() != self.parent

    async def make(self, door, seconds, rate, half_open, kinds):
        end = time.monotonic() + seconds
        holding = asyncio.ensure_future(self.hold(door, half_open, end))
        free = asyncio.Semaphore(MOST_AT_ONCE)
        running = set()
        made = inputs.inputs(door, self.chance, kinds)
        due = time.monotonic()
        while due < end and not self.is_orphan():
            kind, data = next(made)
            await free.acquire()
            await asyncio.sleep(max(0, due - time.monotonic()))
            task = asyncio.ensure_future(self.send(kind, data))
            running.add(task)
            task.add_done_callback(lambda done: (running.discard(done), free.release()))
            due = max(due + 1 / rate, time.monotonic() - 1)  # what was late is not made up for long
        await asyncio.gather(*running, holding)

    async def send(self, kind, data):
        self.result.sent[kind] += 1
        try:
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection("127.0.0.1", self.port), CONNECTED_WITHIN_SECONDS
            )
        except (OSError, asyncio.TimeoutError):
            self.result.ended["not connected"] += 1
            return
        try:
            writer.write(data)
            ending = self.chance.choice(("wait", "wait", "half-close", "cut", "reset"))
            if ending in ("cut", "reset"):
                if ending == "reset":
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, linger
                    )
                self.result.ended["left"] += 1
                return
            if ending == "half-close":
                writer.write_eof()
            self.judge(kind, data, *await read(reader))
        except OSError:
            self.result.ended["reset by the door"] += 1
        finally:
            writer.transport.abort()

    def judge(self, kind, data, answer, closed):
        self.result.ended[
            ("answered" if answer else "silent") + (", closed" if closed else "")
        ] += 1
        if any(trace in answer for trace in TRACES) and len(self.result.traces) < 20:
            self.result.traces.append((kind, data[:2_000], answer[:2_000]))

    async def hold(self, door, most, end):
        """Connections that say nothing, or begin a message; those that are closed are replaced."""
        wholes = [each.opening + each.frame(each.encode(each.value)) for each in door.exchanges]
        loop = asyncio.get_running_loop()
        held = set()
        while (now := time.monotonic()) < end and not self.is_orphan():
            for _ in range(min(OPENED_A_SECOND // 10, most - len(held))):
                whole = self.chance.choice(wholes)
                begun = whole[: self.chance.choice((0, 1, len(whole) // 2, len(whole) - 1))]
                begin = functools.partial(HalfOpen, held, begun)
                opened = loop.create_connection(begin, "127.0.0.1", self.port)
                try:
                    await asyncio.wait_for(opened, CONNECTED_WITHIN_SECONDS)
                    self.result.half_open += 1
                except (OSError, asyncio.TimeoutError):
                    self.result.ended["not connected"] += 1
                    break
            self.result.most_half_open = max(self.result.most_half_open, len(held))
            await asyncio.sleep(max(0, now + 0.1 - time.monotonic()))
        for each in list(held):
            each.abort()


class HalfOpen(asyncio.Protocol):
    def __init__(self, held, begun):
        self.held = held
        self.begun = begun

    def connection_made(self, transport):
        self.transport = transport
        self.held.add(transport)
        if self.begun:
            transport.write(self.begun)

    def connection_lost(self, error):
        self.held.discard(self.transport)


async def read(reader):
    """What comes within a moment, and whether the door closed."""
    answer = b""
    end = time.monotonic() + ANSWERS_WITHIN_SECONDS
    try:
        while len(answer) < MOST_READ_BYTES:
            piece = await asyncio.wait_for(reader.read(1 << 16), max(0, end - time.monotonic()))
            if not piece:
                return answer, True
            answer += piece
    except asyncio.TimeoutError:
        pass
    return answer, False
