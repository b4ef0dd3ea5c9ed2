"""A strict stand-in for Google's token services, on one loopback port: token endpoint, tokeninfo, revoke,
STS, IAM Credentials, IAM and the metadata server.

It refuses what the real ones refuse, as Google's reference describes: wrong signatures, audiences,
scopes and lifetimes, stray headers, accounts that may not be used. Tokens it issues are known to it:
`who(token)` says whose they are, with which scopes and until when.
"""

import base64
import datetime
import email.utils
import hashlib
import hmac
import http.server
import json
import re
import secrets
import threading
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
TOKEN_AUDIENCE = "https://oauth2.googleapis.com/token"
POOL = "//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/ci/providers/ci"
TYPE = "urn:ietf:params:oauth:token-type:"
AWS_TYPE = "urn:ietf:params:aws:token-type:aws4_request"
AWS_KEYS = {"AKIDEXAMPLE": ("aws-secret", None), "ASIAEXAMPLE": ("temporary-secret", "aws-session")}
ACCOUNTS = re.compile(r"/v1/projects/-/serviceAccounts/([^/:]+):([A-Za-z]+)")


class Refusal(Exception):
    def __init__(self, status, error, description=""):
        super().__init__(error)
        self.status, self.error, self.description = status, error, description


def new_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption()).decode()
    return key, pem


def require(condition, error="invalid_request", description="", status=400):
    if not condition:
        raise Refusal(status, error, description)


class FakeGoogle:
    def __init__(self):
        self.keys = {}       # kid -> (account, public key)
        self.logins = {}     # refresh token -> (e-mail, scopes)
        self.may = {}        # account -> accounts it may impersonate
        self.extended = set()  # accounts whose tokens may live 12 hours
        self.tokens = {}     # token -> {"email", "scope", "exp", "kind", ...}
        self.log = []        # (method, path, fields)
        self.machine = None  # the account of the metadata server
        self.permissions = []
        self.clock_offset = 0
        self.cut = 43200     # seconds: no token of an account lives longer, whatever was asked for
        self.hostile = None  # path -> (status, headers, body) or None
        self.idp_key, _ = new_key()
        self.google_key, _ = new_key()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def now(self):
        return time.time() + self.clock_offset

    # What a test sets up.

    def add_key(self, account):
        """A service account key file's content, and its key is known from now on."""
        key, pem = new_key()
        kid = secrets.token_hex(20)
        self.keys[kid] = (account, key.public_key())
        return {"type": "service_account", "project_id": "acme", "private_key_id": kid,
                "private_key": pem, "client_email": account, "client_id": "1",
                "token_uri": TOKEN_AUDIENCE, "universe_domain": "googleapis.com"}

    def add_login(self, person, scopes=(CLOUD_PLATFORM, EMAIL, "openid")):
        token = "1//" + secrets.token_urlsafe(24)
        self.logins[token] = (person, list(scopes))
        return {"type": "authorized_user", "client_id": "gcloud", "client_secret": "known",
                "refresh_token": token, "quota_project_id": "acme"}

    def external_token(self, subject="repo:acme/shop", audience=POOL, life=600, key=None):
        now = int(self.now())
        claims = {"iss": "https://ci.test", "sub": subject, "aud": audience, "iat": now - 5,
                  "exp": now + life}
        return jwt.encode(claims, key or self.idp_key, "RS256", headers={"kid": "ci"})

    def issue(self, email, scopes, life, kind, **more):
        token = "ya29." + secrets.token_urlsafe(30)
        self.tokens[token] = {"email": email, "scope": list(scopes), "exp": self.now() + life,
                              "kind": kind, **more}
        return token

    def who(self, token):
        known = self.tokens.get(token)
        return known if known and known["exp"] > self.now() else None

    def calls(self, ending):
        return [fields for _, path, fields in list(self.log) if path.endswith(ending)]

    # The services.

    def token(self, form, _):
        grant = form.get("grant_type")
        if grant == "refresh_token":
            return self.refresh(form)
        require(grant == "urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type")
        claims = self.assertion(form.get("assertion", ""))
        if "target_audience" in claims:
            return {"id_token": self.id_token(claims["iss"], claims["target_audience"])}
        scopes = claims["scope"].split(" ")
        require(all(scopes), "invalid_scope", "empty scope")
        return {"access_token": self.issue(claims["iss"], scopes, 3599, "account"),
                "expires_in": 3599, "token_type": "Bearer"}

    def assertion(self, text):
        try:
            header = jwt.get_unverified_header(text)
            require(header.get("alg") == "RS256" and header.get("typ") == "JWT", "invalid_grant",
                    "Invalid JWT: wrong header")
            account, key = self.keys[header["kid"]]
            claims = jwt.decode(text, key, ["RS256"], options={
                "verify_aud": False, "verify_exp": False, "verify_iat": False})
        except KeyError:
            raise Refusal(400, "invalid_grant", "Invalid JWT Signature.") from None
        except jwt.PyJWTError:
            raise Refusal(400, "invalid_grant", "Invalid JWT Signature.") from None
        require(claims.get("iss") == account, "invalid_grant", "account not found")
        require(claims.get("aud") == TOKEN_AUDIENCE, "invalid_grant", "Invalid JWT: audience")
        now = self.now()
        require(isinstance(claims.get("iat"), int) and claims["iat"] <= now + 60
                and now < claims.get("exp", 0) <= claims["iat"] + 3600, "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                "timeframe. Check your iat and exp values in the JWT claim.")
        require(("scope" in claims) != ("target_audience" in claims), "invalid_scope", "no scope")
        require(not set(claims) - {"iss", "aud", "iat", "exp", "scope", "target_audience"},
                "invalid_grant", "Invalid JWT: claims")
        return claims

    def id_token(self, account, audience):
        now = int(self.now())
        return jwt.encode({"iss": "https://accounts.google.com", "aud": audience, "azp": account,
                           "sub": "1", "email": account, "email_verified": True, "iat": now,
                           "exp": now + 3600}, self.google_key, "RS256", headers={"kid": "google"})

    def refresh(self, form):
        require(form.get("client_id") == "gcloud" and form.get("client_secret") == "known",
                "invalid_client", status=401)
        person, scopes = self.logins.get(form.get("refresh_token"), (None, None))
        require(person, "invalid_grant", "Token has been expired or revoked.")
        asked = form["scope"].split(" ") if "scope" in form else scopes
        require(set(asked) <= set(scopes), "invalid_scope", "not in the consent")
        token = self.issue(person, asked, 3599, "user", login=form["refresh_token"])
        return {"access_token": token, "expires_in": "3599", "token_type": "Bearer",
                "scope": " ".join(asked)}

    def revoke(self, form, _):
        login = form.get("token")
        login = self.tokens.get(login, {}).get("login", login)
        require(login in self.logins, "invalid_token", "Token expired or revoked")
        del self.logins[login]
        for token in [t for t, known in self.tokens.items() if known.get("login") == login]:
            del self.tokens[token]
        return {}

    def tokeninfo(self, form, _):
        known = self.who(form.get("access_token"))
        require(known and known["kind"] not in ("federated", "bounded"), "invalid_token")
        shown = {"azp": "1", "aud": "1", "scope": " ".join(known["scope"]),
                 "exp": str(int(known["exp"])), "expires_in": str(int(known["exp"] - self.now())),
                 "access_type": "online"}
        if EMAIL in known["scope"]:
            shown.update(email=known["email"], email_verified="true")
        return shown

    def sts(self, form, headers):
        require("Authorization" not in headers, "invalid_client", status=401)
        require(form.get("grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange",
                "unsupported_grant_type")
        require(form.get("requested_token_type") == TYPE + "access_token")
        kind = form.get("subject_token_type")
        if kind == TYPE + "access_token":
            return self.downscope(form)
        require(form.get("audience") == POOL, "invalid_target", "no such pool")
        require(form.get("scope"), "invalid_scope", "scope is required")
        if kind == AWS_TYPE:
            subject = self.aws_identity(form.get("subject_token", ""))
        else:
            require(kind in (TYPE + "jwt", TYPE + "id_token"))
            subject = self.external_subject(form.get("subject_token", ""))
        token = self.issue(subject, form["scope"].split(" "), 3600, "federated")
        return {"access_token": token, "issued_token_type": TYPE + "access_token",
                "token_type": "Bearer", "expires_in": 3600}

    def external_subject(self, text):
        keys = {"https://ci.test": self.idp_key, "https://accounts.google.com": self.google_key}
        try:
            issuer = jwt.decode(text, options={"verify_signature": False}).get("iss")
            claims = jwt.decode(text, keys[issuer].public_key(), ["RS256"], audience=[POOL, "https:" + POOL],
                                options={"require": ["iat", "exp", "sub"]})
        except (jwt.PyJWTError, KeyError) as error:
            raise Refusal(400, "invalid_grant", f"The subject token is bad: {error}") from None
        return "principal://" + claims["sub"]

    def aws_identity(self, text):
        """AWS would check the signature; here it is made again from the published recipe."""
        call = json.loads(urllib.parse.unquote(text))
        headers = {item["key"].lower(): item["value"] for item in call["headers"]}
        url = urllib.parse.urlsplit(call["url"])
        require(call["method"] == "POST" and headers["x-goog-cloud-target-resource"] == POOL,
                "invalid_grant", "not for this pool")
        found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/([a-z0-9-]+)/sts/aws4_request, "
                             r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
                             headers["authorization"])
        require(found, "invalid_grant", "no signature")
        key_id, day, region, signed, signature = found.groups()
        secret, session = AWS_KEYS[key_id]
        require(headers.get("x-amz-security-token") == session, "invalid_grant", "session token")
        require({"host", "x-amz-date", "x-goog-cloud-target-resource"} <= set(signed.split(";")),
                "invalid_grant", "unsigned headers")
        require(url.netloc == headers["host"] == f"sts.{region}.amazonaws.com", "invalid_grant", "host")
        canonical = "\n".join([
            "POST", url.path or "/", "&".join(sorted(url.query.split("&"))),
            *[f"{name}:{headers[name]}" for name in signed.split(";")], "", signed,
            hashlib.sha256(b"").hexdigest()])
        scope = f"{day}/{region}/sts/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope,
                             hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + secret).encode()
        for part in (day, region, "sts", "aws4_request", to_sign):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        require(key.hex() == signature, "invalid_grant", "SignatureDoesNotMatch")
        return "principal://aws/" + key_id

    def downscope(self, form):
        require(not {"audience", "scope"} & set(form))
        known = self.who(form.get("subject_token"))
        require(known and CLOUD_PLATFORM in known["scope"] and known["kind"] != "bounded",
                "invalid_grant", "the subject cannot be bounded")
        options = json.loads(urllib.parse.unquote(form["options"]))
        rules = options["accessBoundary"]["accessBoundaryRules"]
        require(1 <= len(rules) <= 10 and set(options) == {"accessBoundary"})
        for rule in rules:
            require(rule["availableResource"].startswith("//storage.googleapis.com/projects/_/buckets/"))
            require(all(p.startswith("inRole:") for p in rule["availablePermissions"]))
            require(not set(rule) - {"availableResource", "availablePermissions", "availabilityCondition"})
        token = self.issue(known["email"], known["scope"], known["exp"] - self.now(), "bounded",
                           rules=rules)
        return {"access_token": token, "issued_token_type": TYPE + "access_token",
                "token_type": "Bearer"}

    def account_call(self, account, method, body, headers):
        caller = self.who(headers.get("Authorization", "").removeprefix("Bearer "))
        if not caller:
            raise Refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if not set(caller["scope"]) & {CLOUD_PLATFORM, "https://www.googleapis.com/auth/iam"}:
            raise Refusal(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.")
        if method == "testIamPermissions":
            mine = account in self.may.get(caller["email"], ())
            return {"permissions": body["permissions"]} if mine else {}
        chain = [caller["email"], *[name.removeprefix("projects/-/serviceAccounts/")
                                    for name in body.get("delegates") or []], account]
        for holder, next_one in zip(chain, chain[1:]):
            if next_one not in self.may.get(holder, ()):
                raise Refusal(403, "PERMISSION_DENIED",
                              "Permission 'iam.serviceAccounts.getAccessToken' denied on resource")
        if method == "generateAccessToken":
            return self.generate(account, body)
        require(method == "generateIdToken", "NOT_FOUND", status=404)
        require(body.get("audience") and body.get("includeEmail") is True, "INVALID_ARGUMENT")
        return {"token": self.id_token(account, body["audience"])}

    def generate(self, account, body):
        require(not set(body) - {"scope", "lifetime", "delegates"} and body.get("scope"), "INVALID_ARGUMENT")
        found = re.fullmatch(r"([0-9]+)s", body.get("lifetime", "3600s"))
        require(found, "INVALID_ARGUMENT", "lifetime")
        life = int(found[1])
        longest = 43200 if account in self.extended else 3600
        require(0 < life <= longest, "INVALID_ARGUMENT",
                f"Invalid value for lifetime: it must be less than or equal to {longest}s")
        life = min(life, self.cut)
        token = self.issue(account, body["scope"], life, "account")
        end = datetime.datetime.fromtimestamp(self.now() + life, datetime.timezone.utc)
        return {"accessToken": token, "expireTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def metadata(self, path, headers):
        if headers.get("Metadata-Flavor") != "Google" or "X-Forwarded-For" in headers:
            return 403, "text/html", "<html>Forbidden</html>"
        parts = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        what = parts.path.removeprefix("/computeMetadata/v1/instance/service-accounts/default/")
        if not self.machine:
            return 404, "text/html", "<html>Not Found</html>"
        if what == "email":
            return 200, "application/text", self.machine
        if what == "token":
            scopes = query.get("scopes", CLOUD_PLATFORM).split(",")
            token = self.issue(self.machine, scopes, 1800, "account")
            return 200, "application/json", json.dumps(
                {"access_token": token, "expires_in": 1800, "token_type": "Bearer"})
        if what == "identity" and query.get("audience"):
            return 200, "application/text", self.id_token(self.machine, query["audience"])
        return 404, "text/html", "<html>Not Found</html>"

    FORMS = {"/token": token, "/revoke": revoke, "/tokeninfo": tokeninfo, "/v1/token": sts}

    def answer(self, method, path, headers, text):
        """Status, headers and body."""
        if self.hostile and (forced := self.hostile(path)):
            return forced
        if path.startswith("/computeMetadata/"):
            self.log.append((method, path, {}))
            status, kind, body = self.metadata(path, headers)
            return status, {"Metadata-Flavor": "Google", "Content-Type": kind}, body
        nested = False
        try:
            account = ACCOUNTS.fullmatch(path)
            nested = account is not None
            require(method == "POST", "NOT_FOUND", status=404)
            if account:
                require(headers.get("Content-Type") == "application/json", "INVALID_ARGUMENT")
                body = json.loads(text)
                self.log.append((method, path, body))
                reply = self.account_call(account[1], account[2], body, headers)
            else:
                require(headers.get("Content-Type") == "application/x-www-form-urlencoded")
                pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True)
                form = dict(pairs)
                require(len(form) == len(pairs), description="a field stands there twice")
                self.log.append((method, path, form))
                require(path in self.FORMS, "NOT_FOUND", status=404)
                reply = self.FORMS[path](self, form, headers)
            status = 200
        except Refusal as refusal:
            status = refusal.status
            reply = {"error": refusal.error, "error_description": refusal.description}
            if nested:
                reply = {"error": {"code": status, "message": refusal.description,
                                   "status": refusal.error}}
        return status, {"Content-Type": "application/json"}, json.dumps(reply)

    def _handler(fake):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                status, headers, body = fake.answer(self.command, self.path, self.headers, text)
                reply = body if isinstance(body, bytes) else body.encode()
                self.send_response_only(status)
                self.send_header("Date", email.utils.formatdate(fake.now(), usegmt=True))
                for name, value in {"Content-Length": str(len(reply)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(reply)
                except OSError:
                    pass  # a client that hung up, as it should on a hostile answer

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *args):
                pass

        return Handler


def basic_claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
