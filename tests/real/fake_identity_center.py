"""A strict IAM Identity Center on loopback: its OIDC service and its access portal, as their API
references describe them. A person's part is played by calling `confirm` or `deny`."""

import http.server
import json
import secrets
import threading
import time
import urllib.parse

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class FakeIdentityCenter:
    def __init__(self):
        self.clients = {}   # id -> secret
        self.devices = {}   # device code -> state
        self.tokens = {}    # access token -> end
        self.refresh = {}   # refresh token -> client id
        self.assignments = {"111122223333": ("production", ["ops", "viewer"]),
                            "444455556666": ("staging", ["ops"])}
        self.keys = {}      # access key id -> (secret, token): what was given out
        self.log = []
        self.token_life = 3600
        self.interval = 1
        self.refuse_refresh = False
        self.auto_confirm = False
        self.mangle = None  # (path, body) -> bytes, for hostile replies
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def calls(self, path):
        return [body for called, body in self.log if called == path]

    def confirm(self, state="granted"):
        for device in self.devices.values():
            device["state"] = state

    # The OIDC service.

    def register(self, body):
        if set(body) - {"clientName", "clientType", "scopes", "grantTypes"} or \
                body.get("clientType") != "public" or not body.get("clientName"):
            return 400, {"error": "invalid_client_metadata", "error_description": "no"}
        client = secrets.token_hex(8)
        self.clients[client] = secrets.token_urlsafe(40)
        return 200, {"clientId": client, "clientSecret": self.clients[client],
                     "clientIdIssuedAt": int(time.time()),
                     "clientSecretExpiresAt": int(time.time()) + 90 * 86400}

    def known(self, body):
        return body.get("clientSecret") and self.clients.get(body.get("clientId")) == body["clientSecret"]

    def device(self, body):
        if not self.known(body) or not body.get("startUrl", "").startswith("https://"):
            return 401, {"error": "invalid_client", "error_description": "who?"}
        code = secrets.token_urlsafe(30)
        user_code = "-".join(secrets.token_hex(2).upper() for _ in range(2))
        self.devices[code] = {"state": "granted" if self.auto_confirm else "pending",
                              "client": body["clientId"], "last": 0.0, "user_code": user_code}
        page = "https://device.sso.eu-west-1.amazonaws.com/"
        return 200, {"deviceCode": code, "userCode": user_code, "verificationUri": page,
                     "verificationUriComplete": f"{page}?user_code={user_code}",
                     "expiresIn": 600, "interval": self.interval}

    def new_token(self, client):
        access, refresh = secrets.token_urlsafe(200), secrets.token_urlsafe(120)
        self.tokens[access] = time.time() + self.token_life
        self.refresh[refresh] = client
        return 200, {"accessToken": access, "tokenType": "Bearer", "expiresIn": self.token_life,
                     "refreshToken": refresh}

    def token(self, body):
        if not self.known(body):
            return 401, {"error": "invalid_client", "error_description": "who?"}
        if body.get("grantType") == "refresh_token":
            owner = self.refresh.pop(body.get("refreshToken"), None)  # each serves once
            if owner != body["clientId"] or self.refuse_refresh:
                return 400, {"error": "invalid_grant", "error_description": "Invalid refresh token"}
            return self.new_token(owner)
        device = self.devices.get(body.get("deviceCode"))
        if body.get("grantType") != DEVICE_GRANT or device is None:
            return 400, {"error": "invalid_grant", "error_description": "no such device"}
        now = time.monotonic()
        if now - device["last"] < self.interval * 0.9:
            return 400, {"error": "slow_down", "error_description": "Too fast"}
        device["last"] = now
        if device["state"] == "granted":
            del self.devices[body["deviceCode"]]
            return self.new_token(body["clientId"])
        error = {"pending": "authorization_pending", "denied": "access_denied",
                 "expired": "expired_token"}[device["state"]]
        return 400, {"error": error, "error_description": "\x1b[31mas the person did\x1b[0m"}

    # The portal.

    def portal(self, method, path, query, bearer):
        if self.tokens.get(bearer, 0) < time.time():
            return 401, {"message": "Session token not found or invalid"}
        if (method, path) == ("POST", "/logout"):
            del self.tokens[bearer]
            return 200, {}
        if path == "/federation/credentials":
            account, role = query.get("account_id"), query.get("role_name")
            if role not in self.assignments.get(account, ("", []))[1]:
                return 403, {"message": "No access"}
            key = "ASIA" + secrets.token_hex(8).upper()
            self.keys[key] = (secrets.token_urlsafe(30), secrets.token_urlsafe(100))
            return 200, {"roleCredentials": {
                "accessKeyId": key, "secretAccessKey": self.keys[key][0],
                "sessionToken": self.keys[key][1],
                "expiration": int((time.time() + 3600) * 1000)}}
        names = sorted(self.assignments)
        if path == "/assignment/accounts":  # one a page
            index = int(query.get("next_token", 0))
            page = {"accountList": [{"accountId": names[index],
                                     "accountName": self.assignments[names[index]][0],
                                     "emailAddress": "x@example.com"}]}
            if index + 1 < len(names):
                page["nextToken"] = str(index + 1)
            return 200, page
        if path == "/assignment/roles":
            roles = self.assignments.get(query.get("account_id"), ("", []))[1]
            return 200, {"roleList": [{"roleName": role, "accountId": query["account_id"]}
                                      for role in roles]}
        return 404, {"message": "no"}

    def answer(self, method, target, headers, body):
        path, _, raw = target.partition("?")
        services = {"/client/register": self.register, "/device_authorization": self.device,
                    "/token": self.token}
        if path in services and method == "POST":
            self.log.append((path, json.loads(body)))
            return services[path](json.loads(body))
        self.log.append((path, {}))
        query = dict(urllib.parse.parse_qsl(raw))
        return self.portal(method, path, query, headers.get("x-amz-sso_bearer_token"))

    def _handler(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, answer = fake.answer(self.command, self.path, self.headers, body)
                text = json.dumps(answer).encode()
                if fake.mangle:
                    text = fake.mangle(self.path, text)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = serve

            def log_message(self, *_):
                pass

        return Handler
