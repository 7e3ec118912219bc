#!/bin/bash
# The chat under all that may happen to servers, one after another: each is killed, each hangs for a minute, one loses its
# disk. Bots speak all the while, and listen now here, now there. See messages.md.
# usage: messages.sh [DATA]      DATA is made anew; default /tmp/batuta-messages
set -u
data=${1:-/tmp/batuta-messages}
cd "$(dirname "$0")/../.." || exit 2
export BATUTA_DATA="$data"
servers="server-1 server-2 server-3"
declare -A pids
began=$(date +%s)

say() { printf '%4s s  %s\n' $(($(date +%s) - began)) "$*"; }
pid() { sed 's/.*"pid":\([0-9]*\).*/\1/' "$data/run/$1.json"; }
ready() { ./batuta status --json 2> /dev/null | grep -o '"roles":\["server"[^}]*"state":"ready"' | wc -l; }
await() { # until all servers are ready, for at most three minutes
  for _ in $(seq 180); do [ "$(ready)" -eq 3 ] && { say "all servers are ready"; return; }; sleep 1; done
  say "not all servers are ready after three minutes"; exit 2
}
start() { ./batuta node --data "$data" --name "$1" --roles server,gateway > "$data/$1.out" 2>&1 & pids[$1]=$!; }
at() { echo "${pids[$1]:-$(pid "$1")}"; }
finish() { kill "${pids[@]}" "$bots" 2> /dev/null; ./batuta down --data "$data" > /dev/null; }

[ -e "$data" ] && { echo "$data is there already: remove it, or name another folder"; exit 2; }
./batuta up --data "$data" --http-port 0 --no-restart > "$data.up" 2>&1 &
for _ in $(seq 120); do grep -q '^ready' "$data.up" && break; sleep 1; done
grep -q '^ready' "$data.up" || { cat "$data.up"; exit 2; }
began=$(date +%s)
./batuta bot --count 9 --rate 4 --hop 5s --every 30s --settle 120s > "$data.bots" 2>&1 &
bots=$!
trap finish EXIT
sleep 10

for s in $servers; do
  say "$s is killed"; kill -9 "$(at "$s")"; sleep 5; start "$s"; await; sleep 5
done
for s in $servers; do
  say "$s hangs for a minute"; kill -STOP "$(at "$s")"; sleep 60; kill -CONT "$(at "$s")"; await; sleep 5
done
say "server-2 is killed, and its disk is gone"
kill -9 "$(at server-2)"; sleep 3; rm -r "$data/server-2"; start server-2; await; sleep 10

kill "$bots"; wait "$bots"; verdict=$?
cat "$data.bots"
./batuta sync > /dev/null
./batuta chat digest; same=$?
lines=$(./batuta chat export --server server-2 | grep -c '"kind":"channel-message"')
say "server-2 holds $lines messages of channels; bots exit $verdict, digests exit $same"
[ "$verdict" -eq 0 ] && [ "$same" -eq 0 ]
