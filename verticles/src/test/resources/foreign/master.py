"""A master of another implementation: python3 master.py ID DIALECT TRANSPORT WORKER..

Prints its port, then each message that it gets. DIALECT is uuid, id or plain; in another one it is
silent. TRANSPORT is tcp or ws. Lends the named workers to whoever asks.
"""
import base64, hashlib, json, socket, struct, sys

me, dialect, transport, workers = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)


def answer(said):
    if said.get("TASK") == "HEARTBEAT" and dialect == "uuid" and "SERVER_UUID" in said:
        return {"SERVER_UUID": me, "TASK": "HEARTBEAT", "RESPONSE": "ALIVE"}
    if said.get("TASK") == "HEARTBEAT" and dialect == "id" and "SERVER_ID" in said:
        return {"SERVER_ID": said["SERVER_ID"], "TASK": "HEARTBEAT", "RESPONSE": "ALIVE"}
    if said.get("SERVER") == "ALIVE" and dialect == "plain":
        return {"SERVER": "ALIVE", "TASK": "RECIEVE"}
    if said.get("TASK") == "WORKER_REQUEST":
        said["REQUESTOR_INFO"]["ip"], said["REQUESTOR_INFO"]["port"], said["WORKERS_NEEDED"]
        if dialect == "uuid":
            return {"SERVER_UUID": me, "RESPONSE": "AVAILABLE", "WORKERS_UUID": workers}
        return {"TASK": "WORKER_RESPONSE", "STATUS": "ACK", "MASTER": me, "WORKERS": workers}
    if said.get("TASK") == "COMMAND_RELEASE":
        return {"SERVER_UUID": me, "RESPONSE": "RELEASE_ACK", "WORKERS_UUID": said["WORKERS_UUID"]}
    return None


def frame(text):
    data = text.encode()
    size = struct.pack("!B", len(data)) if len(data) < 126 else struct.pack("!BH", 126, len(data))
    return b"\x81" + size + data


def upgrade(stream, connection):
    """Answers the handshake, and gives the text of the first frame."""
    key = None
    for line in iter(stream.readline, b"\r\n"):
        if not line:
            return ""
        if line.lower().startswith(b"sec-websocket-key:"):
            key = line.split(b":", 1)[1].strip()
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    head = stream.read(2)
    if len(head) < 2 or head[0] & 15 != 1:
        return ""
    size = head[1] & 127
    size = struct.unpack("!H", stream.read(2))[0] if size == 126 else size
    mask = stream.read(4)
    return bytes(b ^ mask[i % 4] for i, b in enumerate(stream.read(size))).decode()


while True:
    connection = server.accept()[0]
    stream = connection.makefile("rb")
    line = upgrade(stream, connection) if transport == "ws" else stream.readline().decode()
    if line:
        said = json.loads(line)
        print(json.dumps(said), flush=True)
        reply = answer(said)
        if reply:
            text = json.dumps(reply)
            connection.sendall(frame(text) if transport == "ws" else text.encode())
    stream.close()
    connection.close()
