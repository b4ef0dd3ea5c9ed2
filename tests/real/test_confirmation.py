"""The typed confirmation, and those who try to get round it. Each cheat has its positive control."""

import re

import pytest

from conftest import need

QUESTION = re.compile(r"Type(?: the name of the target,)?  (\S+)  ")


@pytest.fixture
def armed(local):
    """A grant, and a folder to lose."""
    need("tmux")
    local.run("request", "--role", "bastion")
    (local.home / "victim").mkdir()
    return local


def question(session, number):
    found = session.wait_for(
        lambda text: QUESTION.findall(text) if len(QUESTION.findall(text)) >= number else None)
    return found[number - 1]


def refused(armed, session):
    status = session.exit_status(80)
    screen = session.screen()
    assert status == 126, screen
    assert (armed.home / "victim").exists(), screen
    return screen


def test_the_name_and_a_fresh_challenge_confirm(armed):
    session = armed.person("exec", "--", "rm", "-r", "victim")
    try:
        assert question(session, 1) == "victim"
        session.type("victim")
        challenge = question(session, 2)
        assert re.fullmatch(r"[a-hjkmnp-z2-9]{4}", challenge)
        session.type(challenge)
        assert session.exit_status() == 0, session.screen()
    finally:
        session.close()
    assert not (armed.home / "victim").exists()


def test_three_wrong_answers_refuse(armed):
    session = armed.person("exec", "--", "rm", "-r", "victim")
    try:
        question(session, 1)
        for number in range(1, 4):
            session.type("wrong")
            if number < 3:
                question(session, number + 1)
        refused(armed, session)
    finally:
        session.close()


def test_a_pasted_answer_is_refused(armed):
    session = armed.person("exec", "--", "rm", "-r", "victim")
    try:
        question(session, 1)
        session.paste("victim")
        session.keys("Enter")
        refused(armed, session)
    finally:
        session.close()


def test_interrupting_refuses(armed):
    session = armed.person("exec", "--", "rm", "-r", "victim")
    try:
        question(session, 1)
        session.keys("C-c")
        session.wait_for(lambda text: "exit status" in text or "not confirmed" in text)
        assert (armed.home / "victim").exists()
    finally:
        session.close()


@pytest.mark.parametrize("feed", ["yes victim |", "printf 'victim\\n' |", "echo victim |"])
def test_answers_from_a_pipe_do_not_count(armed, feed):
    from tmux_session import TmuxSession
    line = f"{feed} {armed.argv('exec')[0]} exec -- rm -r victim"
    session = TmuxSession(["/bin/sh", "-c", line], armed.environment, armed.home)
    try:
        question(session, 1)  # the terminal is asked, whatever stands on stdin
        session.keys("C-d")
        session.wait_for(lambda text: "not confirmed" in text or "exit status" in text)
        assert (armed.home / "victim").exists()
    finally:
        session.close()


def test_a_file_that_changes_after_the_question_stops_the_command(armed):
    script = armed.home / "drop.sh"
    script.write_text("rm -r victim\n")
    session = armed.person("exec", "--", "sh", "drop.sh")
    try:
        first = question(session, 1)
        script.write_text("rm -r victim other\n")
        session.type(first)
        second = session.wait_for(
            lambda text: (len(QUESTION.findall(text)) > 1 and QUESTION.findall(text)[1])
            or ("exit status" in text and "-"))
        if second != "-":
            session.type(second)
        assert session.exit_status() in (125, 126)
        assert (armed.home / "victim").exists()
    finally:
        session.close()


def test_nothing_in_the_arguments_acts_on_the_terminal(armed):
    victim = armed.home / "vic\x1b[2Jtim"
    victim.mkdir()
    session = armed.person("exec", "--", "rm", "-r", victim.name)
    try:
        screen = session.wait_for(lambda text: text if "go on" in text else None)
        assert "\\x1b[2J" in screen
        session.keys("C-c")
    finally:
        session.close()


@pytest.mark.parametrize("columns", [20, 40, 300])
def test_the_dangerous_part_is_in_sight_at_any_width(armed, columns):
    session = armed.person("exec", "--", "rm", "-r", "victim", columns=columns, rows=12)
    try:
        screen = session.wait_for(lambda text: text if "go on" in text.replace("\n", " ") else None)
        last = screen.rstrip().replace("\n", " ")[-400:]
        assert "destructive" in last and "victim" in last
        session.keys("C-c")
    finally:
        session.close()
