"""`request`, `exec` and `revoke` killed, refused by the kernel or refused memory, at each of their system calls and
allocations. Beside the invariant: nothing stays running, what was issued and recorded is stored or taken back, the next
commands go through, and a want of memory ends in one clear line and a documented status."""

import json
import shutil
import subprocess

import faults
import pytest
from conftest import Prodaccess, wait_until
from exec_fixtures import ALLOW_ALL, Tree, end
from invariant import check_intent_before_act, check_ledger, check_no_secret

CANARY = "yranac-fo-eht-stluaf-tset"[::-1]

# Issues handle-1, handle-2, ... and notes what it issued and revoked.
PROVIDER = r'''#!/bin/sh
read -r request
value() { printf '%s' "$request" | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
case $1 in
  describe) echo '{"protocol":1,"target":"a test"}' ;;
  issue)
    handle=handle-$(($(cat {folder}/issue 2>/dev/null | wc -l) + 1))
    echo $handle >> {folder}/issue
    token=$(echo {reversed} | rev)
    printf '{"protocol":1,"handle":"%s","expires_at":"%s","fields":{"token":"%s"}}' $handle "$(value until)" $token ;;
  revoke)
    value handle >> {folder}/revoke
    echo >> {folder}/revoke
    echo '{"protocol":1,"state":"revoked"}' ;;
  *) echo '{"protocol":1}' ;;
esac
'''


class User:
    """A fresh user with one role of that provider, and, for exec and revoke, a grant."""

    def __init__(self, folder, case):
        self.home = folder / f"home-{case}"
        self.home.mkdir(mode=0o700)
        self.notes = folder / f"notes-{case}"
        self.notes.mkdir()
        self.prodaccess = Prodaccess(self.home)
        programs = self.home / ".local/lib/prodaccess/providers"
        programs.mkdir(parents=True, mode=0o700)
        program = programs / "prodaccess-provider-notes"
        program.write_text(PROVIDER.replace("{folder}", str(self.notes)).replace("{reversed}", CANARY[::-1]))
        program.chmod(0o755)
        self.prodaccess.configure('[stores]\ndurable = "file"\npassphrase_from = "key-file:{home}/store.key"\n'
                                  '[roles.notes]\nprovider = "notes"\nttl_max = "1h"\nnotes = {}\n').policy(ALLOW_ALL)
        self.tree = Tree()
        self.prodaccess.environment.update(self.tree.variable)
        self.runs = 0

    def words(self, command):
        self.runs += 1
        return {"request": ["request", "--role", "notes", "--reason", "under test"],
                "exec": ["exec", "--role", "notes", "--", "sh", "-c", f"echo ran > {self.marker()}; exec sleep 0.01"],
                "revoke": ["revoke", "--all"]}[command]

    def marker(self):
        """What the last run left, if it ran."""
        return self.home / f"ran-{self.runs}"

    def prepare(self, command):
        """A grant, and what crashed before settled; then none where it is to be requested: one held would do."""
        self.undisturbed("request", "--role", "notes", "--reason", "before")
        if command == "request":
            self.undisturbed("revoke", "--all")

    def undisturbed(self, *words):
        done = self.prodaccess.run(*words, status=None)
        assert done.returncode == 0, f"the next {words[0]} fails: {done.stderr}"

    def run(self, command, before=(), variables=None):
        return subprocess.run([*before, *self.prodaccess.argv(*self.words(command))],
                              env={**self.prodaccess.environment, **(variables or {})}, cwd=self.home,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              start_new_session=True)

    def noted(self, operation):
        path = self.notes / operation
        return path.read_text().split() if path.exists() else []

    def remove(self):
        end(self.tree.pids())
        shutil.rmtree(self.home)
        shutil.rmtree(self.notes)


def check_nothing_runs(user):
    try:
        wait_until(lambda: not user.tree.pids())
    except AssertionError:
        raise AssertionError(f"something stays running: {user.tree.pids()}") from None


def check_invariants(user, output=""):
    check_nothing_runs(user)
    user.undisturbed("request", "--role", "notes", "--reason", "afterwards")
    assert user.run("exec").returncode == 0 and user.marker().exists(), "the next exec fails"
    exported = [json.loads(line) for line in user.prodaccess.run("audit", "export").stdout.splitlines()]
    recorded = {record["data"]["handle"] for record in exported if record["kind"] == "issued"}
    user.prodaccess.run("revoke", "--all", status=None)
    last = user.prodaccess.json("revoke", "--all", "--json")
    assert last["complete"] and user.prodaccess.json("status", "--json")["grants"] == []
    lost = recorded - set(user.noted("revoke"))
    assert not lost, f"{lost} were issued and recorded, and never revoked"
    records = check_ledger(user.prodaccess.state / "ledger")
    check_intent_before_act(records, "exec", [path.name for path in user.home.glob("ran-*")])
    check_intent_before_act(records, "request", ["" for _ in user.noted("issue")])
    check_no_secret(CANARY, [user.home], [output])


def undisturbed(folder, command, run):
    """run(user) counts the points of one run that nothing disturbs."""
    user = User(folder, f"count-{command}")
    user.prepare(command)
    counts = run(user)
    assert command != "exec" or user.marker().exists()
    check_invariants(user)
    user.remove()
    return counts


def attempt_on(folder, command, check_run=lambda user, done: None):
    """One user meets all the faults, one after the other: checking what is left takes longer than the runs."""
    def attempt(case, faults):
        user = User(folder, case)
        output = ""
        try:
            for fault in faults:
                user.prepare(command)
                done = user.run(command, fault.before, fault.variables)
                output += done.stdout + done.stderr
                check_run(user, done)
                check_nothing_runs(user)
            check_invariants(user, output)
        finally:
            user.remove()

    return attempt


COMMANDS = ["request", "exec", "revoke"]
BATCH = 40


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_or_refused_at_any_call(tmp_path, command):
    counts = undisturbed(tmp_path, command,
                         lambda user: faults.call_counts(lambda before: user.run(command, before)))
    faults.try_all(f"{command}, system calls", faults.call_faults(counts), attempt_on(tmp_path, command), BATCH)


# 0 to 5: the exit status table; 125 and 126: exec's.
DOCUMENTED = {"request": {0, 1, 2, 3, 4, 5}, "exec": {0, 125, 126}, "revoke": {0, 1, 2, 3, 4, 5}}


@pytest.mark.parametrize("command", COMMANDS)
def test_refused_any_allocation(tmp_path, command):
    def check_run(user, done):
        assert done.returncode in DOCUMENTED[command], f"status {done.returncode}: {done.stderr}"
        errors = [line for line in done.stderr.splitlines() if line.startswith("prodaccess: error: ")]
        assert done.returncode == 0 or len(errors) == 1, f"status {done.returncode}: {done.stderr}"
        assert command != "exec" or done.returncode != 0 or user.marker().exists(), "exec says that it ran"

    counts = undisturbed(tmp_path, command, lambda user: faults.allocation_counts(
        tmp_path, lambda variables: user.run(command, variables=variables)))
    faults.try_all(f"{command}, allocations", faults.allocation_faults(counts),
                   attempt_on(tmp_path, command, check_run), BATCH)


def test_the_check_sees_what_it_is_to_see(tmp_path):
    user = User(tmp_path, "control")
    user.prodaccess.run("request", "--role", "notes", "--reason", "before")
    (user.home / "leak").write_text(CANARY)
    with pytest.raises(AssertionError, match="lies in"):
        check_invariants(user)
    (user.home / "leak").unlink()
    with pytest.raises(AssertionError, match="was printed"):
        check_invariants(user, f"the token is {CANARY}")
    (user.home / "ran-4711").write_text("ran")
    with pytest.raises(AssertionError, match="without an intent"):
        check_invariants(user)
