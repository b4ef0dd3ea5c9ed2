"""Faults in the stores: every system call of a change fails, or the process is killed at it.

strace injects them (strace(1), --inject). Whatever happens: what was there before is there after,
what was acknowledged is there, nothing lies in the clear, and the next change goes through.
"""

import collections
import os
import random
import shutil
import subprocess
import time

import pytest

from conftest import BUILD, FULL

TOOL = str(BUILD / "bin/store_tool")
SEED = int(os.environ.get("PRODACCESS_TEST_SEED", "20260102"))
SAMPLE = 60
# Without these no process begins or ends.
UNTOUCHED = {"execve", "exit_group", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "brk"}
ERRORS = ["EIO", "ENOSPC", "EACCES", "ENOMEM", "EPERM"]


def can_inject():
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-qq", "-e", "inject=fsync:error=EIO", "-o", "/dev/null", "true"],
                          capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not can_inject(), reason="strace cannot inject faults here")


class Store:
    """An encrypted file store that holds "old" as "kept"."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o700)
        self.key = folder / "key"
        self.key.write_bytes(os.urandom(32))
        self.key.chmod(0o600)
        self.words = [TOOL, "--file", str(folder / "state/store"), "--from", f"key-file:{self.key}",
                      "durable", "file"]
        self.fresh()

    def fresh(self):
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        self.run("put", "kept", secret=b"canary-old")

    def run(self, *words, secret=b"", before=()):
        return subprocess.run([*before, *self.words, *words], input=secret, capture_output=True, timeout=60)

    def calls(self, *words):
        """(system call, its number) for every one of a run."""
        log = self.folder / "trace"
        self.run(*words, secret=b"canary-new", before=["strace", "-f", "-qq", "-o", str(log)])
        counts = collections.Counter()
        points = []
        for line in log.read_text().splitlines():
            name = line.split(None, 1)[1].split("(", 1)[0]
            if name.isidentifier() and name not in UNTOUCHED:
                counts[name] += 1
                points.append((name, counts[name]))
        self.fresh()
        return points

    def holds(self, name, secret):
        result = self.run("get", name)
        return result.returncode == 0 and result.stdout == secret

    def check(self, what, acknowledged):
        assert self.holds("kept", b"canary-old"), what
        if acknowledged:
            assert self.holds("new", b"canary-new"), what
        for path in (self.folder / "state").rglob("*"):
            assert not path.is_file() or b"canary" not in path.read_bytes(), what
        assert self.run("put", "later", secret=b"x").returncode == 0, what
        left = sorted(path.name for path in (self.folder / "state").iterdir())
        assert left == ["store", "store.lock"], (what, left)


def chosen(points):
    if FULL:
        return points
    return random.Random(SEED).sample(points, min(SAMPLE, len(points)))


def inject(name, number, what):
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={name}:{what}:when={number}"]


def test_every_failing_call_of_a_put_leaves_the_store_whole(tmp_path):
    store = Store(tmp_path)
    points = store.calls("put", "new")
    assert len(points) > 100
    errors = random.Random(SEED)
    for name, number in chosen(points):
        problem = errors.choice(ERRORS)
        result = store.run("put", "new", secret=b"canary-new", before=inject(name, number, f"error={problem}"))
        what = (name, number, problem, result)
        assert b"canary" not in result.stdout + result.stderr, what
        store.check(what, result.returncode == 0)
        store.fresh()
    print(f"{len(points)} points, seed {SEED}")


def test_a_kill_at_every_call_of_a_put_leaves_the_store_whole(tmp_path):
    store = Store(tmp_path)
    for name, number in chosen(store.calls("put", "new")):
        result = store.run("put", "new", secret=b"canary-new", before=inject(name, number, "signal=SIGKILL"))
        store.check((name, number, "killed", result), result.returncode == 0)
        store.fresh()


def ends_of(description):
    """When the keys of that description end, as /proc/keys says it."""
    return [line.split()[3] for line in open("/proc/keys") if description in line]


def soon(condition):
    """The kernel collects keys that nothing refers to in its own time."""
    for _ in range(100):
        if condition():
            return True
        time.sleep(0.05)
    return False


KERNEL = [TOOL, "ephemeral", "kernel"]


@pytest.mark.skipif(subprocess.run([*KERNEL, "get", "x"], capture_output=True).returncode != 4,
                    reason="the kernel's key calls are refused here")
@pytest.mark.parametrize("call, number", [("keyctl", 1), ("keyctl", 2), ("keyctl", 3), ("keyctl", 4), ("add_key", 1)])
@pytest.mark.parametrize("fault", ["error=EACCES", "error=EDQUOT", "error=EKEYREVOKED", "error=ENOMEM", "signal=SIGKILL"])
def test_a_failing_key_call_leaves_the_old_key_or_the_new_one_and_an_end(call, number, fault):
    name = f"fault-{os.getpid()}"
    try:
        subprocess.run([*KERNEL, "put", name, "60"], input=b"old", check=True)
        result = subprocess.run([*inject(call, number, fault), *KERNEL, "put", name, "60"], input=b"new",
                                capture_output=True)
        found = subprocess.run([*KERNEL, "get", name], capture_output=True)
        wanted = [b"new"] if result.returncode == 0 else [b"old", b"new"]
        assert found.returncode == 0 and found.stdout in wanted, (result, found)
        if result.returncode == 1:
            assert result.stderr.startswith(b"keyring_unavailable: ") and b"hint: " in result.stderr
        assert soon(lambda: "perm" not in ends_of(f"prodaccess:{name}:")), open("/proc/keys").read()
    finally:
        subprocess.run([*KERNEL, "erase", name], check=True)
