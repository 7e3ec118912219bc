"""A client of each door that does nothing wrong, and has to be answered all the while."""

import asyncio
import itertools
import json
import time
import urllib.request

import wire

PATIENCE_SECONDS = 1.0
EVERY_SECONDS = 1.0
CHANNEL, USER = "fuzz-pulse", "fuzz-listener"
ACCOUNT = "11111111111"


class Unanswered(Exception):
    """An answer came that is not the one that this request has."""


class Normal:
    """Asks one door of a server once a second; counts and times the answers."""

    def __init__(self, name, server, token):
        self.port = server.ports[name]
        self.services = server.ports["zeromq-services"]
        self.topics = server.ports["zeromq-subscribe"]
        self.bearer = f"Authorization: Bearer {token}"
        self.requests = {
            "http": (self.account, self.stream, self.socket),
            "workers-tcp": (self.master_tcp, self.worker_tcp),
            "workers-ws": (self.master_ws, self.worker_ws),
            "zeromq-services": (self.users,),
            "zeromq-reference": (self.ranks,),
            "zeromq-publish": (self.publish,),
            "zeromq-subscribe": (self.subscribe,),
            "platform": (self.query,),
            "bridge": (self.ping, self.register),
        }[name]
        self.token = token
        self.numbers = itertools.count()
        self.millis = []
        self.missed = []

    async def ask_until(self, end):
        turns = itertools.cycle(self.requests)
        while time.monotonic() < end:
            began = time.monotonic()
            request = next(turns)
            try:
                await asyncio.wait_for(request(), PATIENCE_SECONDS)
                self.millis.append((time.monotonic() - began) * 1000)
            except (OSError, EOFError, ValueError, Unanswered, asyncio.TimeoutError) as error:
                why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
                self.missed.append((time.strftime("%H:%M:%S"), request.__name__, why))
            await asyncio.sleep(max(0, began + EVERY_SECONDS - time.monotonic()))

    async def _with(self, port, talk):
        reader, writer = await wire.connect(port)
        try:
            return await talk(reader, writer)
        finally:
            writer.close()

    # HTTP

    async def _get(self, path, talk, headers=()):
        async def ask(reader, writer):
            writer.write(wire.request("GET", path, headers=(self.bearer, *headers)))
            expect(await wire.read_head(reader), 200)
            await talk(reader)

        await self._with(self.port, ask)

    async def account(self):
        async def read(reader):
            expect(json.loads(await reader.readuntil(b"}"))["user"], ACCOUNT)

        await self._get(f"/api/v1/accounts/{ACCOUNT}", read)

    async def stream(self):
        await self._get("/api/v1/events?types=clock", lambda reader: reader.readuntil(b"data:"))

    async def socket(self):
        async def ask(reader, writer):
            writer.write(wire.upgrade("/eventbus/websocket", (self.bearer,)))
            expect(await wire.read_head(reader), 101)
            register = {"type": "register", "address": "events.nodes", "headers": {}}
            writer.write(wire.websocket_frame(wire.packed_json(register)))
            expect((await wire.read_websocket(reader))["address"], "events.nodes")

        await self._with(self.port, ask)

    # Workers and masters

    async def master_tcp(self):
        await self._with(self.port, over(self._lines, self._master))

    async def worker_tcp(self):
        await self._with(self.port, over(self._lines, self._worker))

    async def master_ws(self):
        await self._with(self.port, over(self._frames, self._master))

    async def worker_ws(self):
        await self._with(self.port, over(self._frames, self._worker))

    @staticmethod
    async def _lines(reader, writer):
        async def ask(value):
            writer.write(wire.line(wire.packed_json(value)))
            return json.loads(await reader.readline())

        return ask

    @staticmethod
    async def _frames(reader, writer):
        writer.write(wire.upgrade("/"))
        expect(await wire.read_head(reader), 101)

        async def ask(value):
            writer.write(wire.websocket_frame(wire.packed_json(value)))
            return await wire.read_websocket(reader)

        return ask

    async def _master(self, ask):
        expect(await ask({"SERVER": "ALIVE"}), {"SERVER": "ALIVE", "TASK": "RECIEVE"})

    async def _worker(self, ask):
        """One that was given a task does it: it must not wait for its lease."""
        name = {"WORKER_UUID": f"normal-{self.port}"}
        task = await ask({"WORKER": "ALIVE", **name})
        if task.get("TASK") in ("QUERY", "UPDATE"):
            done = {"STATUS": "OK", "TASK": task["TASK"], "TASK_ID": task.get("TASK_ID"), **name}
            task = await ask(done)
            expect(task.get("STATUS"), "ACK")
        else:  # it may also be lent, which this one does not heed
            expect(task.get("TASK") in ("NO_TASK", "REDIRECT", "RETURN"), True)

    # ZeroMQ

    async def _service(self, port, service, **data):
        async def ask(reader, writer):
            await wire.zmtp_open(reader, writer, b"REQ")
            request = {"service": service, "data": data | {"timestamp": int(time.time())}}
            writer.write(wire.asked(wire.packed_map(request)))
            return wire.read_map((await wire.read_zmtp(reader))[-1])["data"]

        return await self._with(port, ask)

    async def users(self):
        expect(USER in (await self._service(self.port, "users"))["users"], True)

    async def ranks(self):
        expect(bool((await self._service(self.port, "list"))["list"]), True)

    async def publish(self):
        """Publishes by a PUB socket, and hears it."""

        async def send(text):
            async def say(reader, writer):
                await wire.zmtp_open(reader, writer, b"PUB")
                await wire.read_zmtp(reader)  # what is subscribed to
                said = {"user": USER, "channel": CHANNEL, "message": text}
                said["timestamp"] = time.time()
                writer.write(wire.published(CHANNEL.encode(), wire.packed_map(said)))
                await writer.drain()

            await self._with(self.port, say)

        await self._hear(send)

    async def subscribe(self):
        async def send(text):
            data = {"user": USER, "channel": CHANNEL, "message": text}
            expect((await self._service(self.services, "publish", **data))["status"], "OK")

        await self._hear(send)

    async def _hear(self, send):
        """A subscription is on its way for a moment: what is said then may be said again."""
        text = f"pulse {self.port} {next(self.numbers)}"

        async def listen(reader, writer):
            await wire.zmtp_open(reader, writer, b"SUB")
            writer.write(wire.zmtp_frame(b"\1" + CHANNEL.encode()))
            await writer.drain()
            tasks = [asyncio.ensure_future(hear(reader)), asyncio.ensure_future(say())]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
            finally:
                for each in tasks:
                    each.cancel()

        async def hear(reader):
            while wire.read_map((await wire.read_zmtp(reader))[1])["message"] != text:
                pass

        async def say():
            while True:
                await send(text)
                await asyncio.sleep(0.2)

        await self._with(self.topics, listen)

    async def prepare(self):
        """Makes the names that are used here; they may be there already."""
        await self._service(self.services, "login", user=USER)
        await self._service(self.services, "channel", channel=CHANNEL)

    # The task platform and the bridge

    async def _frame(self, value):
        async def ask(reader, writer):
            writer.write(wire.prefixed(wire.packed_json(value)))
            return await wire.read_prefixed(reader)

        return await self._with(self.port, ask)

    async def query(self):
        asked = {"type": "query_task", "token": self.token, "task_id": "1"}
        expect((await self._frame(asked)).get("error"), "task_not_found")

    async def ping(self):
        expect(await self._frame({"type": "ping"}), {"type": "pong"})

    async def register(self):
        asked = {"type": "register", "address": "events.nodes", "headers": {}}
        expect((await self._frame(asked)).get("address"), "events.nodes")


def over(opened, exchange):
    """An exchange over a connection that is first made to carry JSON."""

    async def talk(reader, writer):
        await exchange(await opened(reader, writer))

    return talk


def expect(got, wanted):
    if got != wanted:
        raise Unanswered(f"{got!r}, not {wanted!r}"[:300])


def get_json(url, token):
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)
