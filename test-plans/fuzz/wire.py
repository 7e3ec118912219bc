"""How the protocols of the doors look as bytes, from Python's standard library alone."""

import asyncio
import base64
import json
import struct

PATIENCE_BYTES = 1 << 20


def packed_json(value):
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def packed_map(value):
    """MessagePack, as much of it as the doors read."""
    match value:
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int() if -(1 << 63) <= value < 0:
            return b"\xd3" + struct.pack(">q", value)
        case int() if 0 <= value < 1 << 64:
            return bytes([value]) if value < 128 else b"\xcf" + struct.pack(">Q", value)
        case int() | float():
            return b"\xcb" + struct.pack(">d", value)
        case bytes():
            return b"\xc6" + struct.pack(">I", len(value)) + value
        case str():
            text = value.encode("utf-8", "surrogatepass")
            return b"\xdb" + struct.pack(">I", len(text)) + text
        case list():
            return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(packed_map, value))
        case dict():
            entries = (packed_map(part) for entry in value.items() for part in entry)
            return b"\xdf" + struct.pack(">I", len(value)) + b"".join(entries)
    raise TypeError(f"{value!r} has no form in MessagePack here")


def read_map(data):
    """The value that some MessagePack holds."""
    value, rest = _read(data)
    if rest:
        raise ValueError(f"{len(rest)} bytes after the value")
    return value


def _read(data):
    first, rest = data[0], data[1:]
    if first < 0x80:
        return first, rest
    if first < 0x90:
        return _map(first & 15, rest)
    if first < 0xA0:
        return _list(first & 15, rest)
    if first < 0xC0:
        return _text(first & 31, rest)
    if first >= 0xE0:
        return first - 256, rest
    if first in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[first], rest
    numbers = dict(zip(range(0xCA, 0xD4), "fdBHIQbhiq"))
    if first in numbers:
        size = struct.calcsize(numbers[first])
        return struct.unpack(">" + numbers[first], rest[:size])[0], rest[size:]
    kinds = {0xC4: (1, _bytes), 0xC5: (2, _bytes), 0xC6: (4, _bytes)}
    kinds |= {0xD9: (1, _text), 0xDA: (2, _text), 0xDB: (4, _text)}
    kinds |= {0xDC: (2, _list), 0xDD: (4, _list), 0xDE: (2, _map), 0xDF: (4, _map)}
    width, read = kinds[first]
    return read(int.from_bytes(rest[:width]), rest[width:])


def _bytes(size, rest):
    return rest[:size], rest[size:]


def _text(size, rest):
    return rest[:size].decode(), rest[size:]


def _list(size, rest):
    values = []
    for _ in range(size):
        value, rest = _read(rest)
        values.append(value)
    return values, rest


def _map(size, rest):
    entries = {}
    for _ in range(size):
        key, rest = _read(rest)
        entries[key], rest = _read(rest)
    return entries, rest


# Lines and prefixes ------------------------------------------------------------------------------


def line(body):
    return body + b"\n"


def prefixed(body):
    return struct.pack(">I", len(body)) + body


async def read_prefixed(reader):
    size = int.from_bytes(await reader.readexactly(4))
    if size > PATIENCE_BYTES:
        raise ValueError(f"an answer of {size} bytes")
    return json.loads(await reader.readexactly(size))


# HTTP and WebSocket ------------------------------------------------------------------------------


def request(method, path, body=None, headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass") + (body or b"")


def upgrade(path, headers=()):
    key = base64.b64encode(b"0123456789abcdef").decode()
    wanted = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    return request("GET", path, headers=[*wanted, f"Sec-WebSocket-Key: {key}", *headers])


def websocket_frame(body, first=0x81):
    """A masked frame, as clients send it; the mask leaves the bytes as they are."""
    size = len(body)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xfe" + struct.pack(">H", size)
    else:
        length = b"\xff" + struct.pack(">Q", size)
    return bytes([first]) + length + bytes(4) + body


async def read_head(reader):
    """The status of an answer, whose headers are read."""
    head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1])


async def read_websocket(reader):
    """The next message, whichever kind its frames have."""
    first, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2))
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8))
    body = await reader.readexactly(size)
    if first & 15 == 8:
        raise ConnectionError(f"closed: {body!r}")
    return json.loads(body)


# ZeroMQ, ZMTP 3.0 --------------------------------------------------------------------------------


def greeting(mechanism=b"NULL", version=b"\x03\x00"):
    return b"\xff" + bytes(8) + b"\x7f" + version + mechanism.ljust(20, b"\0") + bytes(32)


def zmtp_frame(body, more=False, command=False):
    flags = (1 if more else 0) | (4 if command else 0)
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return bytes([flags | 2]) + struct.pack(">Q", len(body)) + body


def ready(socket_type):
    name = b"Socket-Type"
    text = b"\x05READY" + bytes([len(name)]) + name + struct.pack(">I", len(socket_type))
    return zmtp_frame(text + socket_type, command=True)


def asked(body):
    """A request of a REQ socket: an empty frame and the body."""
    return zmtp_frame(b"", more=True) + zmtp_frame(body)


def published(topic, body):
    return zmtp_frame(topic, more=True) + zmtp_frame(body)


async def zmtp_open(reader, writer, socket_type):
    writer.write(greeting() + ready(socket_type))
    await reader.readexactly(64)
    await read_zmtp(reader)  # READY


async def read_zmtp(reader):
    """The frames of the next message or command."""
    frames, more = [], True
    while more:
        flags = (await reader.readexactly(1))[0]
        size = int.from_bytes(await reader.readexactly(8 if flags & 2 else 1))
        if size > PATIENCE_BYTES:
            raise ValueError(f"a frame of {size} bytes")
        frames.append(await reader.readexactly(size))
        more = flags & 1
    return frames


async def connect(port):
    return await asyncio.open_connection("127.0.0.1", port)
