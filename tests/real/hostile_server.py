"""A server that answers every request badly, in one of several manners."""

import http.server
import ssl
import subprocess
import threading

from conftest import FULL

DOCUMENT_TYPE = (b'<!DOCTYPE a [<!ENTITY b "CANARY"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
                 b"<AssumeRoleResponse><AssumeRoleResult>&c;&c;&c;</AssumeRoleResult></AssumeRoleResponse>")
DEEP = b"[" * 100_000
CONTROL = b'{"errors":["\\u001b[31mCANARY\\u0007"],"message":"\\u001b]0;CANARY\\u0007","status":"\\u0000"}'


def unknown_certificate(folder):
    """The files of a certificate for this machine that no authority signed."""
    files = (folder / "unknown.pem", folder / "unknown.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", files[1], "-out", files[0]],
                   check=True, capture_output=True)
    return files


class CountingServer(http.server.ThreadingHTTPServer):
    connections = 0

    def get_request(self):
        self.connections += 1
        return super().get_request()


class HostileServer:
    MANNERS = ["hangs-up", "cut-short", "no-json", "empty", "html-500", "deep", "huge", "endless",
               "many-headers", "redirect", "control-characters", "wrong-types", "duplicate-keys",
               "document-type", *(["slow"] if FULL else [])]
    # In these nobody may ask anything of it: the address says https.
    TLS_MANNERS = ["no-tls", "unknown-certificate"]

    def __init__(self, manner, tls=None):
        self.manner = manner
        self.asked = []
        self.elsewhere = []  # what came to the place that a redirect named
        self.done = threading.Event()
        self.server = CountingServer(("127.0.0.1", 0), self._handler())
        self.trap = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._trap())
        if tls and manner != "no-tls":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if tls or manner == "no-tls" else "http"
        self.address = f"{scheme}://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        for server in (self.server, self.trap):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for server in (self.server, self.trap):
            server.shutdown()
            server.server_close()

    def _answer(self):
        """Status, headers, body, and the length to claim."""
        json_type = {"Content-Type": "application/json"}
        bodies = {
            "no-json": b"CANARY is no JSON",
            "empty": b"",
            "deep": DEEP,
            "huge": b'{"data":"' + b"x" * (2 << 20) + b'"}',
            "wrong-types": b'{"lease_id":7,"auth":[],"data":"CANARY","status":5,"access_token":{},'
                           b'"Credentials":3,"expires_in":"CANARY"}',
            "duplicate-keys": b'{"data":{},"data":{},"auth":null,"auth":null,"status":1,"status":2}',
            "control-characters": CONTROL,
            "unknown-certificate": b"{}",
            "no-tls": b"{}",
        }
        if self.manner == "document-type":
            return 200, {"Content-Type": "text/xml"}, DOCUMENT_TYPE
        if self.manner == "html-500":
            return 500, {"Content-Type": "text/html"}, b"<html>CANARY</html>"
        if self.manner == "control-characters":
            return 400, json_type, CONTROL.replace(b"CANARY", b"plain")
        if self.manner == "redirect":
            return 307, {"Location": f"http://127.0.0.1:{self.trap.server_port}/v1/x"}, b""
        if self.manner == "many-headers":
            return 200, {f"X-{i}": "y" * 1000 for i in range(90)}, b"{}"
        return 200, json_type, bodies[self.manner]

    def _handler(hostile):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                hostile.asked.append((self.command, self.path))
                self.close_connection = True
                if hostile.manner == "hangs-up":
                    return
                if hostile.manner == "cut-short":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"auth\":")
                    return
                if hostile.manner in ("endless", "slow"):
                    return self.pour()
                status, headers, body = hostile._answer()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

            def pour(self):
                """As many bytes as are taken, or one now and then."""
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
                while not hostile.done.is_set():
                    if hostile.manner == "slow":
                        hostile.done.wait(0.5)
                        self.wfile.write(b" ")
                    else:
                        self.wfile.write(b" " * 65536)

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # the client broke off, as it should

            def log_message(self, *args):
                pass

        return Handler

    def _trap(hostile):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_any(self):
                hostile.elsewhere.append(dict(self.headers))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = do_PUT = do_DELETE = do_any

            def log_message(self, *args):
                pass

        return Handler
