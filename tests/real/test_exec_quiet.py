"""The waiting parent: no wake-ups, little memory, no library that an allowed command does not need."""

import re
import subprocess
import time

import pytest
from conftest import BINARY, need, wait_until
from exec_fixtures import Tree, end, grant, state, watcher_of


@pytest.fixture
def waiting(prodaccess):
    """The process id of an exec that waits for its command, and of its watcher."""
    grant(prodaccess)
    tree = Tree()
    process = prodaccess.start("exec", "--", "env", tree.mark, "sleep", "600")
    watcher = watcher_of(process.pid)
    wait_until(lambda: state(process.pid) == "S" and state(watcher) == "S" and tree.named("sleep 600"))
    time.sleep(2.5)  # the start is over
    yield process.pid, watcher
    end(tree.pids())
    process.wait(20)


def switches(pid):
    text = open(f"/proc/{pid}/status").read()
    return [int(n) for n in re.findall(r"ctxt_switches:\s+(\d+)", text)]


def test_no_wake_ups(waiting):
    before = [switches(pid) for pid in waiting]
    time.sleep(3)
    assert [switches(pid) for pid in waiting] == before


def test_the_parent_is_small(waiting):
    for pid in waiting:
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", open(f"/proc/{pid}/status").read()).group(1))
        assert resident < 10 * 1024


def test_no_heavy_library_is_loaded(waiting):
    for pid in waiting:
        mapped = open(f"/proc/{pid}/maps").read()
        for library in ("libcurl", "libsecret", "libpg_query", "libpq", "libglib", "libgio", "libssl"):
            assert library not in mapped, library


def test_what_the_binary_needs():
    need("readelf")
    dynamic = subprocess.run(["readelf", "-d", BINARY], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.*?)\]", dynamic))
    assert needed <= {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2"}
