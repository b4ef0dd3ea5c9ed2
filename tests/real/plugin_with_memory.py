#!/usr/bin/python3
"""prodaccess-provider-memory: a provider whose far end is a folder. What lies there is alive."""

import json
import pathlib
import secrets
import sys
import time

FOLDER = pathlib.Path.home() / "far-end"


def issue(request):
    if (FOLDER / "password").read_text() != "right":
        return {"error": {"message": "the far end does not know this password"}}
    handle = f"{request['grant']}-{secrets.token_hex(8)}"
    token = secrets.token_urlsafe(24)
    entry = {"token": token, "until": request["until"]}
    (FOLDER / f"{handle}.new").write_text(json.dumps(entry))
    (FOLDER / f"{handle}.new").rename(FOLDER / f"{handle}.token")
    return {"handle": handle, "expires_at": request["until"], "fields": {"token": token}}


def revoke(request):
    (FOLDER / f"{request['handle']}.token").unlink(missing_ok=True)
    return {"state": "revoked"}


def describe(request):
    return {"target": "the far end"}


def probe(request):
    return {"findings": [{"state": "good", "subject": "reachability", "detail": time.ctime()}]}


OPERATIONS = {"issue": issue, "revoke": revoke, "describe": describe, "probe": probe}

operation = OPERATIONS.get(sys.argv[1])
answer = operation(json.load(sys.stdin)) if operation else {"unsupported": True}
print(json.dumps({"protocol": 1, **answer}))
