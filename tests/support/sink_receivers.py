"""Receivers of the ledger's live sinks, on loopback: syslog over UDP, TCP and TLS, a webhook, a journal's socket."""

import array
import contextlib
import datetime
import hashlib
import hmac
import http.server
import ipaddress
import mmap
import os
import socket
import ssl
import threading


class Receiver:
    """What arrived, in order; `close` ends it."""

    def __init__(self):
        self.messages = []
        self._threads = []
        self.open = True

    def _start(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)


class UdpReceiver(Receiver):
    def __init__(self):
        super().__init__()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"udp://127.0.0.1:{self.socket.getsockname()[1]}"
        self._start(self._read)

    def _read(self):
        with contextlib.suppress(OSError):
            while self.open:
                self.messages.append(self.socket.recv(65536).decode())

    def close(self):
        self.open = False
        self.socket.close()


class TcpReceiver(Receiver):
    """Octet-counted frames (RFC 6587, 5425); with `context` over TLS."""

    def __init__(self, context=None, host="127.0.0.1"):
        super().__init__()
        self.context = context
        self.connections = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"{'tls' if context else 'tcp'}://{host}:{self.socket.getsockname()[1]}"
        self._start(self._accept)

    def _accept(self):
        with contextlib.suppress(OSError):
            while self.open:
                self.connections.append(self.socket.accept()[0])
                self._start(self._read, self.connections[-1])

    def _read(self, connection):
        with contextlib.suppress(OSError, ssl.SSLError):
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
                while b" " in data[:8] and len(data) >= int(data.split(b" ")[0]) + data.index(b" ") + 1:
                    count, rest = data.split(b" ", 1)
                    self.messages.append(rest[: int(count)].decode())
                    data = rest[int(count):]

    def close(self):
        self.open = False
        for each in (self.socket, *self.connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in it
            each.close()


class WebhookReceiver(Receiver):
    """Answers with `status`; keeps bodies whose signature holds."""

    def __init__(self, secret, context=None):
        super().__init__()
        self.status = 200
        self.forged = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                parts = dict(part.split("=", 1) for part in self.headers["X-Prodaccess-Signature"].split(","))
                signed = parts["t"].encode() + b"." + body
                if hmac.compare_digest(hmac.new(secret, signed, hashlib.sha256).hexdigest(), parts["v1"]):
                    if receiver.status == 200:
                        receiver.messages.append(body.decode())
                else:
                    receiver.forged += 1
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"{'https' if context else 'http'}://127.0.0.1:{self.server.server_port}/records"
        self._start(self.server.serve_forever)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class JournalReceiver(Receiver):
    """A journal's native socket: datagrams, or a sealed file in memory in the place of a long one."""

    def __init__(self, path):
        super().__init__()
        self.files = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.address = f"unix:{path}"
        self._start(self._read)

    def _read(self):
        with contextlib.suppress(OSError):
            while self.open:
                data, control, _, _ = self.socket.recvmsg(1 << 20, socket.CMSG_SPACE(4))
                for level, kind, descriptors in control:
                    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                        data = self._mapped(array.array("i", descriptors)[0])
                self.messages.append(parse_journal(data))

    def _mapped(self, descriptor):
        with open(descriptor, "rb") as file, mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as content:
            self.files += 1
            assert file.readable()
            return bytes(content)

    def close(self):
        self.open = False
        self.socket.close()


def parse_journal(data):
    """Fields of the native protocol: NAME=value lines, or a name, a length and so many bytes."""
    fields = {}
    while data:
        line, _, rest = data.partition(b"\n")
        if b"=" in line:
            name, _, value = line.partition(b"=")
            data = rest
        else:
            name, size = line, int.from_bytes(rest[:8], "little")
            value, data = rest[8 : 8 + size], rest[9 + size :]
        fields[name.decode()] = value.decode()
    return fields


def make_certificate(folder, name="127.0.0.1"):
    """A self-signed certificate for `name` and its key, as one PEM file each."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    alternative = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                   .sign(key, hashes.SHA256()))
    paths = os.path.join(folder, f"{name}.crt"), os.path.join(folder, f"{name}.key")
    with open(paths[0], "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open(paths[1], "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                     serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*paths)
    return paths[0], context
