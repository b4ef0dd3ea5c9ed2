"""`audit play`: what was recorded is shown again, at its pace and safely, and only if it is what the ledger names."""

import hashlib
import json
import os
import pathlib
import subprocess
import time

import pexpect
import pytest
from conftest import BINARY

TOOL = pathlib.Path(os.environ.get("PRODACCESS_BUILD", "build")) / "bin/ledger_tool"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")

HEADER = {"version": 2, "width": 80, "height": 24, "timestamp": 1770000000, "title": "psql orders"}
EVENTS = [[0.1, "o", "orders=> \x1b[1mselect\x1b[0m 1;\r\n"], [0.2, "r", "100x30"],
          [0.5, "o", "\x1b]0;owned\x07\x1b]52;c;cm0gLXJm\x07\x1b[6n"], [0.6, "o", " 1\r\n"], [1.2, "o", "bye\r\n"]]


class Recorded:
    """A ledger in the default place, and recordings that it names."""

    def __init__(self, home):
        self.home = home
        self.state = home / ".local/state/prodaccess"
        self.folder = self.state / "recordings"
        self.folder.mkdir(parents=True, mode=0o700)
        self.state.chmod(0o700)
        self.environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm"}

    def add(self, session, events=EVENTS, header=HEADER, name=None):
        lines = [json.dumps(line) for line in [header, *events]]
        path = self.folder / f"{session}.cast"
        path.write_text("\n".join(lines) + "\n")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        subprocess.run([TOOL, "recorded", self.state / "ledger", session, name or path.name, digest], check=True,
                       timeout=60)
        return path

    def play(self, *words, status=0):
        run = subprocess.run([BINARY, "audit", "play", *map(str, words)], capture_output=True, timeout=60,
                             env=self.environment)
        assert run.returncode == status, (run.returncode, run.stdout, run.stderr)
        return run

    def watch(self, *words, columns=100):
        return pexpect.spawn(BINARY, ["audit", "play", *map(str, words)], env=self.environment, timeout=20,
                             dimensions=(30, columns))


@pytest.fixture
def recorded(tmp_path):
    tmp_path.chmod(0o700)
    return Recorded(tmp_path)


def finish(child):
    child.expect(pexpect.EOF)
    shown = child.before
    child.close()
    return shown


def test_a_file_gets_the_text_alone(recorded):
    recorded.add("5e551011")
    assert recorded.play("5e551011").stdout == b"orders=> select 1;\n 1\nbye\n"


def test_a_terminal_gets_what_draws_and_nothing_else(recorded):
    recorded.add("5e551011")
    child = recorded.watch("5e55", "--speed", "50")
    shown = finish(child)
    assert child.exitstatus == 0
    assert b"ana  ops  psql orders" in shown and b"its hash is that of record" in shown
    assert b"\x1b[1mselect\x1b[0m" in shown and b"bye" in shown
    assert b"\x1b]" not in shown and b"\x1b[6n" not in shown and b"owned" not in shown


def test_speed_and_idle_limit(recorded):
    recorded.add("slow", [[0, "o", "first\r\n"], [3000, "o", "second\r\n"], [3000.1, "o", "third\r\n"]])
    begin = time.monotonic()
    assert b"third" in finish(recorded.watch("slow", "--idle-limit", "1s", "--speed", "10"))
    assert b"third" in finish(recorded.watch("slow", "--speed", "1000", "--idle-limit", "10m"))
    assert 0.5 < time.monotonic() - begin < 100
    child = recorded.watch("slow")
    child.expect(b"first")
    with pytest.raises(pexpect.TIMEOUT):
        child.expect(b"second", timeout=1)
    child.sendintr()
    assert b"second" not in finish(child)
    assert child.exitstatus == 130


def test_json_tells_about_it(recorded):
    path = recorded.add("5e551011")
    told = json.loads(recorded.play("5e551011", "--json").stdout)
    assert told["verified"] and told["events"] == 5 and told["resizes"] == 1 and told["milliseconds"] == 1200
    assert (told["columns"], told["rows"], told["title"]) == (80, 24, "psql orders")
    assert told["bytes"] == path.stat().st_size and told["begun"] == "2026-02-02T02:40:00Z"
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_was_changed_is_not_shown(recorded):
    path = recorded.add("5e551011")
    whole = path.read_bytes()
    for changed in (whole.replace(b"bye", b"hey"), whole[:-1], whole + b"\n", whole + b'[9, "o", "more"]\n', b""):
        path.write_bytes(changed)
        for words in (["5e551011"], ["5e551011", "--json"]):
            run = recorded.play(*words, status=1)
            said = run.stderr + run.stdout
            assert b"is not the one of record" in said and b"select" not in said
    path.unlink()
    assert b"is not there" in recorded.play("5e551011", status=1).stderr


def test_names_and_lists(recorded):
    assert b"there is no ledger" in recorded.play(status=1).stderr
    recorded.add("5e551011")
    recorded.add("5e552022")
    listed = json.loads(recorded.play("--json").stdout)
    assert [each["session"] for each in listed] == ["5e551011", "5e552022"]
    assert b"5e552022" in recorded.play().stdout
    assert b"means 2 recorded sessions" in recorded.play("5e55", status=2).stderr
    assert b"no recorded session" in recorded.play("nothing", status=1).stderr
    recorded.play(listed[1]["record"])
    assert b"--speed" in recorded.play("5e551011", "--speed", "fast", status=2).stderr


def test_a_name_leads_nowhere_else_and_nonsense_is_refused(recorded):
    recorded.add("outside", name="../recordings/outside.cast")
    assert b"is not there" in recorded.play("outside", status=1).stderr
    recorded.add("odd", [["soon", "o", "x"]])
    assert b"no asciicast" in recorded.play("odd", status=1).stderr
    recorded.add("old", header={"version": 1, "width": 80, "height": 24})
    assert b"no asciicast" in recorded.play("old", status=1).stderr
