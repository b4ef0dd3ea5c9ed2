"""A large ledger: verified in little memory, about as fast as it can be hashed, and appended to as fast as a small one.
Times are asserted only in the full run, as ratios within it."""

import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import pytest
from conftest import BINARY, FULL

RECORDS = 2_000_000 if FULL else 20_000
TOOL = pathlib.Path(os.environ.get("PRODACCESS_BUILD", "build")) / "bin/ledger_tool"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


def append_microseconds(folder):
    """Medians of a durable intent and of a written record."""
    words = subprocess.run([TOOL, "time", folder, "300"], capture_output=True, text=True, check=True,
                           timeout=120).stdout.split()
    return int(words[1]), int(words[3])


# A process counts as its own what the one that forked it held: so a small one asks.
MEASURE = """import os, sys
pid = os.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_memory_of(argv):
    """MiB at most, and its output."""
    result = subprocess.run([sys.executable, "-c", MEASURE, *map(str, argv)], capture_output=True, text=True,
                            timeout=600, check=True)
    return int(result.stderr.split()[-1]) / 1024, result.stdout


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scale") / "ledger"
    small = append_microseconds(folder)
    # Grown in memory: thousands of flushes would be the disk's time and not ours.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as memory:
        grown = pathlib.Path(memory) / "ledger"
        shutil.move(folder, grown)
        shutil.move(f"{folder}.anchor", f"{grown}.anchor")
        subprocess.run([TOOL, "bulk", grown, str(RECORDS)], check=True, timeout=3600)
        shutil.move(grown, folder)
        shutil.move(f"{grown}.anchor", f"{folder}.anchor")
    os.sync()
    return folder, small


def seconds_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run(command, shell=isinstance(command, str), check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - begin, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_verify_is_as_fast_as_hashing_and_needs_little_memory(ledger):
    folder, _ = ledger
    argv = [BINARY, "audit", "verify", "--json", "--ledger", str(folder)]
    memory, out = peak_memory_of(argv)
    report = json.loads(out)
    assert report["verdict"] == "proven" and report["records"] >= RECORDS - 2
    verify, hashing = [], []
    for _ in range(3):
        verify.append(seconds_of(argv)[1])
        hashing.append(seconds_of(f"cat {folder}/segment-* | sha256sum")[1])
    ratio = statistics.median(hashing) / max(statistics.median(verify), 1e-9)
    print(f"{report['records']} records, {report['bytes'] >> 20} MiB: verify {statistics.median(verify):.2f} s of CPU, "
          f"sha256sum {statistics.median(hashing):.2f} s: {ratio:.2f} of its speed, {memory:.0f} MiB at most")
    assert memory < 64
    if FULL:
        assert ratio >= 0.5


def test_an_append_costs_the_same_at_any_size(ledger):
    folder, small = ledger
    large = append_microseconds(folder)
    print(f"durable {small[0]} us at the beginning, {large[0]} us behind {RECORDS} records; "
          f"written {small[1]} and {large[1]} us")
    assert large[0] > 0
    if FULL:
        assert large[1] < 3 * small[1] and large[0] < 3 * small[0]
