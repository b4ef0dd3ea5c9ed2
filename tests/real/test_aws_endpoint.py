"""`exec --aws-endpoint`: the real AWS command line takes its keys from it, and nobody else does."""

import json
import os
import re
import socket
import subprocess
import sys
import textwrap

import pytest

from aws_keys_provider import KeysProvider, aws, botocore_says, needs_botocore  # noqa: F401
from conftest import wait_until
from exec_fixtures import children, end, name

ENDPOINT = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
EXPORT = """
import botocore.session, json
keys = botocore.session.Session().get_credentials().get_frozen_credentials()
print(json.dumps({"key": keys.access_key, "secret": keys.secret_key, "token": keys.token}))
"""


@pytest.fixture
def keys(prodaccess):
    return KeysProvider(prodaccess)


class Session:
    """A child that waits, and what it was told of its endpoint."""

    def __init__(self, prodaccess):
        told = prodaccess.home / "told"
        self.process = prodaccess.start(
            "exec", "--aws-endpoint", "--", "sh", "-c",
            f'env > {told}.part; mv {told}.part {told}; exec sleep 120')
        wait_until(lambda: told.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, self.process.communicate()
        lines = told.read_text().splitlines()
        told.unlink()
        self.variables = dict(line.split("=", 1) for line in lines if "=" in line)
        self.url = self.variables[ENDPOINT]
        self.token = self.variables[TOKEN]
        self.port = int(self.url.split(":")[2].split("/")[0])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, request):
        with self.connect() as connection:
            connection.sendall(request)
            return received(connection)

    def get(self, path="/credentials", token=None, host=None, method="GET"):
        token = self.token if token is None else token
        host = host or f"127.0.0.1:{self.port}"
        answer = self.raw(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n"
                          f"Authorization: {token}\r\n\r\n".encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=30)


def received(connection):
    parts = []
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


@pytest.fixture
def session(keys):
    keys.request()
    session = Session(keys.prodaccess)
    yield session
    session.stop()


def test_the_child_has_the_endpoint_and_no_keys(session):
    names = set(session.variables)
    assert not names & {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    assert session.variables["AWS_CONFIG_FILE"] == "/dev/null"
    assert session.variables["AWS_REGION"] == "eu-west-1"
    status, keys = session.get()
    assert status == 200
    assert keys["AccessKeyId"] == "ASIAEXAMPLE0001" and keys["SecretAccessKey"] == "secret/1+x"
    assert keys["Token"] == "token==1" and keys["Expiration"].endswith("Z")


def test_who_is_refused(session):
    assert session.get(token="")[0] == 401
    assert session.get(token=session.token[:-1])[0] == 401
    assert session.get(token="Bearer " + session.token)[0] == 401
    assert session.get(path="/")[0] == 404
    assert session.get(path="/credentials?x")[0] == 404
    assert session.get(method="POST")[0] == 405
    assert session.get(host="attacker.example")[0] == 421
    assert b" 400 " in session.raw(b"GARBAGE\r\n\r\n")
    assert b" 400 " in session.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    assert session.raw(b"GET /credentials HTTP/1.1\r\nX: " + b"a" * 20000)[:12] in (
        b"HTTP/1.1 431", b"")
    for refused in (session.raw(b"GET /credentials HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % session.port),):
        assert b" 401 " in refused and b"secret/1" not in refused
    assert session.get()[0] == 200


def test_slow_clients_hold_nobody_up(session):
    idle = [session.connect() for _ in range(60)]
    for connection in idle[:30]:
        connection.sendall(b"GET /cred")
    assert session.get()[0] == 200
    for connection in idle:  # the late ones are let go: by the newer ones, or after their time
        connection.settimeout(30)
        assert received(connection) == b""
        connection.close()
    assert session.get()[0] == 200


@needs_botocore
def test_the_real_client_takes_its_keys_from_it(keys, aws):
    """Also where a default profile waits in the user's files, which would come first."""
    home = keys.prodaccess.home
    (home / ".aws").mkdir()
    (home / ".aws/credentials").write_text(
        "[default]\naws_access_key_id = AKIARIVAL\naws_secret_access_key = rival\n")
    keys.request()
    result = keys.prodaccess.run("exec", "--aws-endpoint", "--", aws, "configure", "list",
                                 timeout=120)
    assert re.search(r"access_key.*0001.*container-role", result.stdout), result.stdout
    assert keys.prodaccess.json("exec", "--aws-endpoint", "--", sys.executable, "-c", EXPORT) == {
        "key": "ASIAEXAMPLE0001", "secret": "secret/1+x", "token": "token==1"}


def test_new_keys_come_within_the_grant(keys):
    keys.shorten()
    keys.request(ttl="1h")
    session = Session(keys.prodaccess)
    try:
        first = session.get()[1]["AccessKeyId"]
        wait_until(lambda: session.get()[1]["AccessKeyId"] != first, seconds=60)
        assert len(keys.issued()) >= 2
        # The command's own store has them as well: the next command asks nobody.
        assert session.get()[0] == 200
    finally:
        session.stop()


def test_the_endpoint_dies_with_its_child(keys):
    keys.request()
    session = Session(keys.prodaccess)
    end(child for child in children(session.process.pid) if name(child) != "prodaccess-wtch")
    session.process.wait(timeout=30)
    with pytest.raises(OSError):
        session.connect()


def test_a_revoked_grant_ends_child_and_endpoint(keys):
    grant = keys.request()
    session = Session(keys.prodaccess)
    keys.prodaccess.run("revoke", grant["grant"]["id"] if "grant" in grant and isinstance(
        grant["grant"], dict) else grant["grant"], status=None)
    session.process.wait(timeout=30)
    with pytest.raises(OSError):
        session.connect()


def test_it_is_for_keys_of_aws(local):
    local.policy('[[rule]]\nid = "anything"\nverdict = "allow"\n')
    local.run("request", "--role", "service", "--reason", "x")
    result = local.run("exec", "--aws-endpoint", "--", "true", status=2)
    assert "gives no credential of AWS" in result.stderr


@needs_botocore
def test_credential_process_serves_the_real_client(keys):
    keys.request()
    home = keys.prodaccess.home
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(textwrap.dedent(f"""\
        [profile ops]
        region = eu-west-1
        credential_process = {keys.prodaccess.argv()[0]} creds --role ops --format aws-credential-process
        """))
    exported = botocore_says(EXPORT, **keys.prodaccess.environment, AWS_PROFILE="ops")
    assert json.loads(exported) == {"key": "ASIAEXAMPLE0001", "secret": "secret/1+x",
                                    "token": "token==1"}


def test_the_forms_of_creds(keys):
    keys.request()
    run = keys.prodaccess.run
    assert "export AWS_SECRET_ACCESS_KEY='secret/1+x'" in run("creds").stdout
    assert 'AWS_SESSION_TOKEN="token==1"' in run("creds", "--format", "dotenv").stdout
    values = keys.prodaccess.json("creds", "--format", "json")
    assert values["variables"]["AWS_ACCESS_KEY_ID"] == "ASIAEXAMPLE0001"
    process = keys.prodaccess.json("creds", "--format", "aws-credential-process")
    assert process["Version"] == 1 and process["SessionToken"] == "token==1"
    evaluated = subprocess.run(
        ["sh", "-c", 'eval "$1"; printf %s "$AWS_SECRET_ACCESS_KEY"', "sh", run("creds").stdout],
        capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    assert evaluated.stdout == "secret/1+x"


def test_a_form_that_the_credential_has_not_ends_in_the_ledger(keys):
    keys.request()
    assert "has no token" in keys.prodaccess.run("creds", "--format", "exec-credential", status=2).stderr
    assert "never said" not in keys.prodaccess.run("creds", "--format", "dotenv").stderr
    shown = keys.prodaccess.run("audit", "show").stdout
    assert "has no token" in shown and "closed_unknown" not in shown


def test_what_was_handed_over_is_left_alone_by_the_next_command(prodaccess):
    """A record that stays open is a crash's: what was issued under it is revoked."""
    keys = KeysProvider(prodaccess, tiers=True)
    keys.request()
    prodaccess.run("creds", "--wide")
    prodaccess.run("creds", "--once", "--role", "ops")
    assert keys.issued() == ["read", "wide", "read"]
    prodaccess.run("exec", "--", "true")
    shown = prodaccess.run("audit", "show").stdout
    assert "closed_unknown" not in shown and "revoked" not in shown
    # The command of its own ends what it alone had.
    prodaccess.run("exec", "--once", "--role", "ops", "--", "true")
    assert "revoked" in prodaccess.run("audit", "show").stdout
