"""`request`, `exec` and `revoke` killed, or refused by the kernel, at each of their system calls. Whatever happens: what
ran has an intent in the ledger, the ledger verifies and is written on, nothing stays running, what was issued and
recorded is stored or taken back, and the credential lies in no file."""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

import pytest
from conftest import FULL, Prodaccess, need, wait_until
from exec_fixtures import ALLOW_ALL, Tree, end

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

SAMPLE = int(os.environ.get("PRODACCESS_TEST_FAULTS", "12"))
SEED = int(os.environ.get("PRODACCESS_TEST_SEED", "20260301"))
CANARY = "yranac-fo-eht-stluaf-tset"[::-1]
ERRORS = {
    "openat": ["EACCES", "EMFILE"], "read": ["EIO"], "pread64": ["EIO"], "write": ["ENOSPC"],
    "pwrite64": ["ENOSPC", "EIO"], "fdatasync": ["EIO"], "fsync": ["EIO"], "rename": ["ENOSPC"],
    "renameat": ["ENOSPC", "EIO"], "mkdir": ["ENOSPC"], "mkdirat": ["ENOSPC"], "fcntl": ["EBADF"],
    "flock": ["ENOLCK"], "mmap": ["ENOMEM"], "brk": ["ENOMEM"], "add_key": ["EDQUOT", "EPERM"], "keyctl": ["EPERM"],
    "clone": ["EAGAIN"], "clone3": ["EAGAIN"], "fork": ["EAGAIN"], "vfork": ["EAGAIN"], "pipe2": ["EMFILE"],
    "socketpair": ["EMFILE"], "socket": ["EMFILE"], "memfd_create": ["EMFILE"], "timerfd_create": ["EMFILE"],
    "signalfd4": ["EMFILE"], "pidfd_open": ["EMFILE"], "unlinkat": ["EIO"], "ftruncate": ["EIO"], "close": ["EIO"],
    "fstat": ["EIO"], "newfstatat": ["EACCES"], "statx": ["EIO"], "getdents64": ["EIO"], "mlock": ["ENOMEM"],
    "madvise": ["EINVAL"], "prlimit64": ["EPERM"], "prctl": ["EPERM"], "kill": ["EPERM"], "fchmod": ["EPERM"],
}

# Issues handle-1, handle-2, ... and notes what it issued and revoked.
PROVIDER = '''#!/usr/bin/python3
import json, pathlib, sys
folder = pathlib.Path("{folder}")
request = json.load(sys.stdin)
reply = {{"protocol": 1}}
log = folder / sys.argv[1]
if sys.argv[1] == "describe":
    reply["target"] = "a test"
elif sys.argv[1] == "issue":
    done = log.read_text().split() if log.exists() else []
    reply |= {{"handle": "handle-%d" % (len(done) + 1), "expires_at": request["until"],
              "fields": {{"token": "{reversed}"[::-1]}}}}
    log.write_text("\\n".join([*done, reply["handle"]]))
elif sys.argv[1] == "revoke":
    with open(log, "a") as file:
        file.write(request["handle"] + "\\n")
    reply["state"] = "revoked"
print(json.dumps(reply))
'''


class User:
    """A fresh user with one role of that provider, and, for exec and revoke, a grant."""

    def __init__(self, folder, case):
        self.home = folder / f"home-{case}"
        self.home.mkdir(mode=0o700)
        self.notes = folder / f"notes-{case}"
        self.notes.mkdir()
        self.prodaccess = Prodaccess(self.home)
        programs = self.home / ".local/lib/prodaccess/providers"
        programs.mkdir(parents=True, mode=0o700)
        program = programs / "prodaccess-provider-notes"
        program.write_text(PROVIDER.format(folder=self.notes, reversed=CANARY[::-1]))
        program.chmod(0o755)
        self.prodaccess.configure('[stores]\ndurable = "file"\npassphrase_from = "key-file:{home}/store.key"\n'
                                  '[roles.notes]\nprovider = "notes"\nttl_max = "1h"\nnotes = {}\n').policy(ALLOW_ALL)
        self.tree = Tree()
        self.prodaccess.environment.update(self.tree.variable)
        self.marker = self.home / "ran"

    def words(self, command):
        return {"request": ["request", "--role", "notes", "--reason", "under test"],
                "exec": ["exec", "--role", "notes", "--", "sh", "-c", f"echo ran > {self.marker}; exec sleep 0.01"],
                "revoke": ["revoke", "--all"]}[command]

    def prepare(self, command):
        if command != "request":
            self.prodaccess.run("request", "--role", "notes", "--reason", "before")

    def run(self, command, *before):
        return subprocess.run([*before, *self.prodaccess.argv(*self.words(command))], env=self.prodaccess.environment,
                              cwd=self.home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              start_new_session=True)

    def records(self):
        return [json.loads(line) for line in self.prodaccess.run("audit", "export").stdout.splitlines()]

    def noted(self, operation):
        path = self.notes / operation
        return path.read_text().split() if path.exists() else []


def check_invariants(user, what):
    try:
        wait_until(lambda: not user.tree.pids())
    except AssertionError:
        raise AssertionError(f"{what}: something stays running: {user.tree.pids()}") from None
    again = user.prodaccess.run("request", "--role", "notes", "--reason", "afterwards", status=None)
    assert again.returncode == 0, f"{what}: the next request fails: {again.stderr}"
    records = user.records()
    intents = [record for record in records if record["kind"] == "intent" and record["data"]["action"] == "exec"]
    assert not user.marker.exists() or intents, f"{what}: it ran without an intent"
    verdict = user.prodaccess.json("audit", "verify", "--json", status=None)
    assert verdict["verdict"] != "broken", f"{what}: {verdict['finding']}"
    user.prodaccess.run("revoke", "--all", status=None)
    last = user.prodaccess.json("revoke", "--all", "--json")
    assert last["complete"] and user.prodaccess.json("status", "--json")["grants"] == [], what
    recorded = {record["data"]["handle"] for record in records if record["kind"] == "issued"}
    lost = recorded - set(user.noted("revoke"))
    assert not lost, f"{what}: {lost} were issued and recorded, and never revoked"
    for path in user.home.rglob("*"):
        if path.is_file() and CANARY.encode() in path.read_bytes():
            raise AssertionError(f"{what}: the credential lies in {path}")


def calls_of(folder, command):
    """How often each system call is made by the undisturbed command's own process."""
    user = User(folder, f"count-{command}")
    user.prepare(command)
    trace = folder / f"trace-{command}"
    run = user.run(command, "strace", "-qq", "-o", str(trace))
    if run.returncode != 0:
        pytest.skip("strace cannot trace here: " + run.stderr[-200:])
    counts = {}
    for name in re.findall(r"^([a-z_0-9]+)\(", trace.read_text(), re.M):
        counts[name] = counts.get(name, 0) + 1
    for call in ("exit_group", "execve", "rt_sigreturn"):
        counts.pop(call, None)
    check_invariants(user, f"undisturbed {command}")
    assert command != "exec" or user.marker.exists()
    return counts


@pytest.mark.parametrize("command", ["request", "exec", "revoke"])
def test_killed_or_refused_at_any_call(tmp_path, command):
    need("strace")
    counts = calls_of(tmp_path, command)
    points = [(call, nth, "signal=KILL") for call, count in counts.items() for nth in range(1, count + 1)]
    points += [(call, nth, "error=" + error) for call, count in counts.items() for nth in range(1, count + 1)
               for error in ERRORS.get(call, [])]
    sample = points if FULL else random.Random(SEED).sample(points, min(SAMPLE, len(points)))
    print(f"{command}: {len(sample)} of {len(points)} points, seed {SEED}")
    for case, (call, nth, how) in enumerate(sample):
        user = User(tmp_path, case)
        what = f"{command}, {call} {nth}, {how}"
        try:
            user.prepare(command)
            user.run(command, "strace", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                     f"inject={call}:{how}:when={nth}")
            check_invariants(user, what)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{what}: it hangs") from None
        finally:
            end(user.tree.pids())
        shutil.rmtree(user.home)
        shutil.rmtree(user.notes)


def test_the_check_sees_what_it_is_to_see(tmp_path):
    user = User(tmp_path, "control")
    user.prodaccess.run("request", "--role", "notes", "--reason", "before")
    (user.home / "leak").write_text(CANARY)
    with pytest.raises(AssertionError, match="lies in"):
        check_invariants(user, "a leak")
    (user.home / "leak").unlink()
    user.marker.write_text("ran")
    with pytest.raises(AssertionError, match="without an intent"):
        check_invariants(user, "no intent")
