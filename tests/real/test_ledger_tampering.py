"""Tampering with a ledger's files, seen by both verifiers and by the writer: what is not a file in a segment's place, an
end cut at any byte, an older copy of the folder. Each is named, nothing hangs, and `audit repair` is a way on."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from conftest import BUILD, FULL, LOCAL_ROLES

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger_verifier  # noqa: E402

TOOL = BUILD / "bin/ledger_tool"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


def append(folder, sessions):
    return subprocess.run([TOOL, "append", folder, str(sessions), "5", "4000"], capture_output=True, text=True,
                          timeout=60)


@pytest.fixture
def user(prodaccess):
    prodaccess.configure(LOCAL_ROLES)
    prodaccess.state.mkdir(parents=True, mode=0o700)
    assert append(prodaccess.state / "ledger", 12).returncode == 0
    return prodaccess


def segments(user):
    return sorted((user.state / "ledger").glob("segment-*"))


def second_verifier(folder):
    return ledger_verifier.verify(folder, anchor=ledger_verifier.read_anchor(f"{folder}.anchor"))


def link(path, home):
    path.rename(home / "elsewhere")
    path.symlink_to(home / "elsewhere")


def fifo(path, _home):
    path.unlink()
    os.mkfifo(path)


def folder(path, _home):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("place", [1, -1])
@pytest.mark.parametrize("other", [link, fifo, folder])
def test_what_is_no_file_is_a_missing_segment(user, other, place):
    assert len(segments(user)) > 3
    first = json.loads(segments(user)[place].read_bytes().split(b"\n")[0])["seq"]
    other(segments(user)[place], user.home)
    report = user.json("audit", "verify", "--json", status=1)
    assert report["verdict"] == "broken" and report["finding"]["class"] == "missing"
    assert report["finding"]["record"] == first and not report["anchor_matches"]
    assert second_verifier(user.state / "ledger") == {"verdict": "broken", "record": first, "class": "missing"}
    told = user.run("audit", "verify", status=1).stdout
    assert "it is evidence" in told and "prodaccess audit repair --reason" in told
    if place == -1:
        refused = user.run("request", "--role", "reader", status=1)
        assert segments(user)[-1].name in refused.stderr and "ls -ld" in refused.stderr
    assert "broken" in user.run("audit", "repair", "--reason", "it was tampered with").stdout
    user.run("request", "--role", "reader")
    assert user.json("audit", "verify", "--json")["verdict"] != "broken"


def test_an_end_cut_at_any_byte_is_seen_and_nothing_goes_on_behind_it(user):
    ledger = user.state / "ledger"
    last = segments(user)[-1]
    whole = last.read_bytes().rstrip(b"\n")
    lines = whole.split(b"\n")
    assert len(lines) > 3
    begin = len(b"\n".join(lines[:-3])) + 1
    kept = user.home / "kept"
    shutil.copytree(ledger, kept / "ledger")
    shutil.copy(f"{ledger}.anchor", f"{kept}/ledger.anchor")
    step = 1 if FULL else 23
    for size in range(begin, len(whole), step):
        (kept / "ledger/head").unlink(missing_ok=True)
        (kept / "ledger" / last.name).write_bytes(whole[:size])
        found = second_verifier(kept / "ledger")
        assert found["verdict"] == "broken" and found["class"] == "cut", (size, found)
        before = user.json("audit", "verify", "--json", "--ledger", kept / "ledger", status=1)["finding"]
        assert (before["record"], before["class"]) == (found["record"], "cut"), size
        refused = append(kept / "ledger", 1)
        assert refused.returncode == 1 and "cut off" in refused.stderr, (size, refused)
        assert (kept / "ledger" / last.name).read_bytes().rstrip(b"\n") == whole[:size].rstrip(b"\n"), size


def test_an_older_copy_of_everything_is_seen_by_the_anchor_in_the_keyring(user):
    if subprocess.run(["keyctl", "show", "@u"], capture_output=True).returncode != 0:
        pytest.skip("no user keyring here")
    ledger = user.state / "ledger"
    user.run("request", "--role", "reader")
    old = user.home / "old"
    shutil.copytree(ledger, old)
    anchor = pathlib.Path(f"{ledger}.anchor").read_bytes()
    user.run("request", "--role", "reader")
    for path in ledger.iterdir():
        path.unlink()
    for path in old.iterdir():
        shutil.copy2(path, ledger / path.name)
    pathlib.Path(f"{ledger}.anchor").write_bytes(anchor)
    report = user.json("audit", "verify", "--json", status=1)
    assert report["finding"]["class"] == "cut" and "older copy" in report["finding"]["detail"]
    assert not report["anchor_matches"]
    assert "agrees" not in user.run("audit", "verify", status=1).stdout
    assert "keyring" in user.run("request", "--role", "reader", status=1).stderr


def test_a_checkpoint_on_request_covers_everything_until_then(user):
    user.run("request", "--role", "reader")
    before = user.json("audit", "verify", "--json")
    assert before["proven"] < before["records"]
    refused = user.run("audit", "verify", "--proof", before["records"], status=1)
    assert "audit checkpoint --now" in refused.stderr
    signed = user.json("audit", "checkpoint", "--now", "--json")
    assert signed["size"] > before["records"]
    kept = user.home / "kept"
    kept.write_text(signed["note"])
    assert user.run("audit", "checkpoint").stdout == signed["note"]
    after = user.json("audit", "verify", "--checkpoint", kept, "--json")
    assert after["proven"] == signed["size"] and after["verdict"] == "proven"
    assert second_verifier(user.state / "ledger")["proven"] == signed["size"]
    proof = user.home / "proof.json"
    proof.write_text(user.run("audit", "verify", "--proof", before["records"]).stdout)
    key = user.run("audit", "key").stdout.strip()
    assert user.json("audit", "verify", "--check-proof", proof, "--key", key, "--json")["trusted"]
    user.run("audit", "checkpoint", "--now", "--ledger", user.state / "ledger", status=2)
    last = segments(user)[-1]
    last.write_bytes(last.read_bytes().replace(b'"role":"reader"', b'"role":"writer"', 1))
    assert "broken" in user.run("audit", "checkpoint", "--now", status=1).stderr
