"""A strict API server for the calls that token requests take: TLS, bearer tokens, bound secrets.

It refuses what the real one refuses, as kubernetes.io's API reference describes: other media types,
unknown fields, lives under ten minutes, bindings to secrets that are not there.
"""

import base64
import datetime
import http.server
import json
import re
import secrets
import ssl
import subprocess
import threading
import time

import kubernetes_protobuf
import pytest

RESERVED = "/apis/authorization.k8s.io/v1/"


def segment(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def rfc3339(seconds_from_now):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_from_now)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeKubernetes:
    def __init__(self, folder):
        self.folder = folder
        self.base_token = secrets.token_urlsafe(24)
        self.accounts = {"editor": [{"verbs": ["*"], "apiGroups": [""], "resources": ["pods"]}],
                         "viewer": [{"verbs": ["get", "list", "watch"], "apiGroups": [""],
                                     "resources": ["pods", "pods/log"]}]}
        self.secrets = {}  # name -> uid
        self.bindings = {}  # name -> account
        self.tokens = {}   # token -> (account, uid of the secret it is bound to, end)
        self.longest = 1 << 32  # seconds: no token lives longer, whatever was asked for
        self.log = []      # (method, path, who)
        self.refuse_tokens = False
        self._certificates()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def _certificates(self):
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", "/CN=test CA", "-keyout", "ca.key", "-out", "ca.crt")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=127.0.0.1", "-keyout", "server.key", "-out", "server.csr")
        (self.folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "san", "-out", "server.pem")

    def who(self, authorization):
        token = (authorization or "").removeprefix("Bearer ")
        if token == self.base_token:
            return "base"
        account, uid, end = self.tokens.get(token, (None, None, 0))
        if account not in self.accounts or time.time() >= end or (uid is not None and uid not in self.secrets.values()):
            return None
        return account

    def issue(self, account, spec):
        if set(spec) - {"audiences", "expirationSeconds", "boundObjectRef"}:
            return 400, "BadRequest", "unknown field"
        if (spec.get("expirationSeconds") or 3600) < 600:
            return 422, "Invalid", "may not specify a duration less than 10 minutes"
        bound = spec.get("boundObjectRef")
        if bound and self.secrets.get(bound["name"]) != bound["uid"]:
            return 409, "Conflict", "the secret is not that one"
        token = ".".join([segment({"alg": "RS256"}),
                          segment({"sub": f"system:serviceaccount:shop:{account}"}),
                          secrets.token_urlsafe(32)])
        life = min(spec.get("expirationSeconds") or 3600, self.longest)
        self.tokens[token] = (account, bound["uid"] if bound else None, time.time() + life)
        return 201, {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "status": {
            "token": token, "expirationTimestamp": rfc3339(life)}}

    def create_secret(self, body):
        name = body.get("metadata", {}).get("name", "")
        if body.get("kind") != "Secret" or not re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", name):
            return 422, "Invalid", "no such name"
        if name in self.secrets:
            return 409, "AlreadyExists", "it is there"
        self.secrets[name] = secrets.token_hex(8)
        return 201, {"kind": "Secret", "metadata": {"name": name, "uid": self.secrets[name]}}

    def change_account(self, method, kind, name, body):
        """Service accounts and role bindings are made and deleted."""
        kept = self.accounts if kind == "serviceaccounts" else self.bindings
        if method == "DELETE" and name:
            return (200, {"status": "Success"}) if kept.pop(name, None) is not None else (
                404, "NotFound", "no such " + kind)
        made = body.get("metadata", {}).get("name", "")
        if method != "POST" or name or not made or made in kept:
            return 409, "Conflict", "not so"
        kept[made] = body.get("subjects", [])
        return 201, {"kind": body["kind"], "apiVersion": body["apiVersion"], "metadata": {
            "name": made, "namespace": "shop", "uid": secrets.token_hex(8)}}

    def answer(self, method, path, who, body):
        """Status and object, or status, reason and message."""
        account = re.fullmatch(r"/api/v1/namespaces/shop/serviceaccounts/([a-z0-9-]+)/token", path)
        change = re.fullmatch(r"/(?:api|apis/rbac.authorization.k8s.io)/v1/namespaces/shop/"
                              r"(serviceaccounts|rolebindings)(?:/([a-z0-9-]+))?", path)
        secret = re.fullmatch(r"/api/v1/namespaces/shop/secrets/([a-z0-9.-]+)", path)
        if method == "GET" and path in ("/version", "/api"):
            return 200, {"kind": "Answer", "gitVersion": "v1.30.0-fake", "major": "1", "minor": "30",
                         "whoami": who}
        if method == "POST" and path == RESERVED + "selfsubjectrulesreviews":
            rules = self.accounts.get(who, [])
            return 201, {"status": {"incomplete": False, "resourceRules": rules,
                                    "nonResourceRules": []}}
        if method == "POST" and path == RESERVED + "selfsubjectaccessreviews":
            return 201, {"status": {"allowed": who == "base"}}
        if method == "POST" and path == "/apis/authentication.k8s.io/v1/selfsubjectreviews":
            return 201, {"status": {"userInfo": {"username": who}}}
        if who != "base":
            return 403, "Forbidden", f"{who} may not"
        if method == "POST" and path == "/api/v1/namespaces/shop/secrets":
            return self.create_secret(body)
        if method == "DELETE" and secret:
            found = self.secrets.pop(secret[1], None)
            return (200, {"status": "Success"}) if found else (404, "NotFound", "no such secret")
        if change:
            return self.change_account(method, *change.groups(), body)
        if method == "POST" and account:
            if self.refuse_tokens or account[1] not in self.accounts:
                return 403, "Forbidden", "no token for you"
            return self.issue(account[1], body.get("spec", {}))
        return 404, "NotFound", path

    def _handler(fake):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                text = self.rfile.read(length)
                path = self.path.split("?")[0]
                who = fake.who(self.headers.get("Authorization"))
                fake.log.append((self.command, path, who))
                if who is None:
                    answer = (401, "Unauthorized", "Unauthorized")
                elif text.startswith(kubernetes_protobuf.MAGIC):
                    answer = fake.answer(self.command, path, who, kubernetes_protobuf.decode(text))
                elif text and self.headers.get("Content-Type") != "application/json":
                    answer = (415, "UnsupportedMediaType", "JSON only")
                else:
                    answer = fake.answer(self.command, path, who, json.loads(text or "{}"))
                if len(answer) == 3:
                    answer = (answer[0], {"kind": "Status", "apiVersion": "v1", "status": "Failure",
                                          "reason": answer[1], "message": answer[2],
                                          "code": answer[0]})
                reply = json.dumps(answer[1]).encode()
                self.send_response(answer[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = do_DELETE = handle_any

            def log_message(self, *args):
                pass

        return Handler


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir(mode=0o700)
    server = FakeKubernetes(folder)
    yield server
    server.stop()
