"""Fuzzes the doors of a running cluster, and asks them something normal all the while.

    python3 test-plans/fuzz/fuzz.py --data DIR [--seconds 20] [--door NAME]..

Exits with 1 when a promise failed: a normal request a second is answered within a second at each
door, no answer holds a stack trace, no server dies or grows beyond a bound, the ledger stays.
"""

import argparse
import asyncio
import collections
import concurrent.futures
import os
import random
import sys
import time

import inputs
import noise
from cluster import Cluster, memory_mib
from doors import all_doors
from normal import Normal

SETTLES_SECONDS = 3


def arguments(names):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, metavar="DIR", help="data folder of the cluster")
    parser.add_argument("--server", metavar="NAME", help="whose doors; the first one's unless given")
    parser.add_argument(
        "--door", action="append", metavar="NAME", choices=names, help="one of " + ", ".join(names)
    )
    parser.add_argument("--seconds", type=float, default=20, help="for all doors at once")
    parser.add_argument(
        "--warm-up",
        type=float,
        default=0,
        metavar="SECONDS",
        help="before these, in which a server just started compiles what it runs; what it misses"
        " meanwhile is told, and fails nothing",
    )
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--rate", type=float, default=40, help="inputs a second and door")
    parser.add_argument("--half-open", type=int, default=2_000, help="connections held at a door")
    parser.add_argument("--kind", action="append", choices=inputs.KINDS, help="only these inputs")
    parser.add_argument("--max-rss-mib", type=int, default=1_024, help="of a server")
    return parser


async def watch(servers, largest, end):
    """Notes the largest size of each server, and by how much this process itself was late."""
    latest = 0.0
    while (now := time.monotonic()) < end:
        for name, server in servers.items():
            largest[name] = max(largest[name], memory_mib(server.pid))
        await asyncio.sleep(0.25)
        latest = max(latest, time.monotonic() - now - 0.25)
    return latest


async def warmed_up(seconds, normals):
    """Begins to count."""
    if seconds:
        await asyncio.sleep(seconds)
        cold = {name: len(normal.missed) for name, normal in normals.items()}
        print("missed while warming up:", ", ".join(f"{name} {n}" for name, n in cold.items()))
        print()
        for normal in normals.values():
            normal.millis.clear()
            normal.missed.clear()


async def fuzz(given, doors, server, servers, token, largest):
    normals = {door.name: Normal(door.name, server, token) for door in doors}
    await next(iter(normals.values())).prepare()
    seconds = given.warm_up + given.seconds
    end = time.monotonic() + seconds
    loop = asyncio.get_running_loop()
    with concurrent.futures.ProcessPoolExecutor(len(doors)) as processes:
        kinds = tuple(given.kind or inputs.KINDS)
        made = [
            loop.run_in_executor(
                processes,
                noise.run,
                *(door.name, token, server.ports[door.name], given.seed),
                *(seconds, given.rate, given.half_open, kinds),
            )
            for door in doors
        ]
        asked = [each.ask_until(end) for each in normals.values()]
        warm = warmed_up(given.warm_up, normals)
        latest, *_ = await asyncio.gather(watch(servers, largest, end), warm, *asked)
        results = await asyncio.gather(*made)
    return normals, dict(zip(normals, results)), latest


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [str(row[0]).ljust(widths[0])]
        cells += [str(cell).rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells))
    print()


def show_doors(normals, results):
    rows = [("door", "inputs", *inputs.KINDS, "half-open", "asked", "p50 ms", "slowest", "missed")]
    for name, normal in normals.items():
        result = results[name]
        millis = sorted(normal.millis) or [0]
        rows.append(
            (
                name,
                sum(result.sent.values()),
                *(result.sent[kind] for kind in inputs.KINDS),
                f"{result.half_open} ({result.most_half_open})",
                len(normal.millis) + len(normal.missed),
                f"{millis[len(millis) // 2]:.0f}",
                f"{millis[-1]:.0f}",
                len(normal.missed),
            )
        )
    table(rows)
    for name, result in results.items():
        print(f"{name}: {', '.join(f'{n} {how}' for how, n in result.ended.most_common())}")
    print()


def show_refusals(before, after):
    for name, door in after.items():
        old = before.get(name, {"received": 0, "refused": {}})
        refused = collections.Counter(door["refused"])
        refused.subtract(old["refused"])
        reasons = ", ".join(f"{n} {why}" for why, n in refused.most_common() if n)
        received = door["received"] - old["received"]
        print(f"{name} received {received}, refused {reasons or 'nothing'}")
    print()


def failures(given, normals, results, sizes, pids, ledgers):
    """The promises that were not kept, as sentences."""
    for name, normal in normals.items():
        for at, request, why in normal.missed[:5]:
            yield f"{name} did not answer {request} within a second at {at}: {why}"
        if len(normal.missed) > 5:
            more, last = len(normal.missed) - 5, normal.missed[-1][0]
            yield f"{name} did not answer {more} times more, the last time at {last}"
        for kind, sent, answer in results[name].traces[:3]:
            yield f"{name} answered {kind} {sent[:300]!r} with a stack trace: {answer[:300]!r}"
    for name, (_, most, _) in sizes.items():
        if most > given.max_rss_mib:
            yield f"{name} grew to {most:.0f} MiB"
    for name, (before, after) in pids.items():
        if before != after:
            yield f"{name} died: its process was {before} and is {after}"
    (audit, accounts), (audit_after, accounts_after) = ledgers
    if not audit_after["ok"]:
        yield f"the ledger does not balance: {audit_after}"
    if audit_after != audit or accounts_after != accounts:
        yield f"the ledger changed: {audit} became {audit_after}"


def main():
    names = [door.name for door in all_doors("")]
    given = arguments(names).parse_args()
    noise.raise_limit()
    cluster = Cluster(given.data)
    server, servers = cluster.server(given.server), cluster.servers()
    doors = [each for each in all_doors(cluster.token) if each.name in (given.door or names)]
    print(f"seed {given.seed}: {len(doors)} doors of {server.name} for {given.seconds:.0f} s\n")

    sizes = {name: memory_mib(each.pid) for name, each in servers.items()}
    largest = dict(sizes)
    ledger, shown, errors = cluster.ledger(), cluster.doors(server.name), cluster.errors()
    normals, results, latest = asyncio.run(
        fuzz(given, doors, server, servers, cluster.token, largest)
    )
    time.sleep(SETTLES_SECONDS)

    now = cluster.servers()
    sizes = {name: (sizes[name], largest[name], memory_mib(now[name].pid)) for name in servers}
    show_doors(normals, results)
    show_refusals(shown, cluster.doors(server.name))
    for name, (start, most, end) in sizes.items():
        print(f"{name}: RSS {start:.0f} MiB at the start, at most {most:.0f}, {end:.0f} at the end")
    print(f"this program itself was late by at most {latest * 1000:.0f} ms")
    for error, count in cluster.errors().items():
        if count > errors.get(error, 0):
            print(f"logged {count - errors.get(error, 0)} times: {error}")
    pids = {name: (each.pid, now[name].pid) for name, each in servers.items()}
    failed = list(failures(given, normals, results, sizes, pids, (ledger, cluster.ledger())))
    print("\nFAILED:\n  " + "\n  ".join(failed) if failed else "\nall promises kept")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        os._exit(130)  # the processes of the noise see it, and end
