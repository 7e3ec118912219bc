"""Asks what each line of the input says, as an exchange of its own, and prints the answers."""
import json
import sys

import wire

for line in sys.stdin:
    print(json.dumps(wire.ask(int(sys.argv[1]), json.loads(line))), flush=True)
