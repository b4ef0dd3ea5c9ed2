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
