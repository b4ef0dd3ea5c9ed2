"""exec in a person's shell: Ctrl-C, Ctrl-Z, fg, bg, pipelines, raw programs, no terminal at all."""

import os
import signal
import subprocess

import pytest
from conftest import need, wait_until
from exec_fixtures import Shell, Tree, command, end, grant, state


@pytest.fixture
def granted(prodaccess):
    grant(prodaccess)
    return prodaccess


@pytest.fixture
def tree():
    tree = Tree()
    yield tree
    end(tree.pids())


@pytest.fixture
def shell(granted, tree):
    shell = Shell(granted, **tree.variable)
    yield shell
    shell.close()


def running(tree, *words):
    """The process that runs just these words, not the prodaccess whose arguments name them too."""
    return next((pid for pid in tree.pids() if command(pid) == list(words)), None)


def test_ctrl_c_reaches_the_command_once(shell, granted):
    log = granted.home / "signals"
    shell.send(f"$PA exec -- sh -c \"trap 'echo INT >>{log}' INT; echo ready; sleep 1; sleep 1; exit 4\"")
    shell.expect("ready")
    shell.key("c")
    shell.expect(Shell.PROMPT)
    assert shell.run("echo status=$?") == "status=4"
    assert log.read_text() == "INT\n"


def test_ctrl_c_ends_a_plain_command(shell):
    shell.send("$PA exec -- sh -c 'echo ready; exec sleep 60'")
    shell.expect("ready")
    shell.key("c")
    shell.expect(Shell.PROMPT)
    assert shell.run("echo status=$?") == "status=130"


def test_ctrl_backslash_ends_a_plain_command(shell):
    shell.send("$PA exec -- sh -c 'echo ready; exec sleep 60'")
    shell.expect("ready")
    shell.key("\\")
    shell.expect(Shell.PROMPT)
    assert shell.run("echo status=$?") == "status=131"


def test_ctrl_z_and_fg(shell):
    shell.send("$PA exec -- sh -c 'echo ready; read line; echo got $line; exit 5'")
    shell.expect("ready")
    shell.key("z")
    assert "Stopped" in shell.expect(Shell.PROMPT)
    assert "Stopped" in shell.run("jobs")
    shell.send("fg")
    shell.send("hello")
    shell.expect("got hello")
    shell.expect(Shell.PROMPT)
    assert shell.run("echo status=$?") == "status=5"


def test_ctrl_z_twice(shell):
    shell.send("$PA exec -- sh -c 'echo ready; read line; echo got $line'")
    shell.expect("ready")
    for _ in range(3):
        shell.key("z")
        assert "Stopped" in shell.expect(Shell.PROMPT)
        shell.send("fg")
        shell.expect("exec -- sh")
    shell.send("again")
    shell.expect("got again")
    shell.expect(Shell.PROMPT)


def test_bg_lets_it_go_on(shell, granted, tree):
    done = granted.home / "done"
    shell.send(f"$PA exec -- sh -c 'sleep 1.5; echo over >{done}; exit 6'")
    wait_until(lambda: running(tree, "sleep", "1.5"))
    shell.key("z")
    shell.expect(Shell.PROMPT)
    shell.run("bg")
    wait_until(done.exists)
    assert shell.run("wait %1; echo status=$?").endswith("status=6")


def test_a_background_job_that_reads_is_stopped_and_served_by_fg(shell):
    shell.run("$PA exec -- sh -c 'read line; echo got $line' &")
    wait_until(lambda: "Stopped" in shell.run("jobs"))
    shell.send("fg")
    shell.send("late")
    shell.expect("got late")
    shell.expect(Shell.PROMPT)


def test_kill_of_a_stopped_job(shell, tree):
    shell.send("$PA exec -- sleep 600")
    wait_until(lambda: running(tree, "sleep", "600"))
    shell.key("z")
    shell.expect(Shell.PROMPT)
    shell.run("kill %1")
    wait_until(lambda: not tree.named("sleep 600"))
    assert shell.run("wait %1 2>/dev/null; echo status=$?").endswith("status=143")


def test_a_pipeline_stops_and_goes_on_as_one(shell, tree):
    shell.send("sleep 3 | $PA exec -- cat")
    wait_until(lambda: running(tree, "cat"))
    shell.key("z")
    shell.expect("Stopped")
    shell.expect(Shell.PROMPT)
    shell.send("fg")
    shell.expect(Shell.PROMPT)
    assert "Running" not in shell.run("jobs")


def test_the_middle_of_a_pipeline(shell):
    assert shell.run("printf 'b\\na\\n' | $PA exec -- sort | $PA exec -- tr a-z A-Z") == "A\nB"


def test_a_reader_that_goes_away_ends_the_command(shell):
    assert shell.run("$PA exec -- yes | head -n 1; echo ${PIPESTATUS[*]}") == "y\n141 0"


def test_stop_sent_to_the_command_stops_the_job(shell, tree):
    shell.send("$PA exec -- sleep 601")
    pid = wait_until(lambda: running(tree, "sleep", "601"))
    os.kill(pid, signal.SIGSTOP)
    assert "Stopped" in shell.expect(Shell.PROMPT)
    shell.send("fg")
    wait_until(lambda: state(pid) == "S")
    shell.key("c")
    shell.expect(Shell.PROMPT)


def test_terminal_modes_survive_a_killed_raw_program(shell, granted, tree):
    before = shell.run("stty -g")
    raw = granted.home / "raw.py"
    raw.write_text("import tty, time\ntty.setraw(0)\nprint('raw', end='\\r\\n', flush=True)\ntime.sleep(600)\n")
    shell.send(f"$PA exec -- /usr/bin/python3 {raw}")
    shell.expect("raw")
    end([pid for pid in tree.named("raw.py") if "exec" not in command(pid)])
    shell.expect(Shell.PROMPT)
    assert shell.run("stty -g") == before


def test_modes_that_a_command_sets_stay(shell):
    shell.run("$PA exec -- stty -echoctl")
    assert "-echoctl" in shell.run("stty -a")


def test_vim_edits_a_file(shell, granted):
    need("vim")
    shell.send("$PA exec -- vim -u NONE -n note.txt")
    shell.expect("note.txt")
    shell.child.send("ihello from vim\x1b:wq\r")
    shell.expect(Shell.PROMPT)
    assert (granted.home / "note.txt").read_text() == "hello from vim\n"


def test_vim_can_be_stopped_and_resumed(shell, granted):
    need("vim")
    shell.send("$PA exec -- vim -u NONE -n note.txt")
    shell.expect("note.txt")
    shell.child.send("ifirst\x1b")
    shell.key("z")
    shell.expect("Stopped")
    shell.expect(Shell.PROMPT)
    shell.send("fg")
    shell.child.send("\x1bosecond\x1b:wq\r")
    shell.expect(Shell.PROMPT)
    assert (granted.home / "note.txt").read_text() == "first\nsecond\n"


def test_an_interactive_shell_inside(shell, tree):
    shell.send("$PA exec -- env PS1=inner: bash --norc --noprofile --noediting -i")
    shell.expect("inner:")
    shell.send("sleep 605")
    sleeper = wait_until(lambda: [p for p in tree.named("sleep 605") if state(p) == "S"])[0]
    shell.key("z")
    shell.expect("Stopped")
    assert state(sleeper) == "T"
    shell.send("kill -9 %1; wait %1")
    shell.expect("inner:")
    shell.send("exit 3")
    shell.expect(Shell.PROMPT)
    assert shell.run("echo status=$?") == "status=3"


def test_the_window_size_reaches_the_command(shell, granted):
    shell.child.setwinsize(33, 77)
    assert shell.run("$PA exec -- stty size") == "33 77"
    log = granted.home / "sizes"
    shell.send(f"$PA exec -- bash -c 'trap \"stty size >>{log}; exit\" WINCH; echo ready; while :; do sleep 0.1; done'")
    shell.expect("ready")
    shell.child.setwinsize(20, 60)
    shell.expect(Shell.PROMPT)
    assert log.read_text() == "20 60\n"


def test_hang_up_ends_the_command(granted, tree):
    shell = Shell(granted, **tree.variable)
    shell.send("$PA exec -- sleep 602")
    wait_until(lambda: tree.named("sleep 602"))
    shell.child.close(force=False)
    wait_until(lambda: not tree.named("sleep 602"))


def test_as_the_leader_of_the_session_a_hang_up_is_passed_on(granted, tree):
    terminal = granted.terminal("exec", "--", "env", tree.mark, "sleep", "603")
    wait_until(lambda: tree.named("sleep 603"))
    terminal.child.close(force=False)
    wait_until(lambda: not tree.named("sleep 603"))


def test_nohup(granted, tree):
    process = subprocess.Popen(
        ["nohup", *granted.argv("exec", "--", "env", tree.mark, "sh", "-c", "sleep 0.6; exit 8")],
        env=granted.environment, cwd=granted.home, start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: tree.named("sleep 0.6"))
    process.send_signal(signal.SIGHUP)
    assert process.wait(20) == 8


def test_without_a_terminal(granted):
    result = granted.run("exec", "--", "sh", "-c", "cat /dev/tty 2>/dev/null || echo none")
    assert result.stdout == "none\n"


def test_stopped_in_an_orphaned_group(granted, tree):
    """The leader of a session without a shell: nobody could continue it, so the kernel lets no
    terminal stop it; an explicit STOP and CONT still pass."""
    process = granted.start("exec", "--", "env", tree.mark, "sleep", "604")
    pid = wait_until(lambda: running(tree, "sleep", "604"))
    os.kill(pid, signal.SIGTSTP)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: state(process.pid) == "T")
    os.kill(process.pid, signal.SIGCONT)
    wait_until(lambda: state(pid) == "S")
    process.terminate()
    assert process.wait(20) == 143
