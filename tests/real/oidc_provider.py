"""A small OpenID Connect provider for tests: everybody who opens its page is signed in as ana."""

import http.server
import json
import secrets
import threading
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, CLIENT_SECRET = "prodaccess-test", "client-secret"


class OidcProvider:
    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes = {}  # code -> the claims that its token will have
        self.devices = {}  # device code -> whether the person has said yes
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def token(self, **claims):
        now = int(time.time())
        return jwt.encode({"iss": self.address, "sub": "ana", "aud": CLIENT, "iat": now,
                           "exp": now + 300, **claims},
                          self.key, algorithm="RS256", headers={"kid": "k1"})

    def keys(self):
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": "k1", "use": "sig", "alg": "RS256"}]}

    def _discovery(self):
        return {"issuer": self.address, "authorization_endpoint": self.address + "/authorize",
                "device_authorization_endpoint": self.address + "/device", "token_endpoint": self.address + "/token", "jwks_uri": self.address + "/keys",
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"]}

    def _handler(provider):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                if url.path == "/authorize":
                    code = secrets.token_urlsafe(12)
                    provider.codes[code] = {"nonce": query["nonce"]}
                    self.send_response(302)
                    self.send_header("Location", query["redirect_uri"] + "?" + urllib.parse.urlencode(
                        {"code": code, "state": query["state"]}))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif url.path == "/activate":
                    provider.devices = dict.fromkeys(provider.devices, True)
                    self.reply({})
                elif url.path == "/keys":
                    self.reply(provider.keys())
                else:
                    self.reply(provider._discovery())

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(
                    self.rfile.read(int(self.headers["Content-Length"])).decode()))
                if self.path == "/device":
                    provider.devices["d-1"] = False
                    return self.reply({"device_code": "d-1", "user_code": "ABCD-1234", "interval": 1,
                                       "verification_uri": provider.address + "/activate",
                                       "expires_in": 300})
                if "device_code" in form and not provider.devices.get(form["device_code"]):
                    return self.reply({"error": "authorization_pending"}, 400)
                claims = {} if "device_code" in form else provider.codes.pop(form.get("code"), None)
                if claims is None:
                    return self.reply({"error": "invalid_grant"}, 400)
                return self.reply({"access_token": "x", "token_type": "Bearer", "expires_in": 300,
                                   "id_token": provider.token(**claims)})

            def reply(self, value, status=200):
                text = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        return Handler
