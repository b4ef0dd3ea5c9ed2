"""Faults in the stores: every system call and allocation of a change fails, or the process is killed at it. Whatever
happens: what was there before is there after,
what was acknowledged is there, nothing lies in the clear, and the next change goes through.
"""

import os
import pathlib
import shutil
import subprocess
import time

import faults
import pytest
from conftest import BUILD
from invariant import check_no_secret

TOOL = str(BUILD / "bin/store_tool")


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

    def run(self, *words, secret=b"", before=(), variables=None):
        return subprocess.run([*before, *self.words, *words], input=secret, capture_output=True, timeout=60,
                              env={**os.environ, **(variables or {})})

    def put(self, before=(), variables=None):
        done = self.run("put", "new", secret=b"canary-new", before=before, variables=variables)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def holds(self, name, secret):
        result = self.run("get", name)
        return result.returncode == 0 and result.stdout == secret

    def check(self, done):
        assert self.holds("kept", b"canary-old"), "what was there before is lost"
        assert done.returncode != 0 or self.holds("new", b"canary-new"), "what was acknowledged is lost"
        check_no_secret("canary", [self.folder / "state"], [done.stdout + done.stderr])
        assert self.run("put", "later", secret=b"x").returncode == 0, "the next change fails"
        left = sorted(path.name for path in (self.folder / "state").iterdir())
        assert left == ["store", "store.lock"], left


def attempt_on(store):
    def attempt(_case, faults):
        [fault] = faults
        store.fresh()
        store.check(store.put(fault.before, fault.variables))

    return attempt


# The work is done by a forked process.
FOLLOW = ["-f"]
ERRORS = ["EIO", "ENOSPC", "EACCES", "ENOMEM", "EPERM"]
# Without these no process begins or ends.
UNTOUCHED = {"arch_prctl", "set_tid_address", "set_robust_list", "rseq", "brk"}


def test_a_put_killed_or_refused_at_any_call_leaves_the_store_whole(tmp_path):
    store = Store(tmp_path)
    counts = {call: count for call, count in faults.call_counts(store.put, FOLLOW).items() if call not in UNTOUCHED}
    faults.try_all("store, system calls", faults.call_faults(counts, FOLLOW, ERRORS), attempt_on(store))


def test_a_put_refused_any_allocation_leaves_the_store_whole(tmp_path):
    store = Store(tmp_path)
    counts = faults.allocation_counts(tmp_path, lambda variables: store.put(variables=variables))
    faults.try_all("store, allocations", faults.allocation_faults(counts), attempt_on(store))


def inject(name, number, what):
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={name}:{what}:when={number}"]


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


@pytest.mark.skipif(not pathlib.Path(TOOL).exists() or
                    subprocess.run([*KERNEL, "get", "x"], capture_output=True).returncode != 4,
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
