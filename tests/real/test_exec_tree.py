"""A session's whole tree ends with its grant: at expiry, at revocation, with the parent stopped."""

import os
import signal
import sys
import time

import pytest
from conftest import wait_until
from exec_fixtures import Tree, command, end, grant, state, watcher_of


@pytest.fixture
def tree():
    tree = Tree()
    yield tree
    end(tree.pids())


# A child, a grandchild, a double fork into a session of its own, and one without our mark in its
# environment but with ours; all deaf to what can be ignored.
FAMILY = """
trap : TERM INT HUP
sleep 700 &
(setsid sh -c 'trap : TERM INT HUP; sleep 701; sleep 702' &)
echo ready
while :; do sleep 0.2; done
"""
MEMBERS = 5


def start_family(prodaccess, tree, count=1):
    processes = [prodaccess.start("exec", "--", "env", tree.mark, "sh", "-c", FAMILY) for _ in range(count)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    wait_until(lambda: len(tree.pids()) >= MEMBERS * count - count)
    return processes


def test_expiry_ends_the_tree(prodaccess, tree):
    grant(prodaccess, ttl="4s")
    process, = start_family(prodaccess, tree)
    assert process.wait(30) == 128 + signal.SIGKILL
    wait_until(lambda: not tree.pids(), seconds=5)


def test_expiry_ends_the_tree_of_a_stopped_parent(prodaccess, tree):
    grant(prodaccess, ttl="4s")
    process, = start_family(prodaccess, tree)
    process.send_signal(signal.SIGSTOP)
    wait_until(lambda: state(process.pid) == "T")
    wait_until(lambda: not tree.pids(), seconds=15)
    assert process.wait(20) == 128 + signal.SIGKILL


def test_a_command_that_stops_its_parent_at_once_gains_nothing(prodaccess, tree):
    grant(prodaccess, ttl="3s")
    script = "kill -STOP $PPID; trap : TERM INT; while :; do sleep 0.2; done"
    process = prodaccess.start("exec", "--", "env", tree.mark, "sh", "-c", script)
    wait_until(lambda: state(process.pid) == "T")
    wait_until(lambda: not tree.pids(), seconds=15)
    assert process.wait(20) == 128 + signal.SIGKILL


def test_the_kernel_ends_a_command_whose_parent_is_killed_before_its_watcher_is_there(prodaccess):
    grant(prodaccess)
    ask = "import ctypes; s = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(s)); print(s.value)"
    result = prodaccess.run("exec", "--", sys.executable, "-c", ask)  # PR_GET_PDEATHSIG
    assert result.stdout == f"{signal.SIGTERM:d}\n"


def test_expiry_first_asks(prodaccess, tree):
    grant(prodaccess, ttl="3s")
    log = prodaccess.home / "log"
    script = f"trap 'echo INT >>{log}; exit 5' INT; echo ready; while :; do sleep 0.1; done"
    process = prodaccess.start("exec", "--", "env", tree.mark, "sh", "-c", script)
    assert process.wait(20) == 5
    assert log.read_text() == "INT\n"


def test_what_a_command_leaves_running_ends_with_the_grant(prodaccess, tree):
    grant(prodaccess, ttl="8s")
    result = prodaccess.run("exec", "--", "env", tree.mark, "sh", "-c", "setsid sleep 703 >/dev/null 2>&1 &",
                            timeout=20)
    assert result.returncode == 0
    assert tree.named("sleep 703")
    wait_until(lambda: not tree.pids(), seconds=15)


def test_a_watcher_goes_when_nothing_is_left(prodaccess, tree):
    grant(prodaccess)
    process = prodaccess.start("exec", "--", "env", tree.mark, "sh", "-c", "sleep 1; exit 3")
    watcher = watcher_of(process.pid)
    assert process.wait(20) == 3
    assert state(watcher) == "gone"
    prodaccess.run("exec", "--", "env", tree.mark, "sh", "-c", "setsid sleep 1.2 >/dev/null 2>&1 &")
    sessions = list(prodaccess.home.rglob("*.session"))
    assert len(sessions) == 1
    wait_until(lambda: not sessions[0].exists(), seconds=10)


def test_a_killed_watcher_is_replaced(prodaccess, tree):
    grant(prodaccess, ttl="5s")
    process, = start_family(prodaccess, tree)
    first = watcher_of(process.pid)
    os.kill(first, signal.SIGKILL)
    second = wait_until(lambda: (w := watcher_of(process.pid)) != first and w)
    assert state(second) in "SR"
    assert process.wait(30) == 128 + signal.SIGKILL
    wait_until(lambda: not tree.pids(), seconds=5)


def test_the_watcher_is_alone_and_knows_nothing(prodaccess, tree):
    grant(prodaccess)
    process, = start_family(prodaccess, tree)
    watcher = watcher_of(process.pid)
    fields = open(f"/proc/{watcher}/stat").read().rpartition(")")[2].split()
    assert int(fields[3]) == watcher  # a session of its own
    assert int(fields[4]) == 0  # no terminal
    assert os.readlink(f"/proc/{watcher}/cwd") == "/"
    assert sorted(os.listdir(f"/proc/{watcher}/fd"), key=int)[:3] == ["0", "1", "2"]
    for fd in os.listdir(f"/proc/{watcher}/fd"):
        target = os.readlink(f"/proc/{watcher}/fd/{fd}")
        assert target == "/dev/null" or target.startswith(("socket:", "anon_inode:")), target
    mapped = open(f"/proc/{watcher}/smaps").read()
    assert open(f"/proc/{process.pid}/smaps").read().count(" dc ") > mapped.count(" dc ") == 0
    process.terminate()
    end(tree.pids())
    process.wait(20)


def test_revoke_ends_double_forks_and_stopped_parents(prodaccess, tree):
    given = grant(prodaccess)
    processes = start_family(prodaccess, tree, count=4)
    for process in processes[::2]:
        process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    result = prodaccess.run("revoke", "--all", status=None)
    took = time.monotonic() - began
    assert not tree.pids(), result.stdout + result.stderr
    assert took < 10, given  # the figure itself is the benchmark's
    for process in processes:
        assert process.wait(20) == 128 + signal.SIGKILL
    wait_until(lambda: not list(prodaccess.home.rglob("*.session")), seconds=10)


def test_revoke_from_inside_the_session(prodaccess, tree):
    grant(prodaccess)
    script = "setsid sleep 704 & \"$0\" revoke --all; echo not reached"
    process = prodaccess.start("exec", "--", "env", tree.mark, "sh", "-c", script,
                               prodaccess.argv()[0])
    process.wait(20)
    wait_until(lambda: not tree.pids(), seconds=10)


def test_a_nested_exec_belongs_to_the_outer_session(prodaccess, tree):
    grant(prodaccess, ttl="12s")
    inner = "(setsid sh -c 'trap : TERM INT; sleep 705; sleep 706' &); sleep 707"
    process = prodaccess.start("exec", "--", "env", tree.mark, *prodaccess.argv("exec", "--", "sh", "-c", inner))
    wait_until(lambda: tree.named("sleep 705"))
    process.wait(40)
    wait_until(lambda: not tree.pids(), seconds=10)


def test_an_orphan_with_an_empty_environment_is_not_overlooked(prodaccess, tree):
    grant(prodaccess, ttl="4s")
    # Its environment is empty and its parent is gone: it was seen to belong before.
    script = "(env -i /usr/bin/setsid /bin/sleep 708 &) ; sleep 709"
    process = prodaccess.start("exec", "--", "env", tree.mark, "sh", "-c", script)
    process.wait(30)

    def sleepers():
        return [int(p) for p in os.listdir("/proc") if p.isdigit() and command(int(p))[:2] == ["/bin/sleep", "708"]]

    wait_until(lambda: not sleepers(), seconds=10)
