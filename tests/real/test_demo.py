"""`prodaccess demo`, with and without a terminal: every step is really run, and nothing is left."""

import json
import pathlib
import re

from conftest import need

QUESTION = re.compile(r"Type(?: the name of the target,)?  (\S+)  ")


def left_behind(text):
    """Whether the folder that the tour said it works in is still there."""
    return pathlib.Path(re.search(r"This tour works in (/tmp/prodaccess-\w+)", text).group(1)).exists()


def test_without_a_terminal_it_runs_through_and_destroys_nothing(prodaccess):
    result = prodaccess.run("demo")
    for piece in ("prodaccess request --role ops", "old-1", "destructive", "nothing was run",
                  "role look may only read", "processes  1 ended", "proven up to", "Next: prodaccess init"):
        assert piece in result.stdout + result.stderr, piece
    assert not left_behind(result.stdout)
    assert not prodaccess.state.exists() and list(prodaccess.config.iterdir()) == []


def test_its_steps_as_json(prodaccess):
    told = prodaccess.json("demo", "--json")
    assert told["good"] and len(told["steps"]) >= 10
    assert all(step["as_expected"] for step in told["steps"])
    assert {0, 125, 126} <= {step["status"] for step in told["steps"]}


def test_a_person_walks_through_it_and_confirms(prodaccess):
    need("tmux")
    session = prodaccess.person("demo", rows=60)
    try:
        pauses = answered = 0
        while "exit status" not in session.screen():
            screen = session.wait_for(
                lambda text: text if text.count("Enter goes on") > pauses
                or len(QUESTION.findall(text)) > answered or "[exit status" in text else None, 60)
            if len(QUESTION.findall(screen)) > answered:
                session.type(QUESTION.findall(screen)[answered])
                answered += 1
            elif screen.count("Enter goes on") > pauses:
                pauses += 1
                session.keys("Enter")
        assert session.exit_status() == 0, session.screen()
        assert answered == 2 and "Next: prodaccess init" in session.screen()
        assert not left_behind(session.screen())
    finally:
        session.close()


def test_it_can_be_left_and_takes_its_grant_with_it(prodaccess):
    need("tmux")
    session = prodaccess.person("demo")
    try:
        session.wait_for(lambda text: "Enter goes on" in text)
        session.keys("Enter")
        session.wait_for(lambda text: text.count("Enter goes on") > 1)
        session.keys("C-c")
        assert session.exit_status() == 0
        assert "nothing of it is left" in session.screen() and not left_behind(session.screen())
    finally:
        session.close()


def test_yes_does_not_stop(prodaccess):
    need("tmux")
    session = prodaccess.person("demo", "--yes", rows=60)
    try:
        assert session.exit_status(60) == 0, session.screen()
        assert "Enter goes on" not in session.screen()
    finally:
        session.close()


def test_a_broken_configuration_of_ones_own_is_not_looked_at(prodaccess):
    (prodaccess.config / "config.toml").write_text("this is no TOML")
    assert json.loads(prodaccess.run("demo", "--json").stdout)["good"]
