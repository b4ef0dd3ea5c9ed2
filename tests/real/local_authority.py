"""The embedded authority for tests, with its key in a plain file, and an sshd that trusts it."""

import getpass
import os
import pathlib
import shutil
import socket
import subprocess
import time

import pytest

from conftest import BUILD

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
USER = getpass.getuser()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Authority:
    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        folder.mkdir(mode=0o700)

    def _run(self, *words, stdin=""):
        subprocess.run([BUILD / "bin/issue_locally", self.folder, *map(str, words)], input=stdin,
                       text=True, check=True, timeout=30)

    def issue(self, name, role, seconds=600):
        self._run("issue", name, seconds, stdin=role)
        return self.folder / name

    def revoke(self, name):
        self._run("revoke", name)

    def export(self):
        self._run("export")
        return self


class Sshd:
    """A real sshd on loopback: it trusts the authority's key and lets `debug` in as this user."""

    def __init__(self, folder: pathlib.Path, authority_key: pathlib.Path, revoked: pathlib.Path):
        self.folder = folder
        folder.mkdir(mode=0o700)
        self.port = free_port()
        self.log_file = folder / "log"
        (folder / "principals").write_text("debug\n")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host_key"],
                       check=True)
        (folder / "config").write_text(f"""
ListenAddress 127.0.0.1
Port {self.port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile none
AuthorizedPrincipalsFile {folder}/principals
TrustedUserCAKeys {authority_key}
RevokedKeys {revoked}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
LogLevel VERBOSE
""")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "config"], stderr=log)
        self._wait_until_ready()

    def _wait_until_ready(self):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, self.log()
                time.sleep(0.05)
        raise AssertionError("sshd did not start: " + self.log())

    def log(self):
        return self.log_file.read_text()

    def ssh(self, *options):
        """The words of a login, without the command."""
        return ["ssh", "-F", "none", "-p", str(self.port), "-o", "BatchMode=yes",
                "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known",
                "-o", "LogLevel=ERROR", *options, f"{USER}@127.0.0.1"]

    def login(self, identity, *command, options=()):
        """As anybody would who had stolen the key's file."""
        return subprocess.run(
            [*self.ssh("-i", str(identity), "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
                       *options), *command],
            text=True, capture_output=True, timeout=30, stdin=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


needs_sshd = pytest.mark.skipif(SSHD is None, reason="no sshd")
