"""confirm_with = "security-key": a person confirms by touching a key that an ssh-agent holds. The key and its
agent are stood for by a thread that speaks the agent's protocol and signs as a FIDO key does."""

import base64
import hashlib
import os
import re
import socket
import struct
import threading

import pytest

from conftest import need

TYPE = b"sk-ssh-ed25519@openssh.com"
APPLICATION = b"ssh:"
POLICY = '[[rule]]\nid = "touch"\neffect = "destructive"\nverdict = "confirm"\nconfirm_with = "security-key"\n'


def text(data):
    return struct.pack(">I", len(data)) + data


class SecurityKey:
    """A key in an agent; `touched`: whether a hand is on it."""

    def __init__(self, path):
        ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
        serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
        self.key = ed25519.Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.blob = text(TYPE) + text(public) + text(APPLICATION)
        self.touched = True
        self.asked = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def line(self, person):
        namespace = 'namespaces="prodaccess-confirmation@v1"'
        return f"{person} {namespace} {TYPE.decode()} {base64.b64encode(self.blob).decode()}\n"

    def close(self):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as reader:
                while header := reader.read(4):
                    answer = self._answer(reader.read(struct.unpack(">I", header)[0]))
                    connection.sendall(text(answer))

    def _answer(self, request):
        if request[0] == 11:
            return bytes([12]) + struct.pack(">I", 1) + text(self.blob) + text(b"the key of ana")
        self.asked += 1
        rest = request[1:]
        length = struct.unpack(">I", rest[:4])[0]
        rest = rest[4 + length:]
        data = rest[4:4 + struct.unpack(">I", rest[:4])[0]]
        end = bytes([1 if self.touched else 0]) + struct.pack(">I", self.asked)
        signed = self.key.sign(hashlib.sha256(APPLICATION).digest() + end + hashlib.sha256(data).digest())
        return bytes([14]) + text(text(TYPE) + text(signed) + end)


@pytest.fixture
def site(local, tmp_path):
    need("tmux")
    local.key = SecurityKey(tmp_path / "agent")
    local.environment["SSH_AUTH_SOCK"] = str(tmp_path / "agent")
    local.signers = local.config / "allowed_signers"
    local.signers.write_text(local.key.line("ana"))
    local.signers.chmod(0o600)
    local.configure((local.config / "config.toml").read_text() + f"""
[approvals]
allowed_signers = "{local.signers}"
[approvals.people]
ana = {{ uid = {os.getuid()} }}
bob = {{ uid = 4000001 }}
""")
    local.policy(POLICY)
    local.run("request", "--role", "bastion")
    local.victim = local.home / "victim"
    local.victim.mkdir()
    yield local
    local.key.close()


def confirm(site):
    """The end of the command, whose questions are answered by typing; its status and screen."""
    session = site.person("exec", "--", "rm", "-r", "victim", columns=140)
    try:
        session.wait_for(lambda screen: "Type the name of the target" in screen)
        session.type("victim")
        session.type(session.wait_for(lambda screen: re.search(r"Type  (\S{4})  to run", screen)).group(1))
        return session.exit_status(), session.screen()
    finally:
        session.close()


def test_a_touch_confirms(site):
    status, screen = confirm(site)
    assert status == 0 and "touch the security key the key of ana" in screen, screen
    assert not site.victim.exists() and site.key.asked == 1
    assert "security-key" in site.run("audit", "export", "--format", "jsonl").stdout


def test_without_a_touch_nothing_runs(site):
    site.key.touched = False
    status, screen = confirm(site)
    assert status == 126 and "was not touched" in screen
    assert site.victim.exists()


@pytest.mark.parametrize("line", ["bob", "ana-of-another-namespace", ""])
def test_only_ones_own_key_counts(site, line):
    text_of = site.key.line("bob") if line == "bob" else site.key.line("ana").replace("confirmation", "approval")
    site.signers.write_text(text_of if line else "# nobody\n")
    status, screen = confirm(site)
    assert status == 126 and "holds none of yours" in screen, screen
    assert site.victim.exists() and site.key.asked == 0


def test_without_an_agent_nothing_runs(site):
    del site.environment["SSH_AUTH_SOCK"]
    status, screen = confirm(site)
    assert status == 126, screen
    assert site.victim.exists()
