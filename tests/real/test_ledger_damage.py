"""Seeded damage to ledgers: both verifiers agree on the verdict, the record and the class, and no damage
to what a checkpoint or anchor covers is ever called proven beyond it. The first verifier is asked in one process for
all of them (tests/bench/ledger_tool.cc), and for some through `audit verify` too, which must say the same."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger_verifier  # noqa: E402

FULL = bool(os.environ.get("PRODACCESS_TEST_FULL"))
CASES = 100_000 if FULL else 120
SEED = int(os.environ.get("PRODACCESS_TEST_SEED", "20260301"))


def tool(*arguments):
    binary = pathlib.Path(os.environ["PRODACCESS_BUILD"]) / "bin/ledger_tool"
    if not binary.exists():
        pytest.skip("ledger_tool is not built")
    return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=120)


def first_verifier(folder, *arguments):
    run = subprocess.run([os.environ["PRODACCESS_BIN"], "audit", "verify", "--json", "--ledger", folder, *arguments],
                         capture_output=True, text=True, timeout=60)
    assert run.stdout, run.stderr
    report = json.loads(run.stdout)
    assert "verdict" in report, report
    result = {"verdict": report["verdict"]}
    if report["verdict"] == "broken":
        return result | {"record": report["finding"]["record"], "class": report["finding"]["class"]}
    return result | {"records": report["records"], "proven": report["proven"], "torn": report["torn"]}


class Batch:
    """The first verifier, kept running."""

    def __init__(self):
        self.process = subprocess.Popen([pathlib.Path(os.environ["PRODACCESS_BUILD"]) / "bin/ledger_tool", "verify"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def verify(self, folder):
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=20) == 0


def second_verifier(folder, with_anchor):
    anchor = ledger_verifier.read_anchor(str(folder) + ".anchor") if with_anchor else None
    return ledger_verifier.verify(folder, anchor=anchor)


def flip(rng, data):
    at = rng.randrange(len(data.rstrip(b"\n")) * 8)
    return data[: at // 8] + bytes([data[at // 8] ^ (1 << at % 8)]) + data[at // 8 + 1 :]


def lines_of(data):
    body = data.rstrip(b"\n")
    return body.split(b"\n"), data[len(body) :]


def drop_line(rng, data):
    lines, rest = lines_of(data)
    lines.pop(rng.randrange(len(lines)))
    return b"\n".join(lines) + rest


def swap_lines(rng, data):
    lines, rest = lines_of(data)
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines) + rest


def repeat_line(rng, data):
    lines, rest = lines_of(data)
    a = rng.randrange(len(lines))
    lines.insert(a, lines[a])
    return b"\n".join(lines) + rest


def cut(rng, data):
    return data[: rng.randrange(len(data.rstrip(b"\n")))]


def blank(rng, data):
    at = rng.randrange(len(data.rstrip(b"\n")))
    size = rng.choice([1, 7, 512, 700])
    return data[:at] + (b"\n" * size)[: len(data) - at] + data[at + size :]


def rewrite(rng, data):
    """A forger who knows the format: changes a record and mends every hash behind it."""
    lines, rest = lines_of(data)
    at = rng.randrange(1, len(lines))
    previous = json.loads(lines[at - 1])["hash"]
    for i in range(at, len(lines)):
        record = json.loads(lines[i])
        if i == at:
            record["role"] = "forged"
        record["prev"] = previous
        previous = record["hash"] = ledger_verifier.content_hash(record).hex()
        lines[i] = ledger_verifier.dump(record).encode()
    return b"\n".join(lines) + rest


def insert_garbage(rng, data):
    at = rng.randrange(len(data.rstrip(b"\n")))
    return data[:at] + bytes(rng.randrange(256) for _ in range(rng.randrange(1, 20))) + data[at:]


DAMAGE = [flip, flip, drop_line, swap_lines, repeat_line, cut, blank, rewrite, insert_garbage]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger") / "ledger"
    assert tool("append", folder, 12, 7, 6000).returncode == 0
    assert first_verifier(folder)["verdict"] == "proven"
    return folder


def test_two_verifiers_agree_on_damaged_ledgers(sound, tmp_path):
    rng = random.Random(SEED)
    print(f"{CASES} damaged ledgers, seed {SEED}")
    target = tmp_path / "ledger"
    shutil.copytree(sound, target)
    shutil.copy(str(sound) + ".anchor", str(target) + ".anchor")
    segments = sorted(target.glob("segment-*"))
    anchor_file = pathlib.Path(str(target) + ".anchor")
    anchor = anchor_file.read_bytes()
    missed, batch = [], Batch()
    for case in range(CASES):
        with_anchor = rng.random() < 0.7
        segment = rng.choice(segments)
        whole = segment.read_bytes()
        damage = rng.choice(DAMAGE)
        damaged = damage(rng, whole)
        if rng.random() < 0.03:
            damage, damaged = "remove the segment", None
        try:
            if damaged is None:
                segment.unlink()
            else:
                segment.write_bytes(damaged)
            if with_anchor:
                anchor_file.write_bytes(anchor)
            else:
                anchor_file.unlink(missing_ok=True)
            one, two = batch.verify(target), second_verifier(target, with_anchor)
            assert one == two, f"case {case}, {damage}: {one} and {two}"
            if case % (10 if CASES < 1000 else 1000) == 0:
                assert first_verifier(target) == one, f"case {case}, {damage}: audit verify says something else"
            if with_anchor and damaged != whole and one["verdict"] != "broken":
                missed.append((case, str(damage), one))
        finally:
            segment.write_bytes(whole)
    batch.close()
    assert not missed


def test_a_history_signed_anew_is_not_proven(sound, tmp_path):
    other = tmp_path / "ledger"
    assert tool("append", other, 12, 7, 6000).returncode == 0
    key = ledger_verifier.read_anchor(str(sound) + ".anchor")["key"]
    forged = ledger_verifier.verify(other, keys=[key])
    assert forged["verdict"] == "broken" and forged["class"] == "unsigned"
