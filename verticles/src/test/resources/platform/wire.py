"""Length-prefixed JSON, one exchange per connection. Python's standard library only."""
import json
import socket
import struct


def send(connection, message):
    body = json.dumps(message).encode()
    connection.sendall(struct.pack("!I", len(body)) + body)


def receive(connection):
    (length,) = struct.unpack("!I", exactly(connection, 4))
    return json.loads(exactly(connection, length))


def exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError("the connection ended after %d of %d bytes" % (len(data), count))
        data += piece
    return data


def ask(port, message):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        send(connection, message)
        return receive(connection)
