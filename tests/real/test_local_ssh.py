"""The embedded authority's certificates, against OpenSSH itself: ssh-keygen, sshd, ssh, ssh-add."""

import json
import os
import re
import subprocess
import time

import pytest

from conftest import LOCAL_ROLES
from exec_fixtures import ALLOW_ALL
from local_authority import USER, Authority, Sshd, needs_sshd

ROLE = 'kind = "ssh"\nprincipals = ["debug"]\n'


def keygen(*words):
    return subprocess.run(["ssh-keygen", *map(str, words)], text=True, capture_output=True,
                          timeout=30, env={**os.environ, "TZ": "UTC"})


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority").export()


@pytest.fixture
def sshd(tmp_path, authority):
    server = Sshd(tmp_path / "sshd", authority.folder / "ca.pub", authority.folder / "revoked.krl")
    yield server
    server.stop()


def test_ssh_keygen_reads_the_certificate(authority):
    authority.issue("key", ROLE + 'source_address = ["10.0.0.0/8", "::1"]\n'
                    'force_command = "id -u"\nextensions = ["permit-pty", "permit-user-rc"]\n')
    shown = keygen("-L", "-f", authority.folder / "key-cert.pub").stdout
    assert "Type: ssh-ed25519-cert-v01@openssh.com user certificate" in shown
    assert 'Key ID: "ana role=test grant=0123456789abcdef reason=INC-42"' in shown
    words = shown.split()
    assert words[words.index("Principals:") + 1] == "debug"
    assert "force-command id -u" in shown and "source-address 10.0.0.0/8,::1" in shown
    assert re.search(r"Extensions:\s+permit-pty\s+permit-user-rc\s*$", shown)
    assert keygen("-l", "-f", authority.folder / "ca.pub").stdout.split()[1] in shown
    # ssh-keygen takes the private key, and it belongs to the certificate.
    own = authority.folder / "own.pub"
    own.write_text(keygen("-y", "-f", authority.folder / "key").stdout)
    assert keygen("-l", "-f", own).stdout.split()[1] in shown


@needs_sshd
def test_a_login_works_within_its_time_and_not_after(authority, sshd):
    key = authority.issue("key", ROLE)
    result = sshd.login(key, "id", "-un")
    assert (result.returncode, result.stdout) == (0, USER + "\n"), result.stderr + sshd.log()
    assert 'ID "ana role=test grant=0123456789abcdef reason=INC-42" (serial ' in sshd.log()
    short = authority.issue("short", ROLE, seconds=2)
    time.sleep(3)
    assert sshd.login(short, "id").returncode == 255
    assert "Certificate invalid: expired" in sshd.log()


@needs_sshd
def test_a_revoked_certificate_is_refused_once_the_list_is_there(authority, sshd):
    key, other = authority.issue("key", ROLE), authority.issue("other", ROLE)
    assert sshd.login(key, "true").returncode == 0
    authority.revoke("key")
    assert sshd.login(key, "true").returncode == 0, "sshd cannot know yet"
    authority.export()
    assert sshd.login(key, "true").returncode == 255
    assert "revoked" in sshd.log()
    assert sshd.login(other, "true").returncode == 0
    krl = authority.folder / "revoked.krl"
    assert keygen("-Q", "-f", krl, f"{key}-cert.pub").stdout.strip().endswith("REVOKED")
    assert keygen("-Q", "-f", krl, f"{other}-cert.pub").stdout.strip().endswith("ok")
    serial = (authority.folder / "key.handle").read_text().split(":")[1]
    assert f"serial: {serial}" in keygen("-Q", "-l", "-f", krl).stdout


@needs_sshd
def test_the_role_limits_where_from_as_whom_and_what(authority, sshd):
    elsewhere = authority.issue("elsewhere", ROLE + 'source_address = ["192.0.2.0/24"]\n')
    assert sshd.login(elsewhere, "true").returncode == 255
    here = authority.issue("here", ROLE + 'source_address = ["127.0.0.0/8"]\n')
    assert sshd.login(here, "true").returncode == 0
    stranger = authority.issue("stranger", 'kind = "ssh"\nprincipals = ["somebody"]\n')
    assert sshd.login(stranger, "true").returncode == 255
    forced = authority.issue("forced", ROLE + 'force_command = "echo forced"\n')
    assert sshd.login(forced, "echo", "chosen").stdout == "forced\n"
    plain = authority.issue("plain", ROLE + "extensions = []\n")
    assert "PTY allocation request failed" in sshd.login(plain, "tty", options=["-tt"]).stderr
    assert "/dev/pts/" in sshd.login(here, "tty", options=["-tt"]).stdout


@needs_sshd
def test_another_authority_is_not_trusted(tmp_path, sshd):
    stranger = Authority(tmp_path / "stranger")
    assert sshd.login(stranger.issue("key", ROLE), "true").returncode == 255


@pytest.fixture
def trusting_sshd(tmp_path, prodaccess):
    """An sshd that trusts the authority of `prodaccess`."""
    prodaccess.configure(LOCAL_ROLES).policy(ALLOW_ALL)
    prodaccess.run("local", "ssh-ca", "--output", prodaccess.home / "ca.pub")
    prodaccess.run("local", "krl", "--output", prodaccess.home / "krl")
    server = Sshd(tmp_path / "sshd", prodaccess.home / "ca.pub", prodaccess.home / "krl")
    yield server
    server.stop()


@needs_sshd
def test_exec_gives_ssh_what_it_needs(prodaccess, trusting_sshd):
    result = prodaccess.run("exec", "--once", "--role", "bastion", "--",
                            *trusting_sshd.ssh(), "id", "-un")
    assert result.stdout == USER + "\n", trusting_sshd.log()
    assert "role=bastion" in trusting_sshd.log()


def test_the_agent_lists_one_certificate_and_takes_no_orders(prodaccess):
    prodaccess.configure(LOCAL_ROLES).policy(ALLOW_ALL)
    listed = prodaccess.run("exec", "--once", "--role", "bastion", "--", "ssh-add", "-l")
    assert len(listed.stdout.splitlines()) == 1 and "(ED25519-CERT)" in listed.stdout
    certificate = prodaccess.run("exec", "--once", "--role", "bastion", "--", "ssh-add", "-L")
    assert certificate.stdout.startswith("ssh-ed25519-cert-v01@openssh.com ")
    # What was used once stands on the list now.
    serials = prodaccess.json("local", "krl", "--json")["serials"]
    assert len(serials) == 2
    (prodaccess.home / "used.pub").write_text(certificate.stdout)
    prodaccess.run("local", "krl", "--output", prodaccess.home / "krl")
    asked = keygen("-Q", "-f", prodaccess.home / "krl", prodaccess.home / "used.pub")
    assert asked.stdout.strip().endswith("REVOKED"), asked


def test_the_agent_goes_with_the_command(prodaccess):
    prodaccess.configure(LOCAL_ROLES).policy(ALLOW_ALL)
    socket = prodaccess.run("exec", "--once", "--role", "bastion", "--",
                            "printenv", "SSH_AUTH_SOCK").stdout.strip()
    assert socket.startswith("/") and not os.path.exists(socket)
    assert not os.path.exists(os.path.dirname(socket))


def test_exported_lists_are_numbered(prodaccess):
    prodaccess.configure(LOCAL_ROLES).policy(ALLOW_ALL)
    assert json.loads(prodaccess.run("local", "denied").stdout)["number"] == 0
    prodaccess.run("exec", "--once", "--role", "service", "--reason", "INC-1", "--", "true")
    denied = json.loads(prodaccess.run("local", "denied").stdout)
    assert denied["number"] == 1 and len(denied["denied"]) == 1
