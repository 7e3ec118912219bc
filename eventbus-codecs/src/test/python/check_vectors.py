#!/usr/bin/env python3
"""Checks the test vectors of Batuta's codec with nothing but Python's standard library.

    check_vectors.py [FOLDER]

For each NAME.json: NAME.msgpack holds the same values under the same keys, in the shortest
MessagePack; NAME.positional.msgpack holds them in the same order as arrays. The decoder below is
all that a client needs to read Batuta's messages.
"""

import base64
import json
import struct
import sys
from pathlib import Path


def decode(data, at=0):
    """The value at an offset, and the offset behind it."""
    tag = data[at]
    at += 1
    if tag <= 0x7F:
        return tag, at
    if tag >= 0xE0:
        return tag - 256, at
    if tag <= 0x8F:
        return decode_map(data, at, tag & 0x0F)
    if tag <= 0x9F:
        return decode_array(data, at, tag & 0x0F)
    if tag <= 0xBF:
        return decode_text(data, at, tag & 0x1F)
    if tag in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[tag], at
    numbers = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
               0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
    if tag in numbers:
        return struct.unpack_from(numbers[tag], data, at)[0], at + struct.calcsize(numbers[tag])
    sized = {0xC4: (">B", decode_bytes), 0xC5: (">H", decode_bytes), 0xC6: (">I", decode_bytes),
             0xD9: (">B", decode_text), 0xDA: (">H", decode_text), 0xDB: (">I", decode_text),
             0xDC: (">H", decode_array), 0xDD: (">I", decode_array),
             0xDE: (">H", decode_map), 0xDF: (">I", decode_map)}
    size, read = sized[tag]
    return read(data, at + struct.calcsize(size), struct.unpack_from(size, data, at)[0])


def decode_bytes(data, at, length):
    if at + length > len(data):
        raise ValueError("cut off")
    return data[at:at + length], at + length


def decode_text(data, at, length):
    value, at = decode_bytes(data, at, length)
    return value.decode("utf-8"), at


def decode_array(data, at, count):
    values = []
    for _ in range(count):
        value, at = decode(data, at)
        values.append(value)
    return values, at


def decode_map(data, at, count):
    entries = {}
    for _ in range(count):
        key, at = decode(data, at)
        entries[key], at = decode(data, at)
    return entries, at


def encode(value):
    """The shortest MessagePack of a value."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return encode_int(value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return header(len(value), None, 0, 0xC4, 0xC5, 0xC6) + value
    if isinstance(value, str):
        data = value.encode("utf-8")
        return header(len(data), 0xA0, 32, 0xD9, 0xDA, 0xDB) + data
    if isinstance(value, list):
        return header(len(value), 0x90, 16, None, 0xDC, 0xDD) + b"".join(map(encode, value))
    return header(len(value), 0x80, 16, None, 0xDE, 0xDF) + b"".join(
        encode(key) + encode(each) for key, each in value.items())


def encode_int(value):
    if -32 <= value < 128:
        return struct.pack(">b", value)
    unsigned = [(0xCC, ">B", 8), (0xCD, ">H", 16), (0xCE, ">I", 32), (0xCF, ">Q", 64)]
    signed = [(0xD0, ">b", 8), (0xD1, ">h", 16), (0xD2, ">i", 32), (0xD3, ">q", 64)]
    for tag, form, bits in unsigned if value >= 0 else signed:
        if value < 2 ** bits if value >= 0 else value >= -(2 ** (bits - 1)):
            return bytes([tag]) + struct.pack(form, value)
    raise ValueError(value)


def header(length, fix, below, tag8, tag16, tag32):
    if fix is not None and length < below:
        return bytes([fix | length])
    if tag8 is not None and length < 1 << 8:
        return bytes([tag8, length])
    if length < 1 << 16:
        return bytes([tag16]) + struct.pack(">H", length)
    return bytes([tag32]) + struct.pack(">I", length)


def check_named(of_json, packed, path):
    """JSON says large numbers and bytes as text; all else is the same."""
    if isinstance(packed, dict):
        expect(isinstance(of_json, dict) and list(of_json) == list(packed), path, of_json, packed)
        for key in packed:
            check_named(of_json[key], packed[key], f"{path}.{key}")
    elif isinstance(packed, list):
        expect(isinstance(of_json, list) and len(of_json) == len(packed), path, of_json, packed)
        for i, each in enumerate(packed):
            check_named(of_json[i], each, f"{path}[{i}]")
    elif isinstance(packed, bytes):
        expect(base64.b64decode(of_json, validate=True) == packed, path, of_json, packed)
    elif type(packed) is int and abs(packed) >= 2 ** 53:
        expect(of_json == str(packed), path, of_json, packed)
    else:
        expect(type(of_json) is type(packed) and of_json == packed, path, of_json, packed)


def check_positional(named, positional, path, one_of_several):
    """Arrays hold what the maps hold, in order; enums are numbers, `type` is a number."""
    if isinstance(named, dict):
        values = list(named.items())
        expect(isinstance(positional, list) and len(values) == len(positional), path, named,
               positional)
        if "type" in named:
            number = positional[0]
            expect(one_of_several.setdefault(number, named["type"]) == named["type"], path,
                   named["type"], number)
            values, positional = values[1:], positional[1:]
        for (key, value), each in zip(values, positional):
            check_positional(value, each, f"{path}.{key}", one_of_several)
    elif isinstance(named, list):
        expect(isinstance(positional, list) and len(named) == len(positional), path, named,
               positional)
        for i, value in enumerate(named):
            check_positional(value, positional[i], f"{path}[{i}]", one_of_several)
    elif isinstance(named, str) and type(positional) is int:
        expect(named.isupper() and 0 <= positional < 128, path, named, positional)
    else:
        expect(type(named) is type(positional) and named == positional, path, named, positional)


def expect(agrees, path, one, other):
    if not agrees:
        raise ValueError(f"{path}: {one!r} against {other!r}")


def unpack(file):
    data = file.read_bytes()
    value, end = decode(data)
    expect(end == len(data), file.name, end, len(data))
    expect(encode(value) == data, file.name, "the shortest form", "what is there")
    return value


def main(folder):
    count = 0
    numbers = {}
    for file in sorted(folder.glob("*.json")):
        of_json = json.loads(file.read_text("utf-8"))
        named = unpack(file.with_suffix(".msgpack"))
        positional = unpack(file.with_suffix(".positional.msgpack"))
        check_named(of_json, named, file.stem)
        check_positional(named, positional, file.stem, numbers)
        count += 1
    print(f"{count} vectors agree")
    return 0 if count else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1
                       else Path(__file__).parent.parent / "resources" / "vectors")))
