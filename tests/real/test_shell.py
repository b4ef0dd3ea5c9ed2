"""prodaccess shell in bash, zsh and fish on a real terminal: the prompt, the tools, no credential, and
its end with the grant."""

import json
import re

import pytest

from conftest import LOCAL_ROLES, need, wait_until

ROLE = """
[roles.runner]
description = "Run"
provider = "local"
ttl_max = "2h"
grace = "1s"
local = { kind = "token", audience = "https://service.example.com" }
env = { SERVICE_TOKEN = "{token}" }

[roles.other]
provider = "local"
local = { kind = "token", audience = "https://other.example.com" }
"""

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture(params=SHELLS)
def shell(request, prodaccess):
    """Opens the shell under a grant; what is typed into it, and the screen."""
    need("tmux", request.param)
    prodaccess.configure(LOCAL_ROLES + ROLE)
    (prodaccess.home / "victim").mkdir()
    # Start-up files of the user's own, which also try to be first on PATH.
    (prodaccess.home / ".bashrc").write_text("export MINE=yes PATH=/usr/bin:$PATH; PS1='mine$ '\n")
    (prodaccess.home / ".zshrc").write_text("export MINE=yes PATH=/usr/bin:$PATH; PROMPT='mine%% '\n")
    fish = prodaccess.home / ".config/fish"
    fish.mkdir(parents=True)
    (fish / "config.fish").write_text(
        "set -gx MINE yes; set -gx PATH /usr/bin $PATH; function fish_prompt; echo -n 'mine> '; end\n")
    sessions = []

    def start(ttl="30m", *options, **changes):
        if ttl:
            prodaccess.grant = prodaccess.json("request", "--json", "--role", "runner", "--ttl", ttl)["grant"]
        session = prodaccess.person("shell", "--shell", request.param, *options, columns=160,
                                    SERVICE_TOKEN="stale", AWS_SECRET_ACCESS_KEY="stale", **changes)
        sessions.append(session)
        session.wait_for(lambda text: "[runner " in text and "mine" in text)
        return session

    yield prodaccess, start
    for session in sessions:
        session.close()


def say(session, line, pattern):
    """Types a line; what the screen has of `pattern` then."""
    session.type(line)
    return session.wait_for(lambda text: re.search(pattern, text))


def test_the_users_own_shell_with_a_marked_prompt(shell):
    _, start = shell
    session = start()
    assert re.search(r"\[runner (29|30)m\] mine", session.screen())
    say(session, "echo mine=$MINE", r"(?m)^mine=yes")
    session.type("exit 7")
    assert session.exit_status() == 7


def test_tools_go_through_the_check_and_the_shell_has_no_credential(shell):
    prodaccess, start = shell
    session = start()
    # The shell's own environment holds neither the grant's nor a stale credential.
    session.type("/usr/bin/env > outside && echo written")
    session.wait_for(lambda text: "\nwritten" in text)
    outside = (prodaccess.home / "outside").read_text()
    assert "TOKEN=ey" not in outside and "AWS_SECRET_ACCESS_KEY" not in outside
    assert "prodaccess-tools" in outside  # positive control: this is the marked shell's environment
    # A known tool is exec's: judged, recorded, and under the grant.
    say(session, "ls -d victim && echo listed", r"(?m)^victim/?\s*\n.*listed")  # fish marks folders
    session.type("rm -r victim")
    name = session.wait_for(lambda text: re.search(r"Type the name of the target,  (\S+)  ", text)).group(1)
    assert name == "victim"
    session.keys("C-c")
    session.wait_for(lambda text: "not confirmed" in text)
    assert (prodaccess.home / "victim").exists()
    commands = [json.loads(line) for line in
                prodaccess.run("audit", "export", "--format", "jsonl").stdout.splitlines()]
    assert any(record["kind"] == "refused" and "rm" in json.dumps(record) for record in commands)


def test_a_nested_call_never_has_more(shell):
    prodaccess, start = shell
    prodaccess.run("request", "--role", "other")
    session = start("30m", "--role", "runner")
    binary = prodaccess.argv()[0]
    for words in ("exec --role other -- true", "request --role other", "renew", "shell --role other",
                  "exec --once --role other -- true", "creds --role other"):
        session.type(f"{binary} {words}")
        session.wait_for(lambda text: "inside grant" in text)
        session.type("clear")
        session.wait_for(lambda text: "inside grant" not in text.split("clear")[-1])
    # The positive control: the shell's own grant serves.
    say(session, f"{binary} exec --role runner -- ls -d victim", r"(?m)^victim")


def test_it_ends_with_the_grant(shell):
    _, start = shell
    session = start("5s")
    assert session.exit_status(40) is not None  # fish takes its hang-up for a good end


def test_revoking_ends_it(shell):
    prodaccess, start = shell
    session = start()
    prodaccess.run("revoke", "--all", status=None)
    assert session.exit_status(20) != 0


def test_a_shell_needs_a_terminal_and_a_grant(prodaccess):
    prodaccess.configure(LOCAL_ROLES + ROLE)
    assert "no active grant" in prodaccess.run("shell", "--shell", "bash", status=125).stderr
    prodaccess.run("request", "--role", "runner")
    assert "needs a terminal" in prodaccess.run("shell", "--shell", "bash", status=126).stderr
    assert "knows bash, zsh and fish" in prodaccess.run("shell", "--shell", "/bin/sh", status=2).stderr


def test_a_rule_can_forbid_or_record_a_shell(prodaccess):
    need("tmux")
    prodaccess.configure(LOCAL_ROLES + ROLE)
    prodaccess.run("request", "--role", "runner")
    prodaccess.policy('[[rule]]\nid = "no-shells"\ntool = "prodaccess"\naction = "shell"\nverdict = "deny"\n')
    session = prodaccess.person("shell", "--shell", "bash")
    try:
        assert session.exit_status() == 126
        assert "no-shells" in session.screen()
    finally:
        session.close()
    prodaccess.policy('[[rule]]\nid = "on-record"\ninteractive = true\nrecording = true\n')
    session = prodaccess.person("shell", "--shell", "bash")
    try:
        session.wait_for(lambda text: "it is recorded" in text and "[runner" in text)
        session.type("echo seen-on-tape")
        session.wait_for(lambda text: "\nseen-on-tape" in text)
        session.type("exit")
        assert session.exit_status() == 0
    finally:
        session.close()
    casts = list((prodaccess.state / "recordings").glob("*.cast"))
    assert len(casts) == 1 and "seen-on-tape" in casts[0].read_text()
