"""A recorded command has a terminal of its own, behaves as on the person's, and leaves an asciicast."""

import hashlib
import json
import subprocess

import pexpect
import pytest
from conftest import BUILD, wait_until
from exec_fixtures import Tree, end

SUPERVISE = str(BUILD / "bin/supervise")


@pytest.fixture
def tree():
    tree = Tree()
    yield tree
    end(tree.pids())


@pytest.fixture
def record(home, tree):
    """Starts a command under a recorder and gives it and the recording's file."""
    children = []

    def start(*command):
        cast = home / "session.cast"
        child = pexpect.spawn(SUPERVISE, ["--record", str(cast), "--", *command], cwd=str(home),
                              env={"PATH": "/usr/bin:/bin", "HOME": str(home), "TERM": "xterm", "PS1": "ready>",
                                   "SECRET": "hunter2hunter2", **tree.variable},
                              encoding="utf-8", timeout=20, dimensions=(24, 90), echo=False)
        children.append(child)
        return child, cast

    yield start
    for child in children:
        child.close(force=True)


def finished(child, cast):
    """The status, and the recording's header, output and other events; its hash is the one told."""
    child.expect(pexpect.EOF)
    told = child.before.split()[-1]
    child.close()
    assert hashlib.sha256(cast.read_bytes()).hexdigest() == told
    assert cast.stat().st_mode & 0o777 == 0o600
    header, *events = map(json.loads, cast.read_text().splitlines())
    shown = "".join(data for _, kind, data in events if kind == "o")
    return child.exitstatus, header, shown, [event for event in events if event[1] != "o"]


def test_a_command_is_recorded(record):
    child, cast = record("sh", "-c", "tty; stty size; read line; echo got $line; exit 7")
    child.expect("/dev/pts/")
    child.sendline("hello")
    status, header, shown, _ = finished(child, cast)
    assert status == 7
    assert (header["version"], header["width"], header["height"]) == (2, 90, 24)
    assert "24 90" in shown and "got hello" in shown


def test_the_grants_secrets_are_masked(record):
    child, cast = record("sh", "-c", 'echo "it is $MASKED."; printf hunter2; sleep 0.2; printf "hunter2\\n"')
    child.expect("it is hunter2hunter2.")  # the person sees what there is
    _, _, shown, _ = finished(child, cast)
    assert "it is ********." in shown
    assert "hunter2" not in shown


def test_what_is_typed_without_echo_is_not_recorded(record):
    child, cast = record("sh", "-c", "stty -echo; echo password:; read word; stty echo; echo thanks")
    child.expect("password:")
    child.sendline("correct horse")
    _, _, shown, _ = finished(child, cast)
    assert "thanks" in shown and "correct horse" not in cast.read_text()


def test_ctrl_c_acts_on_the_commands_terminal(record):
    child, cast = record("sh", "-c", "trap 'echo interrupted; exit 4' INT; echo ready; while :; do sleep 0.1; done")
    child.expect("ready")
    child.sendcontrol("c")
    status, _, shown, _ = finished(child, cast)
    assert status == 4 and shown.count("interrupted") == 1


def test_the_window_size_is_passed_on_and_recorded(record):
    child, cast = record("bash", "-c", "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.1; done")
    child.expect("ready")
    child.setwinsize(33, 77)
    _, _, shown, others = finished(child, cast)
    assert "33 77" in shown
    assert [event[1:] for event in others] == [["r", "77x33"]]


def test_much_output_and_much_input_pass(record):
    child, cast = record("sh", "-c", "seq 1 20000; stty raw -echo; echo ready; head -c 20000 | wc -c")
    child.expect("ready")
    for _ in range(20):
        child.send("x" * 1000)
    status, _, shown, _ = finished(child, cast)
    assert status == 0 and "19999\r\n20000\r\n" in shown and "20000" in shown[-20:]


def test_the_persons_terminal_is_as_before(home):
    script = f'before=$(stty -g); {SUPERVISE} --record one.cast -- sh -c "stty raw; kill -9 \\$\\$" 2>/dev/null; '
    script += 'test "$before" = "$(stty -g)" && echo same'
    child = pexpect.spawn("bash", ["--norc", "-ic", script], cwd=str(home), encoding="utf-8", timeout=20)
    child.expect("same")
    child.close()


def test_hang_up_ends_the_command(record, tree):
    child, _ = record("sleep", "800")
    wait_until(lambda: tree.named("sleep 800"))
    child.close(force=False)
    wait_until(lambda: not tree.pids())


def test_without_a_terminal_nothing_runs(home):
    marker = home / "ran"
    result = subprocess.run([SUPERVISE, "--record", str(home / "x.cast"), "--", "touch", str(marker)],
                            start_new_session=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert result.returncode == 125 and "recorded" in result.stderr
    assert not marker.exists()
