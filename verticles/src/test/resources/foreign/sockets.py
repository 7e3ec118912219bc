"""Sockets of Python, moved by a test: one command a line on stdin, one line of answer each.

tcp NAME PORT | ws NAME PORT | listen NAME | accept NAME CONNECTION SECONDS | close NAME
line NAME TEXT | bare NAME TEXT | read NAME SECONDS
"""
import base64, os, socket, struct, sys

sockets = {}


class WebSocket:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n" % (port, key)).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1)
        assert b" 101 " in head, head

    def send(self, text):
        data = text.encode()
        mask = os.urandom(4)
        if len(data) < 126:
            size = struct.pack("!B", 0x80 | len(data))
        else:
            size = struct.pack("!BQ", 0xFF, len(data))
        self.socket.sendall(b"\x81" + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                return None
            data += more
        return data

    def read(self, seconds):
        self.socket.settimeout(seconds)
        head = self.exactly(2)
        if head is None or head[0] & 15 == 8:
            return "CLOSED"
        size = head[1] & 127
        if size == 126:
            size = struct.unpack("!H", self.exactly(2))[0]
        return self.exactly(size).decode()


class Tcp:
    def __init__(self, sock):
        self.socket = sock

    def send(self, text):
        self.socket.sendall(text.encode())

    def read(self, seconds):
        """One read is one object, as many clients have it."""
        self.socket.settimeout(seconds)
        data = self.socket.recv(65536)
        return data.decode().replace("\n", "\\n") if data else "CLOSED"


def carry_out(command, name, rest):
    if command == "tcp":
        sockets[name] = Tcp(socket.create_connection(("127.0.0.1", int(rest)), 5))
    elif command == "ws":
        sockets[name] = WebSocket(int(rest))
    elif command == "listen":
        sockets[name] = socket.create_server(("127.0.0.1", 0))
        return str(sockets[name].getsockname()[1])
    elif command == "accept":
        connection, seconds = rest.split(" ")
        sockets[name].settimeout(float(seconds))
        sockets[connection] = Tcp(sockets[name].accept()[0])
    elif command == "line":
        end = "\n" if isinstance(sockets[name], Tcp) else ""
        sockets[name].send(rest + end)
    elif command == "bare":
        sockets[name].send(rest)
    elif command == "read":
        return sockets[name].read(float(rest))
    elif command == "close":
        closing = sockets.pop(name)
        (closing if isinstance(closing, socket.socket) else closing.socket).close()
    return "done"


for line in sys.stdin:
    command, name, rest = (line.rstrip("\n").split(" ", 2) + ["", ""])[:3]
    try:
        print(carry_out(command, name, rest), flush=True)
    except (TimeoutError, socket.timeout):
        print("TIMEOUT", flush=True)
    except OSError as broken:
        print("CLOSED" if command == "read" else "FAILED %s" % broken, flush=True)
