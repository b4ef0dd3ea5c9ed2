"""Seeded damage to ledgers: both verifiers agree on the verdict, the record and the class, and no damage
to what a checkpoint or anchor covers is ever called proven beyond it. The first verifier is asked in one process for
all of them (tests/bench/ledger_tool.cc), and for some through `audit verify` too, which must say the same."""

import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger_verifier  # noqa: E402

FULL = bool(os.environ.get("PRODACCESS_TEST_FULL"))
CASES = 100_000 if FULL else 400
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


def many_segments(folder):
    assert tool("append", folder, 12, 7, 6000).returncode == 0


def one_segment(folder):
    assert tool("append", folder, 5, 4, 1 << 20).returncode == 0


def pruned(folder):
    assert tool("append", folder, 12, 7, 6000).returncode == 0
    first = sorted(folder.glob("segment-*"))[0]
    hashes = [json.loads(line)["hash"] for line in first.read_bytes().rstrip(b"\n").split(b"\n")]
    first.with_name("pruned-00000001.hashes").write_text("".join(f"{each}\n" for each in hashes))
    first.unlink()


def failed_sync(folder):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    append = [pathlib.Path(os.environ["PRODACCESS_BUILD"]) / "bin/ledger_tool", "append", folder, "12", "7", "6000"]
    failed = subprocess.run(["strace", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=8", *append],
                            capture_output=True, text=True, timeout=60)
    assert "Input/output error" in failed.stderr
    assert subprocess.run(append, capture_output=True, timeout=60).returncode == 0
    assert b"sync failed" in (folder / "segment-00000002.jsonl").read_bytes()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger") / "ledger"
    many_segments(folder)
    assert first_verifier(folder)["verdict"] == "proven"
    return folder


def damage_once(rng, files):
    """Damages one file of `files` (name to bytes, None for one that is not there)."""
    name = rng.choice([each for each, data in files.items() if data])
    damage = rng.choice(DAMAGE)
    try:
        files[name] = damage(rng, files[name])
    except (ValueError, LookupError, TypeError):  # hashes, or records that are damaged already, cannot be written anew
        damage = insert_garbage
        files[name] = damage(rng, files[name] + b"{")
    if rng.random() < 0.03:
        damage, files[name] = "remove", None
    return f"{damage} of {name}"


def splice(rng, files):
    """Bytes of one file in another, or one file instead of another."""
    a, b = rng.sample(sorted(files), 2)
    if rng.random() < 0.5:
        files[a], files[b] = files[b], files[a]
    elif files[a] and files[b]:
        files[a] = files[a][: rng.randrange(len(files[a]))] + files[b][rng.randrange(len(files[b])) :]
    return f"splice of {a} and {b}"


def damaged(rng, whole):
    """What was done, and the files after it: mostly one damage, sometimes several."""
    files = dict(whole)
    told = []
    for _ in range(rng.choice([1, 1, 1, 1, 2, 3])):
        if len([each for each in files.values() if each]) > 1 and rng.random() < 0.1:
            told.append(splice(rng, files))
        elif any(files.values()):
            told.append(damage_once(rng, files))
    return ", ".join(told), files


def covered_by_the_anchor(whole):
    """Of each file the lines that count: not the space written ahead, nor what a failed sync left behind."""
    covered, following = {}, None
    for name, data in sorted(whole.items(), reverse=True):
        lines = data.rstrip(b"\n").split(b"\n")
        if following and following["data"].get("reason") == "sync failed":
            lines = [line for line in lines if json.loads(line)["seq"] < following["seq"]]
        covered[name] = lines
        following = None if name.startswith("pruned") else json.loads(lines[0])
    return covered


def still_holds(data, covered, whole):
    if whole.rstrip(b"\n") == b"\n".join(covered):
        return data.startswith(b"\n".join(covered))
    # What a failed sync left behind may stand anywhere: it does not count.
    return [line for line in data.split(b"\n") if line in covered] == covered


def write_files(folder, files, before):
    for name, data in files.items():
        if data == before[name]:
            continue
        if data is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(data)


@pytest.mark.parametrize("shape", [many_segments, one_segment, pruned, failed_sync])
def test_two_verifiers_agree_on_damaged_ledgers(shape, tmp_path):
    rng, cases, began = random.Random(f"{SEED} {shape.__name__}"), CASES // 4, time.monotonic()
    target = tmp_path / "ledger"
    shape(target)
    whole = {path.name: path.read_bytes() for path in sorted(target.iterdir())
             if path.name.startswith(("segment", "pruned"))}
    anchor_file = pathlib.Path(str(target) + ".anchor")
    anchor = anchor_file.read_bytes()
    covered = covered_by_the_anchor(whole)
    missed, batch, verdicts = [], Batch(), collections.Counter()
    for case in range(cases):
        anchored = rng.choice([anchor] * 6 + [b"", b"", flip(rng, anchor)])
        told, files = damaged(rng, whole)
        write_files(target, files, whole)
        anchor_file.write_bytes(anchored)
        one, two = batch.verify(target), second_verifier(target, True)
        assert one == two, f"case {case}, {told}: {one} and {two}"
        if case % (10 if cases < 1000 else 1000) == 0:
            assert first_verifier(target) == one, f"case {case}, {told}: audit verify says something else"
        verdicts[one.get("class", one["verdict"])] += 1
        lost = not all(still_holds(files[name] or b"", lines, whole[name]) for name, lines in covered.items())
        if anchored == anchor and lost and one["verdict"] != "broken":
            missed.append((case, told, one))
        write_files(target, whole, files)
    batch.close()
    print(f"{cases} damages, seed {SEED}, {time.monotonic() - began:.0f} s: {dict(verdicts)}")
    assert not missed
    assert len(verdicts) > 1, "every damage looks alike"


def test_a_history_signed_anew_is_not_proven(sound, tmp_path):
    other = tmp_path / "ledger"
    assert tool("append", other, 12, 7, 6000).returncode == 0
    key = ledger_verifier.read_anchor(str(sound) + ".anchor")["key"]
    forged = ledger_verifier.verify(other, keys=[key])
    assert forged["verdict"] == "broken" and forged["class"] == "unsigned"
