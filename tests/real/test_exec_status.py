"""exec passes on arguments, descriptors, statuses and signals as if it were not there."""

import os
import signal
import subprocess

import pytest
from conftest import wait_until
from exec_fixtures import Tree, end, grant


@pytest.fixture
def granted(prodaccess):
    grant(prodaccess)
    return prodaccess


@pytest.mark.parametrize("status", [0, 1, 2, 3, 42, 125, 126, 127, 128, 255])
def test_the_status_is_the_commands_own(granted, status):
    granted.run("exec", "--", "sh", "-c", f"exit {status}", status=status)


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "ABRT", "KILL", "SEGV", "PIPE", "TERM", "USR1"])
def test_a_signal_that_ends_the_command_shows_in_the_status(granted, name):
    number = getattr(signal, "SIG" + name)
    granted.run("exec", "--", "sh", "-c", f"kill -{name} $$; exit 0", status=128 + number)


def test_no_such_command(granted):
    result = granted.run("exec", "--", "no-such-command-here", status=127)
    assert "no-such-command-here" in result.stderr


def test_a_file_that_may_not_be_executed(granted):
    plain = granted.home / "plain"
    plain.write_text("#!/bin/sh\n")
    plain.chmod(0o600)
    assert "chmod u+x" in granted.run("exec", "--", plain, status=126).stderr


def test_a_script_without_a_first_line_is_not_given_to_a_shell(granted):
    script = granted.home / "script"
    script.write_text("echo started\n")
    script.chmod(0o700)
    assert granted.run("exec", "--", script, status=126).stdout == ""


def test_a_script_whose_interpreter_is_missing(granted):
    script = granted.home / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o700)
    assert "interpreter" in granted.run("exec", "--", script, status=126).stderr


def test_a_script_is_run_by_its_path(granted):
    script = granted.home / "script"
    script.write_text('#!/bin/sh\necho "$0"\n')
    script.chmod(0o700)
    assert granted.run("exec", "--", "./script").stdout == "./script\n"


ODD_WORDS = ["--", "", "--help", "--role", "-x", " a  b ", "$HOME", "*", "'", '"', "\\", "a\nb", "é"]


def test_arguments_arrive_as_they_are(granted):
    result = granted.run("exec", "--", "printf", "%s|", *ODD_WORDS)
    assert result.stdout == "".join(word + "|" for word in ODD_WORDS)


def test_the_program_sees_the_name_it_was_called_by(granted):
    assert granted.run("exec", "--", "sh", "-c", 'tr "\\0" " " </proc/$$/cmdline').stdout.startswith("sh -c ")


def test_stdin_stdout_and_stderr_are_the_commands(granted):
    result = granted.run("exec", "--", "sh", "-c", "cat; echo oops >&2", stdin="one\ntwo\n")
    assert (result.stdout, result.stderr) == ("one\ntwo\n", "oops\n")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_closed_descriptor_stays_closed(granted, number):
    script = f"true 9<&{number} && answer=open || answer=closed; echo $answer >{granted.home}/answer"
    for close, expected in ((f"{number}{'<' if number == 0 else '>'}&-", "closed\n"), ("", "open\n")):
        subprocess.run(["sh", "-c", f'"$@" {close}', "sh", *granted.argv("exec", "--", "sh", "-c", script)],
                       env=granted.environment, cwd=granted.home, start_new_session=True, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert (granted.home / "answer").read_text() == expected


def test_inherited_descriptors_pass_and_ours_do_not(granted):
    read, write = os.pipe()
    try:
        os.write(write, b"through the pipe\n")
        result = subprocess.run(
            granted.argv("exec", "--", "bash", "-c", f"head -n 1 <&{read}; ls /proc/$$/fd; true"),
            env=granted.environment, cwd=granted.home, pass_fds=[read], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, timeout=60, start_new_session=True)
        lines = result.stdout.split()
        assert result.stdout.startswith("through the pipe\n")
        numbers = {int(word) for word in lines[3:] if word.isdigit()} - {255}  # bash's own
        assert numbers == {0, 1, 2, read}
    finally:
        os.close(read)
        os.close(write)


def test_process_substitution_works(granted):
    result = subprocess.run(
        ["bash", "-c", '"$@" <(echo from a substitution)', "bash", *granted.argv("exec", "--", "cat")],
        env=granted.environment, cwd=granted.home, capture_output=True, text=True, timeout=60,
        start_new_session=True)
    assert result.stdout == "from a substitution\n"


def test_dispositions_masks_and_limits_are_as_without_us(granted):
    script = "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status"
    plain = subprocess.run(["sh", "-c", script], env=granted.environment, capture_output=True, text=True,
                           start_new_session=True)
    assert granted.run("exec", "--", "sh", "-c", script).stdout == plain.stdout
    ignoring = ["sh", "-c", "trap '' HUP USR2; exec \"$@\"", "sh"]
    wrapped = subprocess.run([*ignoring, *granted.argv("exec", "--", "sh", "-c", script)], cwd=granted.home,
                             env=granted.environment, capture_output=True, text=True, start_new_session=True)
    plain = subprocess.run([*ignoring, "sh", "-c", script], env=granted.environment, capture_output=True,
                           text=True, start_new_session=True)
    assert wrapped.stdout == plain.stdout


def test_the_command_leaves_no_core(granted):
    limits = granted.run("exec", "--", "cat", "/proc/self/limits").stdout
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4] in ("0", "1")


def test_the_waiting_parent_cannot_be_dumped_or_read(granted):
    tree = Tree()
    process = granted.start("exec", "--", "sh", "-c", "exec env %s sleep 60" % tree.mark)
    try:
        wait_until(tree.pids)
        limits = open(f"/proc/{process.pid}/limits").read()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4] == "0"
        # Not dumpable: its files belong to root whoever runs it.
        assert os.stat(f"/proc/{process.pid}/environ").st_uid == 0
    finally:
        process.terminate()
        assert process.wait(20) == 128 + signal.SIGTERM


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH", "ALRM", "CONT"])
def test_a_signal_sent_to_us_reaches_the_command_once(granted, name):
    log = granted.home / "signals"
    script = f"trap 'echo {name} >>{log}' {name}; echo ready >>{log}; while :; do sleep 0.05; done"
    tree = Tree()
    process = granted.start("exec", "--", "env", tree.mark, "sh", "-c", script)
    try:
        wait_until(log.exists)
        wait_until(lambda: "ready" in log.read_text())
        if name == "CONT":
            os.kill(tree.named("ready")[0], signal.SIGSTOP)
            wait_until(lambda: open(f"/proc/{process.pid}/stat").read().split()[2] == "T")
        process.send_signal(getattr(signal, "SIG" + name))
        wait_until(lambda: name in log.read_text())
        assert process.poll() is None
        assert log.read_text().split() == ["ready", name]
    finally:
        end(tree.pids())
        process.wait(20)


def test_a_killed_parent_takes_the_tree_along(granted):
    tree = Tree()
    process = granted.start("exec", "--", "env", tree.mark, "sh", "-c", "(setsid sleep 300 &); sleep 300")
    wait_until(lambda: len(tree.pids()) >= 3)
    process.kill()
    process.wait(20)
    wait_until(lambda: not tree.pids(), seconds=10)
