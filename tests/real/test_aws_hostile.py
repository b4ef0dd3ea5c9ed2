"""STS endpoints that mean no good: a clear line, and nothing is kept."""

import socket
import time

import pytest

from aws_site import site, sts  # noqa: F401
from fake_sts import FakeSts


def endless(handler, fields):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"<x>" * 100_000)
    except OSError:
        handler.close_connection = True


def slow(handler, fields):
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.2)
    except OSError:
        handler.close_connection = True


def text(body, status=200, **headers):
    return lambda handler, fields: FakeSts.send(handler, status, body, **headers)


def edited(change):
    def reply(handler, fields):
        sts = handler.server.owner
        body = (f'<AssumeRoleResponse xmlns="x"><AssumeRoleResult>'
                f"{sts.role_reply(fields, 3600)}</AssumeRoleResult></AssumeRoleResponse>")
        FakeSts.send(handler, 200, change(body))
    return reply


BAD = {
    "redirect": (text("", 302, Location="http://127.0.0.1:1/"), "a redirect (HTTP 302), which is never followed"),
    "html": (text("<html><body>Sign in</body></html>"), "is <html>, not <AssumeRoleResponse>"),
    "no-xml": (text("surprise"), "it is not XML"),
    "empty": (text(""), "cannot be used"),
    "proxy": (text("<html>Forbidden</html>", 403), "the reply is not of AWS (HTTP 403)"),
    "endless": (endless, "the reply is larger than 1 MiB"),
    "slow": (slow, "imeout"),
    "doctype": (edited(lambda body: '<!DOCTYPE a [<!ENTITY x "y">]>' + body), "it has a document type"),
    "deep": (text("<a>" * 5000 + "</a>" * 5000), "it nests too deep"),
    "twice": (edited(lambda body: body.replace("<Credentials>", "<Credentials><AccessKeyId>ASIAX</AccessKeyId>")),
              "it has <AccessKeyId> twice"),
    "no-token": (edited(lambda body: body.replace("SessionToken", "Other")), "it has no <"),
    "control": (edited(lambda body: body.replace("<SecretAccessKey>", "<SecretAccessKey>a&#10;b")),
                "<SecretAccessKey>"),
    "expired": (edited(lambda body: body.replace("<Expiration>2", "<Expiration>1")), "it has expired already"),
    "other-role": (edited(lambda body: body.replace("assumed-role/ops", "assumed-role/admin")),
                   "STS gave a session of"),
    "not-utf8": (edited(lambda body: body.encode() + b"<!-- \xff -->"), "it is not UTF-8"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_reply_is_said_and_nothing_is_kept(site, sts, kind):
    reply, words = BAD[kind]
    sts.server.owner = sts
    sts.instead["AssumeRole"] = reply
    site.role()
    result = site.request(status=1, timeout=120)
    assert words in result.stderr, result.stderr
    assert site.grants() == []
    secrets = [text for key in sts.keys.values() for text in (key.secret, key.token) if text]
    assert not any(text in result.stderr for text in secrets)
    sts.instead.clear()
    site.request()  # the control: the same with a good server


def test_nobody_there(site, sts):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site.role(endpoint=f'endpoint = "http://127.0.0.1:{port}"')
    assert "connect" in site.once(status=125).stderr.lower()


def test_plain_http_goes_to_this_machine_only(site):
    result = site.role(endpoint='endpoint = "http://sts.example.com"').once(status=None)
    assert result.returncode != 0 and "must be https" in result.stderr
