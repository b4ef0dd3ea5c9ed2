"""Checks Signature Version 4 as AWS's servers do, in headers and in presigned queries. Written from
the IAM User Guide, "Create a signed AWS API request"; it shares nothing with the signer."""

import datetime
import hashlib
import hmac
import urllib.parse

SKEW = datetime.timedelta(minutes=15)


class Refused(Exception):
    def __init__(self, code, message=""):
        super().__init__(message or code)
        self.code = code


def _encode(text, safe=""):
    return urllib.parse.quote(text, safe="-_.~" + safe)


def _key(secret, date, region, service):
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _check_time(stamp, now):
    try:
        signed = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refused("IncompleteSignature", "no such date") from None
    if abs(now - signed) > SKEW:
        raise Refused("SignatureDoesNotMatch", "Signature expired")
    return signed


def verify(method, target, headers, body, keys, service, now=None):
    """The access key id that signed. `headers`: pairs as received; `keys`: id -> (secret, token)."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    path, _, raw_query = target.partition("?")
    query = urllib.parse.parse_qsl(raw_query, keep_blank_values=True)
    lower = {}
    for name, value in headers:
        lower.setdefault(name.lower(), []).append(" ".join(value.split()))
    parameters = dict(query)
    presigned = "X-Amz-Signature" in parameters
    if presigned:
        if parameters.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
            raise Refused("IncompleteSignature", "algorithm")
        credential, signed_names = parameters["X-Amz-Credential"], parameters["X-Amz-SignedHeaders"]
        signature, stamp = parameters["X-Amz-Signature"], parameters["X-Amz-Date"]
        token = parameters.get("X-Amz-Security-Token", "")
        query = [(name, value) for name, value in query if name != "X-Amz-Signature"]
    else:
        scheme, _, rest = lower.get("authorization", [""])[0].partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            raise Refused("MissingAuthenticationToken")
        given = dict(part.strip().split("=", 1) for part in rest.split(","))
        credential, signed_names = given["Credential"], given["SignedHeaders"]
        signature, stamp = given["Signature"], lower.get("x-amz-date", [""])[0]
        token = lower.get("x-amz-security-token", [""])[0]
    key_id, date, region, signed_service, end = credential.split("/")
    if (end, signed_service) != ("aws4_request", service) or not stamp.startswith(date):
        raise Refused("SignatureDoesNotMatch", "Credential should be scoped to " + service)
    _check_time(stamp, now)
    if key_id not in keys or keys[key_id][1] != token:
        raise Refused("InvalidClientTokenId", "The security token included in the request is invalid")
    names = signed_names.split(";")
    required = {"host"} | {n for n in lower if n.startswith("x-amz-") and not presigned}
    if not required <= set(names) or sorted(names) != names:
        raise Refused("SignatureDoesNotMatch", "headers are not signed")
    canonical_headers = "".join(f"{n}:{','.join(lower.get(n, ['']))}\n" for n in names)
    canonical_query = "&".join(sorted(f"{_encode(n)}={_encode(v)}" for n, v in query))
    payload = b"" if presigned else body
    canonical = "\n".join([method, _encode(path, "/") or "/", canonical_query, canonical_headers,
                           signed_names, hashlib.sha256(payload).hexdigest()])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, f"{date}/{region}/{service}/aws4_request",
                         hashlib.sha256(canonical.encode()).hexdigest()])
    wanted = hmac.new(_key(keys[key_id][0], date, region, service), to_sign.encode(),
                      hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, signature):
        raise Refused("SignatureDoesNotMatch",
                      "The request signature we calculated does not match")
    return key_id
