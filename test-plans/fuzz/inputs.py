"""What no client should send: made from the valid messages of a door, by a seed, without end."""

import copy

KINDS = ("random", "flipped", "truncated", "huge", "deep", "types", "utf8")

ODD_TEXTS = ("", " ", "\0", "a" * 10_000, "💣\u202e", "007", "-1", "NaN", "null", "{}", "../..")
ODD_VALUES = (
    None, True, False, 0, -1, 1, 1.5, 1e308, 1 << 31, 1 << 53, (1 << 63) - 1, -(1 << 63),
    [], [None], {}, {"a": 1}, *ODD_TEXTS,
)  # fmt: skip

# Servers connect to such addresses: nothing here may name a host but this one.
ADDRESSES = {"ip", "IP", "host", "HOST", "TARGET_MASTER", "MASTER"}
ODD_ADDRESSES = (None, True, [], {}, "", " ", "\0")

NOT_UTF8 = (
    b"\xff\xfe\xfd\xfc", b"\xc0\x80\xc0\x80", b"\xed\xa0\x80A", b"\xf8\x88\x80\x80",
    b"\xf4\x90\x80\x80", b"\x80\x80\x80\x80", b"A\xe2\x82A", b"AAA\xf0",
)  # fmt: skip
MARK = "@!@!"

DEPTHS = (10, 33, 65, 129, 1_001, 10_000, 60_000)


def inputs(door, random, kinds=KINDS):
    """Pairs of a kind and bytes; the kinds that a door has take turns."""
    makers = {
        "random": _random,
        "flipped": _flipped,
        "truncated": _truncated,
        "huge": lambda door, random: _around(door.huge, random),
        "deep": _deep,
        "types": _types,
        "utf8": _utf8,
    }
    made = {kind: makers[kind](door, random) for kind in kinds}
    while made:
        for kind in list(made):
            data = next(made[kind], None)
            if data is None:
                del made[kind]
            else:
                yield kind, data


def _around(values, random):
    """All of them, in another order each time."""
    while values:
        yield from random.sample(values, len(values))


def _whole(exchange):
    return exchange.opening + exchange.frame(exchange.encode(exchange.value))


def _random(door, random):
    while True:
        exchange = random.choice(door.exchanges)
        noise = random.randbytes(random.choice((1, 3, 8, 64, 500, 5_000)))
        yield noise
        yield exchange.opening + noise
        yield exchange.opening + exchange.frame(noise)


def _flipped(door, random):
    while True:
        data = bytearray(_whole(random.choice(door.exchanges)))
        for _ in range(random.choice((1, 1, 2, 5))):
            at = random.randrange(len(data))
            match random.randrange(4):
                case 0:
                    data[at] ^= 1 << random.randrange(8)
                case 1:
                    data[at:at] = random.randbytes(random.choice((1, 4)))
                case 2 if len(data) > 1:
                    del data[at]
                case _:
                    data[at:at] = data[at : at + random.choice((2, 20))]
        yield bytes(data)


def _truncated(door, random):
    """Each message at each byte, in an order by chance."""
    wholes = [_whole(exchange) for exchange in door.exchanges]
    cuts = [(whole, size) for whole in wholes for size in range(1, len(whole))]
    for whole, size in _around(cuts, random):
        yield whole[:size]


def _deep(door, random):
    forms = {
        "json": ((b"[", b"]"), (b'{"a":', b"}"), (b'[{"WORKERS":', b"}]")),
        "map": ((b"\x91", b""), (b"\x81\xa1a", b""), (b"\xdf\0\0\0\1\xa1a", b"")),
    }[door.form]
    nothing = {"json": b"1", "map": b"\xc0"}[door.form]
    while True:
        exchange = random.choice(door.exchanges)
        begin, end = random.choice(forms)
        depth = random.choice(DEPTHS)
        nest = begin * depth + nothing + end * depth
        if random.random() < 0.3:
            nest = nest[: len(nest) // 2]
        marked = [value for _, value in _variants(exchange.value, [MARK])]
        if marked and random.random() < 0.7:
            body = exchange.encode(random.choice(marked)).replace(exchange.encode(MARK), nest)
        else:
            body = nest
        yield exchange.opening + exchange.frame(body)


def _types(door, random):
    cases = [
        (exchange, value)
        for exchange in door.exchanges
        for _, value in _variants(exchange.value, ODD_VALUES)
    ]
    for exchange, value in _around(cases, random):
        yield exchange.opening + exchange.frame(exchange.encode(value))


def _utf8(door, random):
    cases = [
        (exchange, exchange.encode(value))
        for exchange in door.exchanges
        for old, value in _variants(exchange.value, [MARK])
        if isinstance(old, str)
    ]
    for exchange, body in _around(cases, random):
        broken = random.choice(NOT_UTF8)
        yield exchange.opening + exchange.frame(body.replace(MARK.encode(), broken))


def _variants(value, odd):
    """Each field in turn replaced by each odd value, or left out; with what was there."""
    for path, old in _fields(value):
        addressed = ADDRESSES.intersection(path)
        for new in ODD_ADDRESSES if addressed and odd is ODD_VALUES else odd:
            changed = copy.deepcopy(value)
            holder = changed
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = new
            yield old, changed
    if isinstance(value, dict) and odd is ODD_VALUES:
        for field in value:
            yield value[field], {name: kept for name, kept in value.items() if name != field}


def _fields(value, path=()):
    entries = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    )
    for name, inner in entries:
        yield (*path, name), inner
        yield from _fields(inner, (*path, name))
