"""`revoke` tells four outcomes apart, ends everything of ours, is honest about the rest and tries it again."""

import json
import os
import signal
import subprocess

import pytest
from conftest import LOCAL_ROLES, wait_until
from exec_fixtures import ALLOW_ALL, ROLE, Tree, command, end, state

PLUGIN = '''#!/usr/bin/python3
# A provider that revokes as the file beside it says: "ok", "fail" or "fail once".
import json, pathlib, sys
folder = pathlib.Path("{folder}")
request = json.load(sys.stdin)
reply = {{"protocol": 1}}
if sys.argv[1] == "describe":
    reply["target"] = "a test"
elif sys.argv[1] == "issue":
    reply |= {{"handle": "handle-1", "expires_at": request["until"], "fields": {{"token": "t0ken-of-the-plugin"}}}}
elif sys.argv[1] == "revoke":
    answer = (folder / "answer").read_text()
    with open(folder / "revocations", "a") as log:
        log.write(request["handle"] + chr(10))
    reply["state"] = "revoked" if answer == "ok" else "failed"
    reply["detail"] = "as told"
    if answer == "fail once":
        (folder / "answer").write_text("ok")
print(json.dumps(reply))
'''


@pytest.fixture
def plugin(prodaccess):
    """A user with a role of a provider that fails as told."""
    folder = prodaccess.home / ".local/lib/prodaccess/providers"
    folder.mkdir(parents=True, mode=0o700)
    program = folder / "prodaccess-provider-flaky"
    program.write_text(PLUGIN.format(folder=prodaccess.home))
    program.chmod(0o755)
    prodaccess.configure(LOCAL_ROLES + '[roles.plug]\nprovider = "flaky"\nttl_max = "1h"\nflaky = {}\n')
    prodaccess.answer = lambda text: (prodaccess.home / "answer").write_text(text)
    prodaccess.revocations = lambda: len((prodaccess.home / "revocations").read_text().splitlines())
    return prodaccess


@pytest.fixture
def tree():
    tree = Tree()
    yield tree
    end(tree.pids())


def kinds(prodaccess, kind):
    records = [json.loads(line) for line in prodaccess.run("audit", "export").stdout.splitlines()]
    return [record for record in records if record["kind"] == kind]


def configure(prodaccess):
    return prodaccess.configure(LOCAL_ROLES + ROLE).policy(ALLOW_ALL)


def test_a_hundred_sessions_under_many_grants_all_die(prodaccess, tree):
    """Double forks, other sessions and stopped parents included; and no process of anybody else."""
    configure(prodaccess)
    prodaccess.environment.update(tree.variable)
    script = 'setsid sh -c "sleep 700 & exec sleep 701" & trap "" TERM; sleep 702 & wait; wait'
    bystander = subprocess.Popen(["sleep", "700"], env={**os.environ, **tree.variable})
    for number in range(10):
        prodaccess.run("request", "--role", "runner", "--reason", f"grant {number}")
    grants = prodaccess.json("status", "--json")["grants"]
    assert len(grants) == 10
    running = []
    for number in range(100):
        running.append(prodaccess.start("exec", "--role", grants[number % 10]["id"], "--", "sh", "-c", script))
    wait_until(lambda: sum(1 for pid in tree.pids() if command(pid)[:1] == ["sleep"]) == 301, 120)
    for process in running[::5]:
        os.kill(process.pid, signal.SIGSTOP)
    wait_until(lambda: all(state(process.pid) == "T" for process in running[::5]))

    answer = prodaccess.json("revoke", "--all", "--json")
    assert [pid for pid in tree.pids() if command(pid)[:1] in (["sleep"], ["sh"])] == [bystander.pid]
    assert answer["complete"] and len(answer["revoked"]) == 10
    assert all(each["processes"]["ended"] >= 30 for each in answer["revoked"]), answer
    assert sum(each["processes"]["ended"] for each in answer["revoked"]) >= 300
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode != 0
    ended = [record["data"]["ended_by"] for record in kinds(prodaccess, "ended") if record["data"].get("ended_by")]
    assert ended.count("revocation") == 100
    assert prodaccess.json("status", "--json")["grants"] == []
    bystander.kill()
    bystander.wait(20)


def test_four_outcomes_for_people_and_programs(local):
    local.run("request", "--role", "bastion")
    shown = local.run("revoke", "bastion").stdout
    assert [line.split()[0] for line in shown.splitlines()] == ["grant", "processes", "keyring", "provider", "ledger"]
    local.run("request", "--role", "bastion", "--reason", "2")
    one = local.json("revoke", "--all", "--json")["revoked"][0]
    assert one["processes"]["ended"] == 0 and one["keyring"] == {"erased": True, "error": ""}
    assert one["provider"]["state"] in ("revoked", "not_revocable") and one["ledger"]["record"] > 0
    assert kinds(local, "revoked")[-1]["seq"] == one["ledger"]["record"]
    assert "no grant is held" in local.run("revoke", "--all").stdout


def test_a_provider_that_fails_is_tried_again_and_again_later(plugin):
    plugin.answer("fail")
    plugin.run("request", "--role", "plug")
    result = plugin.run("revoke", "--all", status=1)
    assert "provider   FAILED" in result.stdout and "prodaccess revoke --all" in result.stderr
    assert plugin.revocations() == 2  # one more try before it gives up
    assert [record["data"]["provider"] for record in kinds(plugin, "revoked")] == ["failed", "failed"]
    assert plugin.json("status", "--json")["grants"] == []
    assert plugin.json("status", "--json")["unfinished"] != []
    assert "not all of it is ended" in plugin.run("status").stderr

    plugin.answer("ok")
    again = plugin.json("revoke", "--all", "--json")
    assert again["complete"] and again["revoked"][0]["provider"]["state"] == "revoked"
    assert plugin.revocations() == 3
    assert plugin.json("status", "--json")["unfinished"] == []
    assert plugin.json("revoke", "--all", "--json")["revoked"] == []


def test_a_provider_that_recovers_meanwhile_makes_it_complete(plugin):
    plugin.answer("fail once")
    plugin.run("request", "--role", "plug")
    answer = plugin.json("revoke", "--all", "--json")
    assert answer["complete"] and answer["revoked"][0]["attempts"] == 2


def test_what_cannot_be_ended_from_here_is_named(prodaccess, tree):
    configure(prodaccess)
    prodaccess.environment.update(tree.variable)
    prodaccess.run("request", "--role", "runner")
    fake = prodaccess.home / "ssh"
    fake.symlink_to("/usr/bin/sleep")
    process = prodaccess.start("exec", "--role", "runner", "--", fake, "800")
    wait_until(lambda: [pid for pid in tree.pids() if name_of(pid) == "ssh"])
    result = prodaccess.run("revoke", "--all", status=1)
    assert "left with the remote host" in result.stdout
    assert "try the rest again" not in result.stderr
    process.communicate(timeout=30)
    assert not tree.pids()


def name_of(pid):
    try:
        return open(f"/proc/{pid}/comm").read().strip()
    except OSError:
        return ""
