"""What is known of the cluster under test: where its servers are, how large, what its ledger has."""

import json
import pathlib
import types
from urllib.parse import quote

from normal import get_json


class Cluster:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.token = self._file()["adminToken"]

    def _file(self):
        try:
            return json.loads((self.folder / "cluster.json").read_text())
        except FileNotFoundError:
            raise SystemExit(
                f"{self.folder} has no cluster.json: start one there, by ./batuta up --data "
                f"{self.folder} --http-port 0"
            ) from None

    def servers(self):
        """By name; each has a url, ports by name, and the pid of its process."""
        return {each["name"]: types.SimpleNamespace(**each) for each in self._file()["servers"]}

    def server(self, name):
        servers = self.servers()
        name = name or min(servers)
        if name not in servers:
            raise SystemExit(f"no server {name} here: there are {', '.join(servers)}")
        return servers[name]

    def _get(self, path):
        return get_json(next(iter(self.servers().values())).url + path, self.token)

    def ledger(self):
        """What no input may change."""
        audit = self._get("/api/v1/audit")
        accounts, after = {}, ""
        while after is not None:
            page = self._get("/api/v1/accounts?limit=1000" + (after and f"&after={quote(after)}"))
            accounts |= {each["user"]: each["balance"] for each in page["items"]}
            after = page["next"]
        return audit, accounts

    def doors(self, server):
        """Of a server: messages received, and refusals by reason, by the name of the door."""
        shown = self._get("/api/v1/doors")["items"]
        return {each["name"]: each for each in shown if each["node"] == server}

    def errors(self):
        """How often the servers logged each error."""
        found = {}
        for name in self.servers():
            for line in (self.folder / "logs" / f"{name}.log").read_text().splitlines():
                entry = json.loads(line)
                if entry.get("level") == "ERROR":
                    key = f"{entry.get('message')} ({entry.get('exception', '').strip()[:200]})"
                    found[key] = found.get(key, 0) + 1
        return found


def memory_mib(pid):
    """Resident memory of a process; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status") as status:
            lines = dict(line.split(":", 1) for line in status)
        return int(lines["VmRSS"].split()[0]) / 1024
    except (FileNotFoundError, KeyError):
        return 0
