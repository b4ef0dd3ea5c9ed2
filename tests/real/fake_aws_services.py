"""Strict STS, IAM, ECR and console sign-in on loopback, as far as clients of a grant need them.
Every signature is checked; a deny policy works after a while, as AWS's do."""

import base64
import datetime
import http.server
import json
import secrets
import threading
import urllib.parse

from aws_signature import Refused, verify

ACCOUNT = "111122223333"


def utc():
    return datetime.datetime.now(datetime.timezone.utc)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeAwsServices:
    def __init__(self):
        self.keys = {}        # access key id -> (secret, token)
        self.sessions = {}    # access key id -> what was assumed
        self.policies = {}    # (role, policy) -> document
        self.deny_after = 0   # requests that pass before a deny works
        self.may_put = True
        self.signin = {}      # sign-in token -> access key id
        self.passwords = {}   # ECR password -> access key id
        self.log = []         # (service, action, parameters)
        self.add_user("AKIABASE", "base-secret")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def add_user(self, key, secret, token=""):
        self.keys[key] = (secret, token)

    def calls(self, action):
        return [parameters for _, called, parameters in self.log if called == action]

    def arn_of(self, key):
        session = self.sessions.get(key)
        return session["arn"] if session else f"arn:aws:iam::{ACCOUNT}:user/base"

    # What is denied.

    def denied(self, key):
        session = self.sessions.get(key)
        for (role, _), document in self.policies.items():
            if session is None or session["role"] != role:
                continue
            condition = json.loads(document)["Statement"][0]["Condition"]
            before = datetime.datetime.fromisoformat(
                condition["DateLessThan"]["aws:TokenIssueTime"].replace("Z", "+00:00"))
            wanted = condition.get("StringEquals", {}).get("aws:SourceIdentity")
            if session["issued"] < before and wanted in (None, session["source_identity"]):
                self.deny_after -= 1
                return self.deny_after < 0
        return False

    def refuse_if_denied(self, key, action):
        if self.denied(key):
            raise Refused("AccessDenied", f"User: {self.arn_of(key)} is not authorized to perform: "
                          f"{action} with an explicit deny in an identity-based policy")

    # STS.

    def sts(self, key, action, given):
        if action == "GetCallerIdentity":  # even for those who are denied everything
            return {"Arn": self.arn_of(key), "Account": ACCOUNT, "UserId": "AIDAEXAMPLE"}
        self.refuse_if_denied(key, "sts:" + action)
        if action == "GetAccessKeyInfo":
            raise Refused("AccessDenied", f"User: {self.arn_of(key)} is not authorized to perform: "
                          "sts:GetAccessKeyInfo because no identity-based policy allows the action")
        if action != "AssumeRole":
            raise Refused("InvalidAction", action)
        name = given["RoleArn"].rsplit("/", 1)[1]
        new = "ASIA" + secrets.token_hex(8).upper()
        session = given["RoleSessionName"]
        self.keys[new] = (secrets.token_urlsafe(30), secrets.token_urlsafe(80))
        self.sessions[new] = {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
                              "role": name, "issued": utc(),
                              "source_identity": given.get("SourceIdentity", "")}
        end = utc() + datetime.timedelta(seconds=int(given.get("DurationSeconds", 3600)))
        return {"Credentials": {"AccessKeyId": new, "SecretAccessKey": self.keys[new][0],
                                "SessionToken": self.keys[new][1], "Expiration": stamp(end)},
                "AssumedRoleUser": {"AssumedRoleId": "AROAEXAMPLE:" + session,
                                    "Arn": self.sessions[new]["arn"]},
                "SourceIdentity": given.get("SourceIdentity", "")}

    def iam(self, key, action, given):
        if not self.may_put or key in self.sessions:
            raise Refused("AccessDenied", f"User: {self.arn_of(key)} is not authorized to perform: "
                          f"iam:{action} because no identity-based policy allows the action")
        if action != "PutRolePolicy":
            raise Refused("InvalidAction", action)
        json.loads(given["PolicyDocument"])
        self.policies[given["RoleName"], given["PolicyName"]] = given["PolicyDocument"]
        return None

    def ecr(self, key, action, given):
        self.refuse_if_denied(key, "ecr:" + action)
        password = secrets.token_urlsafe(100)
        self.passwords[password] = key
        return {"authorizationData": [{
            "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
            "expiresAt": 1_900_000_000.123,
            "proxyEndpoint": f"https://{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"}]}

    def federation(self, given):
        session = json.loads(given["Session"])
        key = session["sessionId"]
        if self.keys.get(key) != (session["sessionKey"], session["sessionToken"]) or \
                not session["sessionToken"] or "SessionDuration" in given:
            return 400, "<html>Bad Request</html>"
        token = secrets.token_urlsafe(60) + "+/="
        self.signin[token] = key
        return 200, json.dumps({"SigninToken": token})

    # HTTP.

    def answer(self, method, target, headers, body):
        host = dict((name.lower(), value) for name, value in headers)
        if target == "/federation" and method == "POST":
            given = dict(urllib.parse.parse_qsl(body.decode()))
            self.log.append(("federation", given.get("Action"), {}))
            return self.federation(given)
        if "x-amz-target" in host:
            action = host["x-amz-target"].split(".")[1]
            self.log.append(("ecr", action, {}))
            try:
                key = verify(method, target, headers, body, self.keys, "ecr")
                return 200, json.dumps(self.ecr(key, action, json.loads(body)))
            except Refused as refused:
                return 400, json.dumps({"__type": f"com.amazon#{refused.code}Exception",
                                        "message": str(refused)})
        given = dict(urllib.parse.parse_qsl(body.decode()))
        service = "iam" if given.get("Version") == "2010-05-08" else "sts"
        self.log.append((service, given.get("Action"), given))
        try:
            key = verify(method, target, headers, body, self.keys, service)
            result = getattr(self, service)(key, given["Action"], given)
            return 200, xml(given["Action"], result)
        except Refused as refused:
            return 403, (f"<ErrorResponse><Error><Type>Sender</Type><Code>{refused.code}</Code>"
                         f"<Message>{refused}</Message></Error></ErrorResponse>")

    def _handler(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, text = fake.answer(self.command, self.path, self.headers.items(), body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = serve

            def log_message(self, *_):
                pass

        return Handler


def xml(action, result):
    def members(value):
        if isinstance(value, dict):
            return "".join(f"<{name}>{members(inner)}</{name}>" for name, inner in value.items())
        return str(value)
    inner = "" if result is None else f"<{action}Result>{members(result)}</{action}Result>"
    return (f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{inner}'
            f"<ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></{action}Response>")


def check_eks_token(token, cluster, keys):
    """Who the token is, as aws-iam-authenticator's server finds out (pkg/token)."""
    if not token.startswith("k8s-aws-v1.") or len(token) > 4096:
        raise Refused("prefix")
    encoded = token.removeprefix("k8s-aws-v1.")
    url = urllib.parse.urlsplit(
        base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
    names = [name.lower() for name, _ in query]
    allowed = {"action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
               "x-amz-expires", "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders"}
    values = dict(query)
    if url.scheme != "https" or url.path != "/" or set(names) - allowed or \
            len(names) != len(set(names)) or values["Action"] != "GetCallerIdentity":
        raise Refused("url")
    if "x-k8s-aws-id" not in values["X-Amz-SignedHeaders"].split(";") or \
            not 0 <= int(values["X-Amz-Expires"]) <= 900:
        raise Refused("headers")
    headers = [("Host", url.netloc), ("x-k8s-aws-id", cluster)]
    return verify("GET", f"{url.path}?{url.query}", headers, b"", keys, "sts")
