"""What machines and CI jobs give their processes: the container endpoint of ECS and EKS, EC2's
instance metadata service in version 2, and the token service of GitHub's runners. All strict."""

import datetime
import http.server
import json
import secrets
import threading
import urllib.parse

from fake_sts import ACCOUNT, Key

ROLE_PATH = "/latest/meta-data/iam/security-credentials/"


class FakeMachine:
    def __init__(self, sts):
        self.sts = sts
        self.authorization = secrets.token_urlsafe(24)  # of the container endpoint, sent as it is
        self.bearer = secrets.token_urlsafe(24)         # of the job
        self.session_tokens = set()
        self.role = "node"
        self.asked = []      # (method, path)
        self.unwell = 0      # so many requests are answered 503 first
        self.no_token = 0    # the status in place of IMDS's token
        self.code = "Success"
        self.key = sts.add(Key(f"arn:aws:sts::{ACCOUNT}:assumed-role/node/i-1",
                               token=secrets.token_urlsafe(40), kind="role"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def keys(self):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=6)
        if self.code != "Success":
            return {"Code": self.code, "Message": "no trust", "LastUpdated": "2026-01-02T03:04:05Z"}
        return {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": self.key.id,
                "SecretAccessKey": self.key.secret, "Token": self.key.token,
                "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def answer(self, method, target, headers):
        """Status and text."""
        self.asked.append((method, target))
        if self.unwell > 0:
            self.unwell -= 1
            return 503, "later"
        url = urllib.parse.urlsplit(target)
        if url.path == "/v1/credentials":
            return self.container(method, headers)
        if url.path == "/actions/token":
            return self.job(method, dict(urllib.parse.parse_qsl(url.query)), headers)
        return self.instance(method, url.path, headers)

    def container(self, method, headers):
        if method != "GET" or headers.get("Authorization") != self.authorization:
            return 401, "{}"
        return 200, json.dumps({**self.keys(), "AccountId": ACCOUNT})

    def instance(self, method, path, headers):
        # A request that passed a proxy on the way is not of this machine.
        if "X-Forwarded-For" in headers:
            return 403, ""
        if path == "/latest/api/token":
            life = headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            if self.no_token:
                return self.no_token, ""
            if method != "PUT" or not life.isdigit() or not 1 <= int(life) <= 21600:
                return 400, ""
            self.session_tokens.add(secrets.token_urlsafe(40))
            return 200, sorted(self.session_tokens)[-1]
        # Version 1, which asks for no token, is off.
        if method != "GET" or headers.get("X-aws-ec2-metadata-token") not in self.session_tokens:
            return 401, ""
        if not self.role or path not in (ROLE_PATH, ROLE_PATH + self.role):
            return 404, "<html>Not Found</html>"
        return 200, self.role if path == ROLE_PATH else json.dumps(self.keys())

    def job(self, method, query, headers):
        if method != "GET" or headers.get("Authorization", "").lower() != f"bearer {self.bearer}".lower():
            return 401, "{}"
        token = ".".join(secrets.token_urlsafe(20) for _ in range(3))
        self.sts.web_tokens[token] = query.get("audience")
        return 200, json.dumps({"count": 1, "value": token})

    def _handler(machine):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def serve(self):
                status, text = machine.answer(self.command, self.path, self.headers)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_PUT = do_POST = serve

            def log_message(self, *_):
                pass

        return Handler
