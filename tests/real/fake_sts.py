"""A strict STS: signatures by botocore's own signer, the limits of the API, chaining, tags, MFA,
throttling, and on request replies that no STS would give."""

import datetime
import email.utils
import json
import re
import secrets
import threading
import time
import urllib.parse
import xml.sax.saxutils
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT = "123456789012"
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
WORD = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
TAG = re.compile(r"[\w .:/=+\-@]*")


class Refusal(Exception):
    def __init__(self, code, message, status=403):
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


class Key:
    def __init__(self, arn, secret=None, token=None, kind="user", mfa=False, transitive=()):
        self.id = ("ASIA" if token else "AKIA") + secrets.token_hex(8).upper()
        self.secret = secret or secrets.token_urlsafe(30)
        self.token = token
        self.arn, self.kind, self.mfa, self.transitive = arn, kind, mfa, set(transitive)


class Role:
    def __init__(self, longest=3600, external_id=None, mfa=False, deny=False):
        self.longest, self.external_id, self.mfa, self.deny = longest, external_id, mfa, deny


class FakeSts:
    def __init__(self):
        self.lock = threading.Lock()
        self.calls = []            # (action, fields, Key or None)
        self.roles = {"ops": Role(), "deploy": Role(), "long": Role(longest=43200),
                      "guarded": Role(mfa=True), "partner": Role(external_id="E-42"),
                      "closed": Role(deny=True)}
        self.keys = {}
        self.codes = {"246801", "975310", "864209"}  # each serves once
        self.web_tokens = {"good.token.x": "sts.amazonaws.com"}  # token -> audience
        self.throttle = 0          # so many calls are turned away first
        self.clock_offset = 0.0    # the server's clock less ours
        self.instead = {}          # action -> function(handler, fields): an answer of another kind
        self.delay = threading.Event()  # set: replies come at once
        self.delay.set()
        self.lifetime = None       # seconds of new sessions of roles, whatever was asked for
        self.base_lifetime = None  # the same of GetSessionToken
        self.account = ACCOUNT     # of GetCallerIdentity
        self.user = self.add(Key(f"arn:aws:iam::{ACCOUNT}:user/ana"))
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                outer.answer(self)

            def log_message(self, *words):
                pass

            def date_time_string(self, timestamp=None):
                return email.utils.formatdate(time.time() + outer.clock_offset, usegmt=True)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket.listen(200)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.delay.set()
        self.server.shutdown()
        self.server.server_close()

    def add(self, key):
        self.keys[key.id] = key
        return key

    def made(self, action):
        return [fields for name, fields, _ in self.calls if name == action]

    # The exchange.

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        fields = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
        action = fields["Action"]
        try:
            key = self.signer(handler, body)
            with self.lock:
                self.calls.append((action, fields, key))
                if self.throttle > 0:
                    self.throttle -= 1
                    raise Refusal("Throttling", "Rate exceeded", 400)
            self.delay.wait(60)
            if action in self.instead:
                return self.instead[action](handler, fields)
            if fields["Version"] != "2011-06-15":
                raise Refusal("InvalidAction", "no such version", 400)
            text = getattr(self, "call_" + action)(fields, key)
            self.send(handler, 200, f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{text}'
                      f"</{action}Result><ResponseMetadata><RequestId>r-1</RequestId>"
                      f"</ResponseMetadata></{action}Response>")
        except Refusal as refusal:
            self.send(handler, refusal.status,
                      f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type>'
                      f"<Code>{refusal.code}</Code><Message>"
                      f"{xml.sax.saxutils.escape(refusal.message)}</Message></Error>"
                      f"<RequestId>r-1</RequestId></ErrorResponse>")

    @staticmethod
    def send(handler, status, text, **headers):
        data = text.encode() if isinstance(text, str) else text
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "text/xml")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def signer(self, handler, body):
        """Whose key signed, by botocore's signature of the same request; None: unsigned."""
        given = handler.headers.get("Authorization")
        if given is None:
            return None
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/sts/aws4_request, "
                             r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})", given)
        if match is None:
            raise Refusal("IncompleteSignature", given, 400)
        key = self.keys.get(match[1])
        if key is None or handler.headers.get("X-Amz-Security-Token") != key.token:
            raise Refusal("InvalidClientTokenId", "The security token included in the request is invalid.")
        stamp = handler.headers["X-Amz-Date"]
        sent = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs(sent.timestamp() - time.time() - self.clock_offset) > 300:
            raise Refusal("SignatureDoesNotMatch", f"Signature expired: {stamp} is now earlier than ...")
        request = AWSRequest("POST", f"http://{handler.headers['Host']}/", data=body, headers={
            name: handler.headers[name] for name in match[4].split(";")})
        request.context["timestamp"] = stamp
        auth = SigV4Auth(Credentials(key.id, key.secret, key.token), "sts", match[3])
        text = auth.string_to_sign(request, auth.canonical_request(request))
        if auth.signature(text, request) != match[5]:
            raise Refusal("SignatureDoesNotMatch", "The request signature we calculated does not match")
        if not {"host", "x-amz-date", "content-type"} <= set(match[4].split(";")):
            raise Refusal("SignatureDoesNotMatch", "too few headers are signed")
        return key

    # The calls.

    def credentials(self, key, seconds):
        seconds = (self.lifetime if key.kind == "role" else self.base_lifetime) or seconds
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
            seconds=seconds + self.clock_offset)
        return (f"<Credentials><AccessKeyId>{key.id}</AccessKeyId><SecretAccessKey>{key.secret}"
                f"</SecretAccessKey><SessionToken>{key.token}</SessionToken><Expiration>"
                f"{end.strftime('%Y-%m-%dT%H:%M:%SZ')}</Expiration></Credentials>")

    def check_session(self, fields, role, chained):
        if not WORD.fullmatch(fields["RoleSessionName"]):
            raise Refusal("ValidationError", "roleSessionName does not match the pattern", 400)
        seconds = int(fields.get("DurationSeconds", 3600))
        if chained and seconds > 3600:
            raise Refusal("ValidationError", "The requested DurationSeconds exceeds the 1 hour session "
                          "limit for roles assumed by role chaining.", 400)
        if not 900 <= seconds <= role.longest:
            raise Refusal("ValidationError", "The requested DurationSeconds exceeds the "
                          "MaxSessionDuration set for this role.", 400)
        if "Policy" in fields:
            try:
                document = json.loads(fields["Policy"])
            except ValueError:
                document = None
            if not isinstance(document, dict) or "Statement" not in document:
                raise Refusal("MalformedPolicyDocument", "The policy is not in the valid JSON format.", 400)
        size = len(fields.get("Policy", "")) + sum(
            len(value) for name, value in fields.items() if name.startswith(("PolicyArns", "Tags")))
        if size > 2048:
            raise Refusal("PackedPolicyTooLarge", "Packed policy consumes 130% of allotted space", 400)
        return seconds

    def check_tags(self, fields, key):
        names = [fields[f] for f in fields if re.fullmatch(r"Tags\.member\.\d+\.Key", f)]
        if len({name.lower() for name in names}) != len(names) or len(names) > 50:
            raise Refusal("ValidationError", "tags", 400)
        for name, value in fields.items():
            if name.startswith("Tags.") and not TAG.fullmatch(value):
                raise Refusal("ValidationError", "tag text does not match the pattern", 400)
        if key.transitive & {name.lower() for name in names}:
            raise Refusal("InvalidParameterValue", "a transitive tag cannot be passed again", 400)
        return {fields[f].lower() for f in fields if f.startswith("TransitiveTagKeys.member.")}

    def role_reply(self, fields, seconds, mfa=False, transitive=()):
        name = fields["RoleArn"].rpartition("/")[2]
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{fields['RoleSessionName']}"
        key = self.add(Key(arn, token=secrets.token_urlsafe(60), kind="role", mfa=mfa,
                           transitive=transitive))
        source = fields.get("SourceIdentity")
        return (self.credentials(key, seconds) + f"<AssumedRoleUser><AssumedRoleId>AROAX:"
                f"{fields['RoleSessionName']}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>"
                "<PackedPolicySize>6</PackedPolicySize>" +
                (f"<SourceIdentity>{source}</SourceIdentity>" if source else ""))

    def call_AssumeRole(self, fields, key):
        if key is None:
            raise Refusal("MissingAuthenticationToken", "Request is missing Authentication Token")
        role = self.roles.get(fields["RoleArn"].rpartition("/")[2])
        if (role is None or role.deny or (role.mfa and not key.mfa) or
                (role.external_id and fields.get("ExternalId") != role.external_id)):
            raise Refusal("AccessDenied", f"User: {key.arn} is not authorized to perform: "
                          f"sts:AssumeRole on resource: {fields['RoleArn']}")
        if "SourceIdentity" in fields and not WORD.fullmatch(fields["SourceIdentity"]):
            raise Refusal("ValidationError", "sourceIdentity does not match the pattern", 400)
        seconds = self.check_session(fields, role, key.kind == "role")
        return self.role_reply(fields, seconds, key.mfa, self.check_tags(fields, key))

    def call_AssumeRoleWithWebIdentity(self, fields, key):
        if key is not None:
            raise Refusal("ValidationError", "this call is not signed", 400)
        if fields["WebIdentityToken"] == "expired.token.x":
            raise Refusal("ExpiredTokenException", "Token expired: current date/time must be before", 400)
        if self.web_tokens.get(fields["WebIdentityToken"]) != "sts.amazonaws.com":
            raise Refusal("InvalidIdentityToken", "No OpenIDConnect provider found in your account", 400)
        if any(name.startswith(("Tags", "SourceIdentity", "ExternalId")) for name in fields):
            raise Refusal("ValidationError", "unknown parameter", 400)
        role = self.roles[fields["RoleArn"].rpartition("/")[2]]
        return self.role_reply(fields, self.check_session(fields, role, False))

    def call_GetSessionToken(self, fields, key):
        if key.kind != "user":
            raise Refusal("AccessDenied", "Cannot call GetSessionToken with session credentials")
        seconds = int(fields.get("DurationSeconds", 43200))
        if not 900 <= seconds <= 129600:
            raise Refusal("ValidationError", "durationSeconds", 400)
        mfa = "TokenCode" in fields
        with self.lock:
            if mfa and (fields["TokenCode"] not in self.codes or
                        fields["SerialNumber"] != f"arn:aws:iam::{ACCOUNT}:mfa/ana"):
                raise Refusal("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one "
                              "time pass code. ")
            self.codes.discard(fields.get("TokenCode"))
        session = self.add(Key(key.arn, token=secrets.token_urlsafe(60), kind="session", mfa=mfa))
        return self.credentials(session, seconds)

    def call_GetCallerIdentity(self, fields, key):
        if key is None:
            raise Refusal("MissingAuthenticationToken", "Request is missing Authentication Token")
        return (f"<Arn>{key.arn}</Arn><UserId>AIDAX</UserId><Account>{self.account}</Account>")
