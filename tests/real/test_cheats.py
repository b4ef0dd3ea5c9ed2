"""Those who try to get round the confirmation. Each fails, and each has its control: the same command,
answered by a person, runs."""

import os
import random
import re
import shlex
import shutil
import time

import pytest

from conftest import need
from tmux_session import TmuxSession

NAME = re.compile(r"Type the name of the target,  (\S+)  ")
BOTH = re.compile(r"Type  (\S+ [a-hjkmnp-z2-9]{4})  to run")
CHALLENGE = re.compile(r"Type  ([a-hjkmnp-z2-9]{4})  to run")


@pytest.fixture
def armed(local):
    """A grant, and a folder to lose."""
    need("tmux")
    local.run("request", "--role", "bastion")
    local.victim = local.home / "victim"
    local.victim.mkdir()
    return local


def shell_line(armed, line):
    """A line in a terminal; "PA" stands for prodaccess."""
    return TmuxSession(["/bin/bash", "-c", line.replace("PA", shlex.quote(armed.argv()[0]))],
                       armed.environment, armed.home)


def answer(session):
    """What a person does: both answers, read from the screen."""
    session.wait_for(NAME.search)
    session.type("victim")
    session.type(session.wait_for(CHALLENGE.search).group(1))


def confirmed(armed, session):
    try:
        answer(session)
        assert session.exit_status() == 0, session.screen()
        assert not armed.victim.exists()
    finally:
        session.close()


def test_the_control_runs(armed):
    confirmed(armed, shell_line(armed, "PA exec -- rm -r victim"))


@pytest.mark.parametrize("line", [
    "PA exec -- rm -r victim <<'END'\nvictim\nvictim\nEND",
    "yes victim | PA exec -- rm -r victim",
    "printf 'victim\\nvictim\\n' > answers; PA exec -- rm -r victim < answers",
    "PA exec -- rm -r victim < <(yes victim)",
])
def test_nothing_on_standard_input_answers(armed, line):
    session = shell_line(armed, line)
    session.wait_for(NAME.search)
    assert not CHALLENGE.search(session.screen())
    confirmed(armed, session)  # the terminal alone does


def test_what_is_typed_ahead_does_not_count(armed):
    session = shell_line(armed, "stty -echo; until [ -e typed ]; do sleep 0.1; done; PA exec -- rm -r victim")
    for _ in range(3):
        session.type("victim")
    time.sleep(0.3)  # tmux hands it on
    (armed.home / "typed").touch()
    session.wait_for(NAME.search)
    time.sleep(0.5)  # what was typed ahead would have answered by now
    assert not CHALLENGE.search(session.screen())
    assert armed.victim.exists()
    confirmed(armed, session)


def test_keys_that_are_injected_blindly_do_not_hit_the_challenge(armed):
    rng = random.Random(int(os.environ.get("PRODACCESS_TEST_SEED", "7")))
    session = shell_line(armed, "PA exec -- rm -r victim")
    try:
        session.wait_for(NAME.search)
        session.type("victim")
        session.wait_for(CHALLENGE.search)
        shown = set(CHALLENGE.findall(session.screen()))
        for _ in range(3):
            guess = "".join(rng.choices("abcdefghjkmnpqrstuvwxyz23456789", k=4))
            assert guess not in shown
            session.type(guess)
        assert session.exit_status() == 126
        assert armed.victim.exists()
    finally:
        session.close()


def test_a_background_job_is_asked_nothing_and_does_nothing(armed):
    session = shell_line(armed, "set -m; PA exec -- rm -r victim & wait $!; echo got=$?; set +m; "
                                "PA exec -- rm -r victim")
    session.wait_for(lambda text: "got=126" in text)
    assert armed.victim.exists()
    confirmed(armed, session)  # in the foreground it is asked


def test_text_that_turns_round_is_shown_as_what_it_is(armed):
    name = "vic\u202emit\u202c\u200b\x1b[31mX\x07"
    (armed.home / name).mkdir()
    session = armed.person("exec", "--", "rm", "-r", name)
    try:
        screen = session.wait_for(lambda text: text if "to go on" in text else None)
        assert "\u202e" not in screen and "\u200b" not in screen
        assert "\\u202e" in screen or "\\u{202e}" in screen or "\\xe2\\x80\\xae" in screen, screen
        session.keys("C-c")
        session.wait_for(lambda text: "not confirmed" in text or "exit status" in text)
        assert (armed.home / name).exists()
    finally:
        session.close()


POLICY = '[[rule]]\nid = "ask"\neffect = "destructive"\nverdict = "confirm"\n'


@pytest.mark.parametrize("later, passes", [
    (POLICY, True),  # the control: written again, saying the same
    (POLICY + "# a remark\n", True),
    (POLICY + '[[rule]]\nid = "no"\ntool = "rm"\nverdict = "deny"\n', False),
    (POLICY + '[[rule]]\nid = "two"\ntool = "rm"\nverdict = "approve"\n', False),
    ("[[rule]]\nthis is no policy\n", False),
])
def test_a_policy_swapped_between_check_and_run(armed, later, passes):
    armed.policy(POLICY)
    session = shell_line(armed, "PA exec -- rm -r victim")
    try:
        session.wait_for(NAME.search)
        armed.policy(later)
        answer(session)
        status = session.exit_status()
        assert (status == 0) == passes, session.screen()
        assert armed.victim.exists() != passes
    finally:
        session.close()


@pytest.mark.parametrize("swap", [True, False])
def test_a_program_swapped_between_check_and_run(armed, swap):
    tools = armed.home / "bin"
    tools.mkdir(mode=0o700)
    program = tools / "rm"
    shutil.copy("/bin/rm", program)
    session = TmuxSession(armed.argv("exec", "--", "rm", "-r", "victim"),
                          {**armed.environment, "PATH": f"{tools}:{armed.environment['PATH']}"}, armed.home)
    try:
        session.wait_for(NAME.search)
        if swap:
            other = tools / "other"
            other.write_text("#!/bin/sh\ntouch stolen\n")
            other.chmod(0o755)
            other.rename(program)
        answer(session)
        status = session.exit_status()
        assert (status == 0) != swap, session.screen()
        assert not (armed.home / "stolen").exists()
        assert armed.victim.exists() == swap
    finally:
        session.close()


def test_a_confirmation_serves_one_command(armed):
    session = shell_line(armed, "PA exec -- rm -r victim; mkdir victim; PA exec -- rm -r victim")
    try:
        answer(session)
        session.wait_for(lambda text: len(NAME.findall(text)) == 2)  # asked again
        assert armed.victim.exists()
        session.keys("C-c")
    finally:
        session.close()


def one_answer(session):
    """What a person types where one confirmation is asked."""
    session.type(session.wait_for(BOTH.search).group(1))


@pytest.mark.parametrize("typed", ["true", "read -r answer < challenge; echo \"$answer\""])
def test_what_can_be_known_beforehand_confirms_nothing(armed, typed):
    """A program types what the question will surely be about, slowly, on a terminal that it feeds. The
    control is told the challenge by somebody who reads the screen."""
    need("script")
    script = armed.home / "deploy.sh"
    script.write_text("#!/bin/sh\ntouch deployed\n")
    script.chmod(0o755)
    os.mkfifo(armed.home / "challenge")
    keys = f"sleep 1; for key in d e p l o y . s h; do printf %s $key; sleep 0.1; done; echo; {typed}; sleep 2"
    session = shell_line(armed, f"({keys}) | script -qec 'PA exec -- ./deploy.sh' /dev/null")
    try:
        shown = session.wait_for(lambda text: BOTH.findall(text) if len(BOTH.findall(text)) > 1 else None)
        if typed != "true":
            (armed.home / "challenge").write_text(shown[-1] + "\n")
            session.wait_for(lambda text: "faster than a person" in text)
        else:
            assert session.exit_status() != 0
        assert not (armed.home / "deployed").exists()
    finally:
        session.close()
    session = shell_line(armed, "PA exec -- ./deploy.sh")
    try:
        one_answer(session)
        assert session.exit_status() == 0, session.screen()
        assert (armed.home / "deployed").exists()
    finally:
        session.close()


@pytest.mark.parametrize("line, file, good, evil", [
    ("python3 s.py", "s.py", "pass\n", "open('stolen', 'w')\n"),
    ("./deploy.sh", "deploy.sh", "#!/bin/sh\ntrue  seen\n", "#!/bin/sh\n>stolen #n\n"),
    ("make", "Makefile", "all:\n", "all:\n\ttouch stolen\n"),
])
@pytest.mark.parametrize("swap", [False, True])
def test_a_script_swapped_between_check_and_run(armed, line, file, good, evil, swap):
    """Also where the new one has the length and the time of the old one."""
    need(line.split()[0]) if "/" not in line else None
    path = armed.home / file
    path.write_text(good)
    path.chmod(0o755)
    before = path.stat()
    session = shell_line(armed, f"PA exec -- {line}")
    try:
        session.wait_for(BOTH.search)
        if swap:
            path.write_text(evil)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        one_answer(session)
        assert (session.exit_status() == 0) != swap, session.screen()
        assert not (armed.home / "stolen").exists()
    finally:
        session.close()


@pytest.mark.parametrize("swap", [False, True])
def test_a_cluster_swapped_between_preview_and_run(armed, swap):
    armed.tool("kubectl", "#!/bin/sh\necho \"$(cat ~/.kube/config) $*\" >> calls\n")
    (armed.home / ".kube").mkdir()
    config = armed.home / ".kube/config"
    config.write_text("staging")
    session = shell_line(armed, "PA exec -- kubectl delete pod victim")
    try:
        session.wait_for(NAME.search)
        config.write_text("production" if swap else "staging")
        answer(session)
        assert (session.exit_status() == 0) != swap, session.screen()
        calls = (armed.home / "calls").read_text()
        assert "staging delete pod victim --dry-run=server" in calls and "production" not in calls
        assert ("staging delete pod victim\n" in calls) != swap
    finally:
        session.close()


def test_where_it_acts_is_on_the_screen(armed):
    session = shell_line(armed, "PGHOST=orders.prod PA exec -- psql -c 'drop table victim'")
    try:
        session.wait_for(NAME.search)
        assert "PGHOST=orders.prod" in session.screen()
        session.keys("C-c")
    finally:
        session.close()


def test_a_fast_answer_without_marks_of_a_paste(armed):
    session = shell_line(armed, "PA exec -- rm -r victim")
    try:
        session.wait_for(NAME.search)
        session._tmux("set-buffer", "victim\n")
        session._tmux("paste-buffer", "-t", session.name)
        assert session.exit_status() == 126
        assert armed.victim.exists()
    finally:
        session.close()


def test_what_is_typed_while_the_question_is_stopped_is_no_answer(armed):
    session = TmuxSession(["/bin/bash", "--norc", "-i"], armed.environment, armed.home)
    try:
        session.type(f"{armed.argv()[0]} exec -- rm -r victim")
        session.wait_for(NAME.search)
        session.type("victim")
        challenge = session.wait_for(CHALLENGE.search).group(1)
        session.keys("C-z")
        session.wait_for(lambda text: "Stopped" in text)
        (armed.home / "again").write_text("until [ -e typed ]; do sleep 0.1; done\n")
        session.type(". ./again && fg")
        session.type(challenge)  # the terminal keeps it for whoever reads next
        (armed.home / "typed").touch()
        session.wait_for(lambda text: len(CHALLENGE.findall(text)) == 2)
        assert armed.victim.exists()
        session.type(challenge)  # the control
        session.wait_for(re.compile(r"bash-\S+[#$]\s*$").search)  # what is typed before is thrown away
        session.type("echo left=$?")
        session.wait_for(lambda text: "left=0" in text)
        assert not armed.victim.exists()
    finally:
        session.close()


@pytest.mark.parametrize("name", ["\u0430pi", "a\u0301pi", "api\u200b", "api\n", "api\ud7a3"[:3] + "\u202e"])
def test_a_name_that_only_looks_like_another_is_not_what_is_typed(armed, name):
    (armed.home / name).mkdir()
    session = TmuxSession(armed.argv("exec", "--", "rm", "-r", "--", name), armed.environment, armed.home)
    try:
        screen = session.wait_for(lambda text: text if "to go on" in text else None)
        assert name.strip() not in screen.split("exec", 1)[-1] or name == "api\n"
        assert "\\u{" in screen or "\\x0a" in screen
        assert not NAME.search(screen)
        session.type("api")
        session.wait_for(lambda text: text.count("to go on") == 2)
        assert (armed.home / name).exists()
        session.keys("C-c")
    finally:
        session.close()


@pytest.mark.parametrize("hook", ["BASH_ENV", "ENV", "BASH_FUNC_ls%%", "LD_PRELOAD", "PYTHONPLATLIBDIR", "KUBECTL_EXTERNAL_DIFF",
                                  "SSLKEYLOGFILE", "CURL_HOME", "TAR_OPTIONS", "DOTNET_STARTUP_HOOKS", "IFS"])
def test_hooks_in_the_environment_do_not_reach_the_command(armed, hook):
    said = armed.json("exec", "--json", "--explain-env", "--", "ls", **{hook: "() { :; }", "HARMLESS": "1"})
    dropped = {one["name"] for one in said["environment"] if one["change"] == "dropped"}
    assert hook in dropped and "HARMLESS" not in dropped
