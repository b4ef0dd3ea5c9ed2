"""Roles that need somebody else's signature, and emergencies that go without and are reviewed."""

import json
import os
import re
import socket
import threading

import pytest

from conftest import need, wait_until
from test_approvals import NAMESPACE, keygen

CONFIG = """
[roles.ops]
provider = "local"
ttl_default = "30m"
ttl_max = "2h"
local = {{ kind = "token", audience = "https://service.example.com" }}

[[audit.sink]]
name = "pager"
kind = "syslog"
address = "tcp://127.0.0.1:{port}"
alerts_only = true

[approvals]
allowed_signers = "{signers}"
places = ["{places}"]
[approvals.people]
ana = {{ uid = {uid} }}
bob = {{ uid = 4000001 }}
carol = {{ uid = 4000002 }}
[approvals.groups]
leads = ["ana", "bob", "carol"]
[approvals.roles]
ops = {{ group = "leads", count = 1 }}
[approvals.break_glass]
roles = ["ops"]
ttl = "10m"
alert = "pager"
"""


class Pager:
    """A sink on loopback that keeps what it is told."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.heard = b""
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                while got := connection.recv(65536):
                    self.heard += got

    def close(self):
        if self.server.fileno() < 0:
            return
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()


@pytest.fixture
def pager():
    pager = Pager()
    yield pager
    pager.close()


@pytest.fixture
def site(local, tmp_path, pager):
    """We are ana; a role for which bob or carol must sign."""
    keys = {name: keygen(tmp_path / name) for name in ("ana", "bob", "carol")}
    signers = local.config / "allowed_signers"
    signers.write_text("".join(f"{name} namespaces=\"{NAMESPACE}\" {(tmp_path / (name + '.pub')).read_text()}"
                               for name in keys))
    signers.chmod(0o600)
    places = tmp_path / "places"
    places.mkdir()
    base = (local.config / "config.toml").read_text()
    local.configure(base + CONFIG.format(signers=signers, places=places, uid=os.getuid(), port=pager.port))
    local.keys, local.places, local.pager = keys, places, pager
    return local


def ask(site, *options, status):
    return site.run("request", "--json", "--role", "ops", *options, status=status)


def request_file(site, *options):
    error = json.loads(ask(site, *options, status=4).stdout)["error"]
    assert error["code"] == "approval_required"
    assert any("of leads, not ana" in hint for hint in error["hints"])
    return next(hint for hint in error["hints"] if hint.startswith("prodaccess approve --file ")).split()[3]


def approve(site, request, name, output):
    site.run("approve", "--yes", "--file", request, "--key", site.keys[name], "--output", output)
    return output


def test_a_role_is_given_once_for_a_colleagues_signature(site, tmp_path):
    request = request_file(site, "--reason", "INC-1")
    shown = site.run("approve", "--show", "--file", request).stdout
    assert "role ops for 30m" in shown and "INC-1" in shown
    approved = approve(site, request, "bob", tmp_path / "a.approved")
    # Not for longer, another reason or another role.
    ask(site, "--reason", "INC-1", "--ttl", "1h", "--approval", approved, status=3)
    ask(site, "--reason", "INC-2", "--approval", approved, status=3)
    grant = json.loads(ask(site, "--reason", "INC-1", "--approval", approved, status=0).stdout)["grant"]
    assert grant["role"] == "ops"
    ask(site, "--reason", "INC-1", "--approval", approved, status=3)
    site.run("renew", grant["id"], status=4)
    intents = [record for record in exported(site) if record["kind"] == "intent"]
    assert intents[-1]["data"]["approved_by"] == "bob"


def exported(site):
    return [json.loads(line) for line in site.run("audit", "export", "--format", "jsonl").stdout.splitlines()]


def test_the_requester_does_not_count(site, tmp_path):
    approved = approve(site, request_file(site), "ana", tmp_path / "a.approved")
    ask(site, "--approval", approved, status=3)


def test_once_needs_it_too(site, tmp_path):
    error = json.loads(site.run("exec", "--json", "--once", "--role", "ops", "--", "true", status=126).stdout)
    assert error["error"]["code"] == "approval_required"
    site.run("creds", "--once", "--role", "ops", status=4)


def test_waiting_until_somebody_approves(site):
    waiting = site.start("request", "--role", "ops", "--wait", "60s")
    request = wait_until(lambda: next((site.state / "approvals/requests").glob("req-*.json"), None))
    approve(site, request, "carol", site.places / "x.approved")
    output, errors = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, errors
    assert output.startswith("ops  ")


def test_an_unknown_role_in_the_approvals_is_an_error(site):
    config = (site.config / "config.toml").read_text()
    site.configure(config.replace('ops = { group = "leads"', 'opps = { group = "leads"'))
    assert "opps" in ask(site, status=1).stdout


def emergency(site, *options):
    return site.person("request", "--role", "ops", "--break-glass", "--reason", "INC-9 down", *options,
                       columns=200)


def take_emergency(site):
    session = emergency(site)
    try:
        challenge = session.wait_for(lambda text: re.search(r"Type  (\S{4})  to take it", text)).group(1)
        session.type(challenge)
        status = session.exit_status()
        return status, session.screen()
    finally:
        session.close()


def test_an_emergency_is_short_told_and_reviewed_before_the_next(site):
    need("tmux")
    status, screen = take_emergency(site)
    assert status == 0, screen
    assert "(10m)" in screen and "bob, carol were told through pager" in screen
    wait_until(lambda: b"break_glass" in site.pager.heard)
    assert b"INC-9 down" in site.pager.heard
    # The next one waits.
    session = emergency(site)
    try:
        assert session.exit_status() == 3
        assert "has not been reviewed yet" in session.screen()
    finally:
        session.close()
    review = next((site.state / "approvals/requests").glob("req-*.json"))
    assert "emergency" in site.run("approve", "--show", "--file", review).stdout
    approve(site, review, "ana", site.places / "own.approved")  # one's own review is none
    site.run("approvals")
    assert not any(record["data"].get("event") == "review" for record in exported(site))
    approve(site, review, "bob", site.places / "review.approved")
    site.run("approvals")
    assert any(record["data"].get("event") == "review" for record in exported(site))
    status, screen = take_emergency(site)
    assert status == 0, screen


def test_no_emergency_without_a_person_a_reason_or_a_pager(site):
    need("tmux")
    assert "for a person at a terminal" in ask(site, "--break-glass", "--reason", "x", status=3).stdout
    ask(site, "--break-glass", status=2)
    site.run("request", "--role", "bastion", "--break-glass", "--reason", "x", status=2)
    site.pager.close()
    status, screen = take_emergency(site)
    assert status == 1 and "did not take the alert" in screen
    assert site.json("status", "--json")["grants"] == []
