"""Locks end to end: what is locked is refused and ended, lists are believed only when signed and newer, and are
published, fetched and obeyed elsewhere."""

import http.server
import json
import os
import threading

import pytest
from conftest import LOCAL_ROLES, Prodaccess, wait_until
from exec_fixtures import Tree, command, end


class ListServer:
    """Serves one list of locks, with an ETag; counts answers by status."""

    def __init__(self):
        self.body = b""
        self.status = 200
        self.answers = []
        lists = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                tag = f'"{hash(lists.body)}"'
                status = lists.status
                if status == 200 and self.headers.get("If-None-Match") == tag:
                    status = 304
                lists.answers.append(status)
                self.send_response(status)
                self.send_header("ETag", tag)
                body = lists.body if status == 200 else b""
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/locks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def lists():
    server = ListServer()
    yield server
    server.close()


@pytest.fixture
def tree():
    tree = Tree()
    yield tree
    end(tree.pids())


@pytest.fixture
def team(tmp_path):
    """The response team's own prodaccess, on another machine."""
    home = tmp_path / "team"
    home.mkdir(mode=0o700)
    return Prodaccess(home).configure(LOCAL_ROLES)


@pytest.fixture
def engineer(tmp_path, team, lists):
    """An engineer whose locks the team signs; `engineer.locks` configures more."""
    home = tmp_path / "engineer"
    home.mkdir(mode=0o700)
    engineer = Prodaccess(home)
    key = team.run("lock", "--show-key").stdout.strip()

    def locks(more=""):
        engineer.configure(LOCAL_ROLES + f'[locks]\nsigners = ["{key}"]\nurl = "{lists.url}"\n{more}')

    engineer.locks = locks
    locks()
    return engineer


def publish(team, *words, name="list"):
    path = team.home / name
    team.run("lock", "--publish", path, *words)
    return path.read_bytes()


def sleepers(tree):
    return [pid for pid in tree.pids() if command(pid) == ["sleep", "600"]]


def running_command(prodaccess, tree):
    prodaccess.run("request", "--role", "bastion")
    prodaccess.environment.update(tree.variable)
    prodaccess.policy('[[rule]]\nid = "anything"\nverdict = "allow"\n')
    process = prodaccess.start("exec", "--role", "bastion", "--", "sh", "-c", "setsid sleep 600 & exec sleep 600")
    wait_until(lambda: len(sleepers(tree)) == 2)
    return process


def ended(process):
    process.communicate(timeout=30)
    return process.returncode


def last(prodaccess, kind):
    records = [json.loads(line) for line in prodaccess.run("audit", "export").stdout.splitlines()]
    return [record for record in records if record["kind"] == kind][-1]


def test_a_locked_role_is_refused_until_it_is_unlocked(local):
    local.run("request", "--role", "bastion")
    local.run("lock", "--role", "bastion", "--reason", "INC-42 \x1b[31m")
    for words in (("request", "--role", "bastion"), ("exec", "--role", "bastion", "--", "true")):
        result = local.run(*words, status=None)
        assert result.returncode in (3, 126) and "role bastion is locked: INC-42 \\x1b[31m" in result.stderr
    local.run("request", "--role", "service", "--reason", "other", "--ticket", "INC-1")
    shown = local.json("locks", "--json")
    assert shown["number"] == 1 and shown["locks"][0]["kind"] == "role" and shown["locks"][0]["name"] == "bastion"
    assert last(local, "locked")["data"]["name"] == "bastion"
    local.run("unlock", "--role", "bastion")
    local.run("request", "--role", "bastion", "--reason", "after")
    assert local.json("locks", "--json") == {"locks": [], "number": 2}
    assert last(local, "unlocked")["data"]["name"] == "bastion"


def test_all_and_host_and_person_are_locked(local):
    for what in (["--all"], ["--host", os.uname().nodename], ["--person", last_person(local)]):
        local.run("lock", *what)
        assert "locked" in local.run("request", "--role", "bastion", status=3).stderr
        local.run("unlock", *what)
        local.run("request", "--role", "bastion", "--reason", " ".join(what))
    local.run("lock", "--person", "somebody-else")
    local.run("request", "--role", "bastion", "--reason", "still mine")


def last_person(prodaccess):
    prodaccess.run("request", "--role", "bastion")
    return last(prodaccess, "intent")["actor"]["person"]


def test_a_lock_for_a_time_ends_by_itself(local):
    local.run("lock", "--role", "bastion", "--for", "2s")
    assert "locked" in local.run("request", "--role", "bastion", status=3).stderr
    wait_until(lambda: local.run("request", "--role", "bastion", status=None).returncode == 0)


def test_what_runs_is_ended_by_a_lock_and_by_nothing_else(local, tree):
    process = running_command(local, tree)
    local.run("request", "--role", "bastion", "--reason", "writes to the state folder")
    local.run("lock", "--person", "somebody-else")
    local.run("unlock", "--person", "somebody-else")
    assert process.poll() is None and len(sleepers(tree)) == 2
    local.run("lock", "--role", "bastion")
    wait_until(lambda: not sleepers(tree))
    assert ended(process) == 128 + 15
    assert last(local, "ended")["data"]["ended_by"] == "lock"


def test_a_list_that_was_changed_or_went_back_is_refused(local):
    local.run("lock", "--role", "service")
    path = local.state / "locks"
    first = path.read_text()
    local.run("lock", "--role", "reader")
    second = path.read_text()

    path.write_text(second.replace('"service"', '"nothing"'))
    assert "not signed by a key" in local.run("request", "--role", "bastion", status=3).stderr
    path.write_text(first)
    assert "went back from 2 to 1" in local.run("request", "--role", "bastion", status=3).stderr
    path.write_text("nonsense\n")
    assert "cannot be read" in local.run("request", "--role", "bastion", status=3).stderr
    path.write_text(second)
    local.run("request", "--role", "bastion")
    path.unlink()
    assert "is missing" in local.run("request", "--role", "bastion", "--reason", "2").stderr  # best effort: warned


def test_a_published_list_is_fetched_and_obeyed(team, engineer, lists, tree):
    lists.body = publish(team, "--person", "somebody-else")
    assert "list 1" in engineer.run("locks", "sync").stdout
    assert "not changed" in engineer.run("locks", "sync").stdout and lists.answers == [200, 304]
    process = running_command(engineer, tree)

    lists.body = publish(team, "--all", "--reason", "INC-42")
    assert "list 2" in engineer.run("locks", "sync").stdout
    wait_until(lambda: not sleepers(tree))
    assert ended(process) == 128 + 15
    assert "all access is locked: INC-42" in engineer.run("request", "--role", "bastion", status=3).stderr
    assert {lock["kind"] for lock in engineer.json("locks", "--json")["locks"]} == {"person", "all"}

    team.run("unlock", "--publish", team.home / "list", "--all")
    lists.body = (team.home / "list").read_bytes()
    engineer.run("locks", "sync")
    engineer.run("request", "--role", "bastion", "--reason", "after")


def test_a_fetched_list_is_believed_only_when_signed_and_newer(team, engineer, lists, tmp_path):
    old = publish(team, "--role", "reader")
    lists.body = publish(team, "--role", "service")
    engineer.run("locks", "sync")
    believed = (engineer.state / "locks").read_bytes()

    lists.body = old
    assert "went back" in engineer.run("locks", "sync", status=3).stderr
    home = tmp_path / "stranger"
    home.mkdir(mode=0o700)
    stranger = Prodaccess(home).configure(LOCAL_ROLES)
    for number in range(3):
        lists.body = publish(stranger, "--role", f"role-{number}")
    assert "not signed" in engineer.run("locks", "sync", status=3).stderr
    lists.body = b"<html>not found</html>"
    assert "cannot be read" in engineer.run("locks", "sync", status=3).stderr
    lists.status = 503
    assert "503" in engineer.run("locks", "sync", status=None).stderr
    assert (engineer.state / "locks").read_bytes() == believed


def test_a_missing_or_stale_list_is_warned_of_or_refused(team, engineer, lists):
    warned = engineer.run("request", "--role", "bastion")
    assert "list of locks" in warned.stderr and "missing" in warned.stderr
    engineer.locks('mode = "strict"\n')
    assert "missing" in engineer.run("request", "--role", "bastion", "--reason", "2", status=3).stderr

    lists.body = publish(team, "--role", "reader")
    engineer.run("locks", "sync")
    engineer.run("request", "--role", "bastion", "--reason", "3")
    for mode, status in (("strict", 3), ("best_effort", 0)):
        engineer.locks(f'mode = "{mode}"\nstale_after = "1s"\n')
        wait_until(lambda: "older than 1s" in engineer.run("request", "--role", "bastion", "--reason", mode,
                                                            status=None).stderr)
        engineer.run("request", "--role", "bastion", "--reason", mode + " again", status=status)


def test_a_list_that_others_sign_is_not_changed_here(engineer):
    result = engineer.run("lock", "--role", "bastion", status=3)
    assert "kept by its signers" in result.stderr and "--publish" in result.stderr


def test_a_list_of_others_is_not_published_over(team, tmp_path):
    home = tmp_path / "stranger"
    home.mkdir(mode=0o700)
    stranger = Prodaccess(home).configure(LOCAL_ROLES)
    publish(team, "--role", "reader")
    result = stranger.run("lock", "--publish", team.home / "list", "--role", "bastion", status=None)
    assert result.returncode != 0 and "not a list that this key signed" in result.stderr
