"""What the tests of `exec` share: a grant under which anything may run, a shell on a terminal, and
what /proc tells of the processes of a session."""

import os
import pathlib
import signal
import subprocess
import uuid

import pexpect
from conftest import BINARY, LOCAL_ROLES, wait_until

ALLOW_ALL = """
[[rule]]
id = "anything"
verdict = "allow"
"""

ROLE = """
[roles.runner]
description = "Run anything"
provider = "local"
ttl_max = "2h"
grace = "2s"
local = { kind = "token", audience = "https://service.example.com" }
env = { SERVICE_TOKEN = "{token}" }
"""


def grant(prodaccess, ttl="10m"):
    """A grant of role runner, under a policy that lets everything run without a question."""
    prodaccess.configure(LOCAL_ROLES + ROLE).policy(ALLOW_ALL)
    return prodaccess.json("request", "--json", "--role", "runner", "--ttl", ttl, "--reason", "test")


class Shell:
    """An interactive bash on a terminal, with job control: what a person types into."""

    PROMPT = "<ready>"

    def __init__(self, prodaccess, **changes):
        environment = {**prodaccess.environment, "PS1": self.PROMPT, "PA": BINARY, **changes}
        self.child = pexpect.spawn("bash", ["--norc", "--noprofile", "--noediting", "-i"], env=environment,
                                   cwd=str(prodaccess.home), dimensions=(30, 200), encoding="utf-8",
                                   timeout=20, echo=False,
                                   preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
        self.expect(self.PROMPT)

    def send(self, line):
        self.child.sendline(line)

    def key(self, letter):
        self.child.sendcontrol(letter)

    def expect(self, pattern):
        self.child.expect(pattern)
        return self.child.before

    def run(self, line):
        """Types a line and returns what is printed until the next prompt."""
        self.send(line)
        return self.expect(self.PROMPT).replace("\r\n", "\n").strip()

    def close(self):
        self.child.close(force=True)


class Tree:
    """The processes that carry one mark in their environment."""

    def __init__(self):
        self.mark = f"EXEC_TEST_MARK={uuid.uuid4().hex}"
        self.variable = dict([self.mark.split("=")])

    def pids(self):
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() not in (folder / "environ").read_bytes().split(b"\0"):
                    continue
                if (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    found.append(int(folder.name))
            except OSError:
                continue  # ended meanwhile, or not for us to see
        return found

    def named(self, name):
        return [pid for pid in self.pids() if command(pid)[:1] and name in " ".join(command(pid))]


def command(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError:
        return []


def state(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def name(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "gone"


def children(pid):
    output = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(word) for word in output.stdout.split()]


def watcher_of(pid):
    """The watcher of the waiting prodaccess `pid`."""
    return wait_until(lambda: next((c for c in children(pid) if name(c) == "prodaccess-wtch"), None))


def end(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
