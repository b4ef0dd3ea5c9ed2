"""The writer of the ledger, killed, refused by the kernel or refused memory at each of its system calls and allocations,
while it appends and while it rotates segments; on a full disk; and by many at once."""

import os
import pathlib
import re
import shutil
import subprocess

import faults
import pytest
from conftest import FULL
from invariant import lines_of
from writer import TOOL, check_nothing_lost, needs_tool, write

pytestmark = needs_tool

# Sessions of three records each, a checkpoint every so many records, and the size of a segment.
RUNS = {"append": (1, 1000, 60_000), "rotate": (4, 5, 4000)}


def run(kind, folder, before=(), variables=None):
    sessions, checkpoint_every, segment_size = RUNS[kind]
    return write(folder, sessions, before, variables, checkpoint_every, segment_size)


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
    for path in [pathlib.Path(str(folder) + ".anchor"), folder.parent / "anchor"]:
        path.unlink(missing_ok=True)


def attempt_on(kind, folder):
    def attempt(_case, faults):
        [fault] = faults
        remove(folder)
        write(folder, 1)
        done = run(kind, folder, fault.before, fault.variables or None)
        if fault.variables:
            assert done.returncode in (0, 1, 125), f"status {done.returncode}: {done.stderr}"
        check_nothing_lost(folder, [done])

    return attempt


@pytest.mark.parametrize("kind", RUNS)
def test_killed_or_refused_at_any_call(kind, tmp_path):
    folder = tmp_path / "ledger"
    write(folder, 1)
    counts = faults.call_counts(lambda before: run(kind, folder, before))
    assert kind != "rotate" or len(list(folder.glob("segment-*"))) > 1
    faults.try_all(f"{kind}, system calls", faults.call_faults(counts), attempt_on(kind, folder))


@pytest.mark.parametrize("kind", RUNS)
def test_refused_any_allocation(kind, tmp_path):
    folder = tmp_path / "ledger"
    write(folder, 1)
    counts = faults.allocation_counts(tmp_path, lambda variables: run(kind, folder, variables=variables))
    faults.try_all(f"{kind}, allocations", faults.allocation_faults(counts), attempt_on(kind, folder))


def test_the_check_sees_a_lost_record(tmp_path):
    folder = tmp_path / "ledger"
    done = write(folder, 2)
    check_nothing_lost(folder, [done])
    invented = subprocess.CompletedProcess([], 0, "acknowledged 4711\n", "")
    with pytest.raises(AssertionError, match="4711 was acknowledged and is lost"):
        check_nothing_lost(folder, [invented])
    shutil.rmtree(folder)
    write(folder, 1)
    with pytest.raises(AssertionError):
        check_nothing_lost(folder, [done])


def test_many_writers_leave_one_chain(tmp_path):
    folder = tmp_path / "ledger"
    writers = 64 if FULL else 16
    running = [subprocess.Popen([str(TOOL), "append", str(folder), "3", "20", "30000"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for _ in range(writers)]
    finished = []
    for process in running:
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        finished.append(subprocess.CompletedProcess([], 0, out, error))
    assert sum(len(re.findall("^acknowledged", done.stdout, re.M)) for done in finished) == 3 * writers
    check_nothing_lost(folder, finished)


def test_a_full_disk_stops_intents_and_still_takes_what_closes_them(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, text=True)
    if mount.returncode != 0:
        pytest.skip("no tmpfs can be mounted here: " + mount.stderr.strip())
    try:
        (place / "state").mkdir(mode=0o700)
        folder = place / "state/ledger"
        assert write(folder, 2).returncode == 0
        filler = place / "filler"
        descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(descriptor, b"x" * 4096)
        except OSError:
            os.close(descriptor)
        done = subprocess.run([str(TOOL), "append", str(folder), "2000", "100000"], capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 1 and "space" in done.stderr, done.stderr
        left = lines_of(folder)
        intents = [record["session"] for record in left.values() if record["kind"] == "intent"]
        ends = {record["session"] for record in left.values() if record["kind"] == "ended"}
        assert all(session in ends for session in intents), "an intent was taken whose end found no space"
        filler.unlink()
        check_nothing_lost(folder, [done])
    finally:
        subprocess.run(["umount", place], check=False)
