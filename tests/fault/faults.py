"""Where a program can be disturbed, and how: killed or refused at each of its system calls (strace(1), --inject), or
refused each of its allocations (failing_allocator.c). A harness counts the points of one undisturbed run and takes
all of them in the full run, a seeded sample else; minimum_points.json keeps how many there must be."""

import json
import os
import pathlib
import random
import re
import struct
import subprocess
from dataclasses import dataclass, field

import pytest
from conftest import BUILD, FULL, need

SAMPLE = int(os.environ.get("PRODACCESS_TEST_FAULTS", "12"))
SEED = int(os.environ.get("PRODACCESS_TEST_SEED", "20260301"))
ALLOCATOR = BUILD / "bin/failing_allocator.so"
MINIMUM = json.loads((pathlib.Path(__file__).parent / "minimum_points.json").read_text())

# The errors that each call can plausibly meet.
ERRORS = {
    "openat": ["EACCES", "EMFILE", "EIO", "ENOSPC"], "read": ["EIO"], "pread64": ["EIO"], "write": ["ENOSPC"],
    "pwrite64": ["ENOSPC", "EIO", "EDQUOT"], "fdatasync": ["EIO", "ENOSPC", "EDQUOT"], "fsync": ["EIO", "ENOSPC"],
    "rename": ["ENOSPC"], "renameat": ["ENOSPC", "EIO", "EDQUOT"], "mkdir": ["ENOSPC"], "mkdirat": ["ENOSPC"],
    "fcntl": ["EBADF"], "flock": ["ENOLCK"], "mmap": ["ENOMEM"], "brk": ["ENOMEM"], "add_key": ["EDQUOT", "EPERM"],
    "keyctl": ["EPERM"], "clone": ["EAGAIN"], "clone3": ["EAGAIN"], "fork": ["EAGAIN"], "vfork": ["EAGAIN"],
    "pipe2": ["EMFILE"], "socketpair": ["EMFILE"], "socket": ["EMFILE"], "memfd_create": ["EMFILE"],
    "timerfd_create": ["EMFILE"], "signalfd4": ["EMFILE"], "pidfd_open": ["EMFILE"], "unlinkat": ["EIO"],
    "ftruncate": ["EIO", "ENOSPC", "EDQUOT"], "close": ["EIO"], "fstat": ["EIO"], "newfstatat": ["EACCES"],
    "statx": ["EIO"], "getdents64": ["EIO"], "mlock": ["ENOMEM"], "madvise": ["EINVAL"], "prlimit64": ["EPERM"],
    "prctl": ["EPERM"], "kill": ["EPERM"], "fchmod": ["EPERM"], "getrandom": ["ENOSYS"], "poll": ["ENOMEM"],
    "wait4": ["ECHILD"], "sendto": ["EPIPE"], "rt_sigprocmask": ["EINVAL"],
}
# Neither refused nor a place to be killed: the program is not there yet, or not any more.
BEFORE_AND_AFTER = {"execve", "exit_group", "rt_sigreturn"}


@dataclass
class Fault:
    """A disturbance: words before the command's, and variables of its environment."""
    name: str
    before: list = field(default_factory=list)
    variables: dict = field(default_factory=dict)


def call_counts(run, follow=()):
    """How often each system call is made by the own process of what `run(words_before)` runs; with ["-f"] as `follow`
    by those it forks too."""
    need("strace")
    done = run(["strace", *follow, "-qq", "-o", "/dev/stderr"])
    counts = {}
    for name in re.findall(r"^(?:\d+ +)?([a-z_0-9]+)\(", done.stderr, re.M):
        counts[name] = counts.get(name, 0) + 1
    if not counts:
        pytest.skip("strace cannot trace here: " + done.stderr[-200:])
    assert done.returncode == 0, done.stderr[-2000:]
    return {call: count for call, count in counts.items() if call not in BEFORE_AND_AFTER}


def call_faults(counts, follow=(), errors=None):
    """Killed at each call, and refused each with each of its errors, or with `errors`."""
    faults = []
    for call, count in counts.items():
        for nth in range(1, count + 1):
            for how in ["signal=KILL", *("error=" + error for error in errors or ERRORS.get(call, []))]:
                faults.append(Fault(f"{call} {nth} {how}", [
                    "strace", *follow, "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{how}:when={nth}"]))
    return faults


def allocation_counts(folder, run):
    """How many allocations are made by the first process of what `run(variables)` runs, and by those it forks."""
    if not ALLOCATOR.exists():
        pytest.skip("failing_allocator.so is not built")
    counts = folder / "allocations"
    counts.write_bytes(bytes(16))
    done = run({"LD_PRELOAD": str(ALLOCATOR), "FAULT_COUNTS": str(counts)})
    assert done.returncode == 0, done.stderr
    return struct.unpack("=QQ", counts.read_bytes())


def allocation_faults(counts):
    """The n-th is refused, or that and all later ones; in the first process, or in those it forked."""
    return [Fault(f"allocation {nth} {'and all later ones ' if duration == 'ever' else ''}of process {generation}",
                  variables={"LD_PRELOAD": str(ALLOCATOR), "FAULT_IN": str(generation), "FAULT_AT": str(nth),
                             "FAULT_FOR": duration})
            for generation, count in enumerate(counts) for nth in range(1, count + 1) for duration in ["once", "ever"]]


def chosen(harness, faults):
    """Those to try now. There must be at least as many as are recorded for the harness."""
    sample = faults if FULL else random.Random(SEED).sample(faults, min(SAMPLE, len(faults)))
    print(f"{harness}: {len(sample)} of {len(faults)} points, seed {SEED}")
    assert len(faults) >= MINIMUM[harness], f"{harness}: fewer points than the {MINIMUM[harness]} recorded"
    return sample


def failures(harness, attempts):
    """What failed of [(name, call)], one line each."""
    failed = []
    for name, call in attempts:
        try:
            call()
        except AssertionError as error:
            failed.append(f"{harness}, {name}: {str(error)[:600]}")
        except subprocess.TimeoutExpired:
            failed.append(f"{harness}, {name}: it hangs")
    return failed


def try_all(harness, faults, attempt, batch=1):
    """Calls attempt(case, faults) for those chosen, so many at a time; tells all that failed, not the first alone. A
    batch that failed is taken apart, one fault a time."""
    sample = chosen(harness, faults)
    failed = []
    for case in range(0, len(sample), batch):
        part = sample[case:case + batch]
        name = part[0].name if len(part) == 1 else f"{part[0].name} to {part[-1].name}"
        together = failures(harness, [(name, lambda: attempt(case, part))])
        alone = [(fault.name, lambda fault=fault: attempt(case, [fault])) for fault in part]
        failed += failures(harness, alone) or together if together and len(part) > 1 else together
    assert not failed, f"{len(failed)} failed:\n" + "\n".join(failed[:200])
