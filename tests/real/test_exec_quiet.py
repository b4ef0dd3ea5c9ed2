"""The waiting parent: no wake-ups, little memory, no library that an allowed command does not need."""

import os
import pathlib
import re
import subprocess
import time

import pytest
from conftest import BINARY, ROOT, need, wait_until
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
    assert needed <= {"libc.so.6", "ld-linux-x86-64.so.2"}


def test_nothing_of_ours_calls_what_the_link_binds_to_abort():
    """fmod is XPath's alone (CMakeLists.txt): a call of our own would end the program."""
    need("nm")
    archives = sorted(pathlib.Path(os.environ["PRODACCESS_BUILD"]).glob("libprodaccess_*.a"))
    assert archives
    wanted = subprocess.run(["nm", "--undefined-only", *archives], capture_output=True, text=True, check=True).stdout
    assert " U memcpy\n" in wanted and " U fmod\n" not in wanted


def test_what_a_short_command_runs_lies_together():
    """cli/first_functions.ld follows the code: without that the start is slower, and nothing says so."""
    need("nm")
    script = (ROOT / "cli/first_functions.ld").read_text()
    wanted = {match[1] for match in re.finditer(r"\*\(\.text\.(\S+) ", script)}
    symbols = subprocess.run(["nm", BINARY], capture_output=True, text=True, check=True).stdout
    place = {name: int(address, 16) for address, name in re.findall(r"([0-9a-f]+) [tTwW] (\S+)\n", symbols)}
    found = sorted(place[name] for name in wanted if name in place)
    assert len(found) > 0.85 * len(wanted), "tests/support/first_functions.py makes it anew"
    ninth_decile = found[len(found) * 9 // 10]
    assert ninth_decile - found[0] < 2 << 20
