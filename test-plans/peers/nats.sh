#!/bin/bash
# Three servers of NATS JetStream on loopback, each message on the disk of a majority before it is acknowledged, and the load
# of `batuta bench publish`. See README.md.
# usage: nats.sh [OPTIONS OF THE LOAD]      needs Go and Python; all it makes is in a folder that it removes
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=v2.15.2
folder=$(mktemp -d)
pids=
finish() { kill $pids 2> /dev/null || true; wait; rm -rf "$folder"; }
trap finish EXIT

GOBIN=$folder/bin go install "github.com/nats-io/nats-server/v2@$version"
(cd "$here/nats" && go build -o "$folder/load" .)
free_ports() { python3 -c 'import socket
ports = [socket.socket() for _ in range(6)]
for p in ports: p.bind(("127.0.0.1", 0))
print(*(p.getsockname()[1] for p in ports))'; }
read -r -a ports <<< "$(free_ports)"
routes="nats://127.0.0.1:${ports[3]}, nats://127.0.0.1:${ports[4]}, nats://127.0.0.1:${ports[5]}"
for i in 0 1 2; do
  cat > "$folder/$i.conf" <<CONF
server_name: peer-$i
listen: "127.0.0.1:${ports[i]}"
jetstream { store_dir: "$folder/$i", sync_interval: always }
cluster { name: peers, listen: "127.0.0.1:${ports[i + 3]}", routes: [ $routes ] }
CONF
  "$folder/bin/nats-server" -c "$folder/$i.conf" > "$folder/$i.log" 2>&1 &
  pids="$pids $!"
done
"$folder/bin/nats-server" --version
"$folder/load" -servers "nats://127.0.0.1:${ports[0]},nats://127.0.0.1:${ports[1]},nats://127.0.0.1:${ports[2]}" "$@"
