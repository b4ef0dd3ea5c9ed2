"""The writer of the ledger, killed or refused at each of its system calls, on a full disk, and by many at once:
nothing that was acknowledged is lost, and what is left verifies and can be written on."""

import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger_verifier  # noqa: E402

FULL = bool(os.environ.get("PRODACCESS_TEST_FULL"))
SAMPLE = int(os.environ.get("PRODACCESS_TEST_FAULTS", "24"))
SEED = int(os.environ.get("PRODACCESS_TEST_SEED", "20260301"))
TOOL = pathlib.Path(os.environ.get("PRODACCESS_BUILD", "build")) / "bin/ledger_tool"
CALLS = ["openat", "pwrite64", "fdatasync", "fsync", "rename", "renameat", "ftruncate", "fcntl", "pread64", "fstat",
         "newfstatat", "mkdir", "unlinkat", "close", "getdents64"]
ERRORS = ["EIO", "ENOSPC", "EDQUOT"]

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


def write(folder, sessions, *before):
    return subprocess.run([*before, str(TOOL), "append", str(folder), str(sessions), "5", "4000"], capture_output=True,
                          text=True, timeout=60)


def acknowledged(run):
    return [int(number) for number in re.findall(r"^acknowledged (\d+)$", run.stdout, re.M)]


def records(folder):
    found = {}
    for segment in sorted(pathlib.Path(folder).glob("segment-*")):
        for line in segment.read_bytes().split(b"\n"):
            record = ledger_verifier.parse_record(line)
            if record:
                found[record["seq"]] = record
    return found


def check_nothing_lost(folder, runs, what):
    result = ledger_verifier.verify(folder, anchor=ledger_verifier.read_anchor(str(folder) + ".anchor"))
    assert result["verdict"] != "broken", f"{what}: {result}"
    left = records(folder)
    for run in runs:
        for number in acknowledged(run):
            assert left[number]["kind"] == "intent", f"{what}: record {number} was acknowledged and is lost"
    again = write(folder, 1)
    assert again.returncode == 0, f"{what}: {again.stderr}"
    after = ledger_verifier.verify(folder, anchor=ledger_verifier.read_anchor(str(folder) + ".anchor"))
    assert after["verdict"] == "proven" and not after["torn"], f"{what}: {after}"


def calls_of_a_run(folder):
    """How often each call is made."""
    trace = write(folder, 4, "strace", "-f", "-qq", "-e", "trace=" + ",".join(CALLS))
    if trace.returncode != 0:
        pytest.skip("strace cannot trace here: " + trace.stderr.strip()[-100:])
    counts = {}
    for line in trace.stderr.splitlines():
        name = re.sub(r"^\[pid +\d+\] ", "", line).split("(")[0]
        counts[name] = counts.get(name, 0) + 1
    return counts


@pytest.fixture(scope="module")
def injections(tmp_path_factory):
    folder = tmp_path_factory.mktemp("count") / "ledger"
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    counts = calls_of_a_run(folder)
    kills = [(call, nth, "signal=KILL") for call, count in counts.items() for nth in range(1, count + 1)]
    failures = [(call, nth, "error=" + error) for call, count in counts.items() for nth in range(1, count + 1)
                for error in ERRORS if call in ("openat", "pwrite64", "fdatasync", "fsync", "ftruncate", "renameat")]
    every = kills + failures
    sample = every if FULL else random.Random(SEED).sample(every, min(SAMPLE, len(every)))
    print(f"{len(sample)} of {len(every)} injections, seed {SEED}")
    return sample


def test_a_writer_killed_or_refused_at_any_call_loses_nothing(injections, tmp_path):
    for call, nth, how in injections:
        folder = tmp_path / "ledger"
        for path in [folder, pathlib.Path(str(folder) + ".anchor")]:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        run = write(folder, 4, "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                    f"inject={call}:{how}:when={nth}")
        if folder.exists():
            check_nothing_lost(folder, [run], f"{call} {nth} {how}")


def test_many_writers_leave_one_chain(tmp_path):
    folder = tmp_path / "ledger"
    writers = 64 if FULL else 16
    running = [subprocess.Popen([str(TOOL), "append", str(folder), "3", "20", "30000"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for _ in range(writers)]
    finished = []
    for process in running:
        out, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
        finished.append(subprocess.CompletedProcess([], 0, out, error))
    assert sum(len(acknowledged(run)) for run in finished) == 3 * writers
    check_nothing_lost(folder, finished, "many writers")


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
        run = subprocess.run([str(TOOL), "append", str(folder), "2000", "100000"], capture_output=True, text=True,
                             timeout=60)
        assert run.returncode == 1 and "space" in run.stderr, run.stderr
        left = records(folder)
        intents = [record["session"] for record in left.values() if record["kind"] == "intent"]
        ends = {record["session"] for record in left.values() if record["kind"] == "ended"}
        assert all(session in ends for session in intents), "an intent was taken whose end found no space"
        filler.unlink()
        check_nothing_lost(folder, [run], "full disk")
    finally:
        subprocess.run(["umount", place], check=False)
