"""Approvals from end to end: request, signature by key file and by agent, use, and every misuse.

ssh-keygen must agree with us both ways.
"""

import json
import os
import shutil
import subprocess

import pytest

if shutil.which("ssh-keygen") is None:
    pytest.skip("ssh-keygen is not installed", allow_module_level=True)

NAMESPACE = "prodaccess-approval@v1"


def keygen(path, kind="ed25519"):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(path)], check=True)
    return path


@pytest.fixture
def site(local, tmp_path):
    """A configuration in which we are ana, and bob and carol may sign."""
    prodaccess = local
    keys = {name: keygen(tmp_path / name) for name in ("ana", "bob", "carol", "stranger")}
    signers = prodaccess.config / "allowed_signers"
    signers.write_text("".join(
        f"{name} namespaces=\"{NAMESPACE}\" {(tmp_path / (name + '.pub')).read_text()}"
        for name in ("ana", "bob", "carol")))
    signers.chmod(0o600)
    places = tmp_path / "places"
    places.mkdir()
    base = (prodaccess.config / "config.toml").read_text()
    prodaccess.configure(base + f"""
[approvals]
allowed_signers = "{signers}"
places = ["{places}"]
[approvals.people]
ana = {{ uid = {os.getuid()} }}
bob = {{ uid = 4000001 }}
carol = {{ uid = 4000002 }}
[approvals.groups]
leads = ["bob", "carol"]
""")
    prodaccess.keys = keys
    prodaccess.places = places
    prodaccess.victim = prodaccess.home / "victim"
    prodaccess.victim.mkdir()
    prodaccess.run("request", "--role", "bastion")
    return prodaccess


def delete(site, *options, status):
    return site.run("exec", "--json", *options, "--", "rm", "-rf", site.victim, status=status)


def request_file(site):
    error = json.loads(delete(site, status=126).stdout)["error"]
    assert error["code"] == "approval_required"
    line = next(hint for hint in error["hints"] if hint.startswith("prodaccess approve --file "))
    return line.split()[3]


def approve(site, request, name, output):
    site.run("approve", "--yes", "--file", request, "--key", site.keys[name], "--output", output)
    return output


def test_a_colleagues_signature_lets_exactly_this_run_once(site, tmp_path):
    request = request_file(site)
    approved = approve(site, request, "bob", tmp_path / "one.approved")
    # Not for another command.
    site.run("exec", "--approval", approved, "--", "rm", "-rf", site.home / "other", status=126)
    assert site.victim.exists()
    delete(site, "--approval", approved, status=0)
    assert not site.victim.exists()
    site.victim.mkdir()
    delete(site, "--approval", approved, status=126)
    assert site.victim.exists()


def test_a_refusal_says_what_it_is_about_and_both_ways_on(site, tmp_path):
    error = json.loads(delete(site, status=126).stdout)["error"]
    assert error["code"] == "approval_required" and error["effect"] == "destructive"
    assert error["targets"] == [f"file/{site.victim}"] and error["rule"]["id"] == "built-in:destructive"
    preview = error["preview"]
    assert (preview["kind"], preview["count"], preview["targets"]) == ("read", 1, error["targets"])
    assert any("in a terminal" in hint and "prodaccess exec --role bastion -- rm" in hint for hint in error["hints"])
    # The file is the request that these words name, and the approver sees the same.
    shown = site.run("approve", "--show", "--file", error["request"]).stdout
    for words in ("destructive", f"rm -rf {site.victim}", "file/", "built-in:destructive"):
        assert words in shown
    statement = site.json("approve", "--json", "--show", "--file", error["request"])
    assert statement["preview_sha256"] == preview["hash"]
    approve(site, error["request"], "bob", error["approval"])
    delete(site, "--approval", error["approval"], status=0)
    # Where no person may either, nothing of the kind is said.
    site.policy('[[rule]]\nid = "four-eyes"\neffect = "destructive"\nverdict = "approve"\n')
    site.victim.mkdir()
    error = json.loads(delete(site, status=126).stdout)["error"]
    assert error["rule"]["id"] == "four-eyes" and "in a terminal" not in str(error["hints"])


def test_neither_the_requester_nor_a_stranger_nor_a_changed_line(site, tmp_path):
    request = request_file(site)
    for name in ("ana", "stranger"):
        approved = approve(site, request, name, tmp_path / f"{name}.approved")
        delete(site, "--approval", approved, status=126)
    approved = approve(site, request, "bob", tmp_path / "bob.approved")
    text = approved.read_text()
    changed = tmp_path / "changed.approved"
    changed.write_text(text.replace('"reason":""', '"reason":"x"', 1))
    delete(site, "--approval", changed, status=126)
    changed.write_text(text.replace("-----BEGIN", "-----BEGINN", 1))
    delete(site, "--approval", changed, status=126)
    assert site.victim.exists()
    delete(site, "--approval", approved, status=0)


def test_approvals_are_found_in_the_configured_place(site):
    request = request_file(site)
    listed = site.json("approvals", "--json")["approvals"]
    assert [one["approved_by"] for one in listed] == [[]]
    approve(site, request, "carol", site.places / "x.approved")
    listed = site.json("approvals", "--json")["approvals"]
    assert [one["approved_by"] for one in listed] == [["carol"]]
    delete(site, status=0)
    assert site.json("approvals", "--json")["approvals"] == []


def test_two_people_are_two_people(site, tmp_path):
    site.policy('[[rule]]\nid = "two"\neffect = "destructive"\nverdict = "approve"\n'
                'from = { group = "leads", count = 2 }\n')
    request = request_file(site)
    once = approve(site, request, "bob", tmp_path / "1.approved")
    twice = approve(site, once, "bob", tmp_path / "2.approved")
    delete(site, "--approval", twice, status=126)
    both = approve(site, once, "carol", tmp_path / "3.approved")
    delete(site, "--approval", both, status=0)


def test_changed_rules_end_an_approval(site, tmp_path):
    approved = approve(site, request_file(site), "bob", tmp_path / "x.approved")
    site.policy('[[rule]]\nid = "now"\neffect = "destructive"\nverdict = "approve"\n')
    delete(site, "--approval", approved, status=126)


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_ssh_keygen_agrees_both_ways(site, tmp_path, kind):
    request = request_file(site)
    key = keygen(tmp_path / "agree", kind)
    signers = tmp_path / "signers"
    signers.write_text(f"dave {(tmp_path / 'agree.pub').read_text()}")
    site.run("approve", "--yes", "--file", request, "--key", key, "--output", tmp_path / "a")
    line, _, signature = (tmp_path / "a").read_text().partition("\n")
    (tmp_path / "sig").write_text(signature)
    verify = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "dave", "-n", NAMESPACE,
              "-s", tmp_path / "sig"]
    subprocess.run(verify, input=line + "\n", text=True, check=True, capture_output=True)
    assert subprocess.run(verify, input=line + " \n", text=True, capture_output=True).returncode
    # The other way: what ssh-keygen signs, we take.
    site_signers = site.config / "allowed_signers"
    site_signers.write_text(f"bob {(tmp_path / 'agree.pub').read_text()}")
    made = subprocess.run(["ssh-keygen", "-Y", "sign", "-q", "-f", key, "-n", NAMESPACE],
                          input=line + "\n", text=True, check=True, capture_output=True).stdout
    (tmp_path / "theirs").write_text(line + "\n" + made)
    delete(site, "--approval", tmp_path / "theirs", status=0)


def test_an_agent_signs(site, tmp_path):
    if shutil.which("ssh-agent") is None:
        pytest.skip("ssh-agent is not installed")
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if socket.exists():
                break
            subprocess.run(["sleep", "0.05"], check=True)
        environment = {**os.environ, "SSH_AUTH_SOCK": str(socket)}
        subprocess.run(["ssh-add", "-q", site.keys["bob"]], env=environment, check=True,
                       stderr=subprocess.DEVNULL)
        approved = tmp_path / "agent.approved"
        site.run("approve", "--yes", "--file", request_file(site), "--output", approved,
                 SSH_AUTH_SOCK=str(socket))
        delete(site, "--approval", approved, status=0)
    finally:
        agent.terminate()
        agent.wait()


def test_hook_and_check_say_the_same(site):
    for command, status in (("rm -rf /srv/x", 4), ("ls /srv", 0)):
        site.run("policy", "check", "--shell", command, status=status)
        answer = json.loads(site.run("hook", stdin=json.dumps({
            "hook_event_name": "PreToolUse", "tool_name": "Bash",
            "tool_input": {"command": command}})).stdout)
        decision = answer["hookSpecificOutput"]["permissionDecision"]
        assert decision == ("allow" if status == 0 else "deny")
    site.run("hook", stdin="nonsense", status=2)


@pytest.mark.parametrize("question", [
    {"agent_action_name": "pre_run_command", "tool_info": {"command_line": "rm -rf /srv/x", "cwd": "/srv"}},
    {"hook_event_name": "preToolUse", "cwd": "/srv", "tool_name": "execute_bash", "tool_input": {"command": "rm -rf /srv/x"}},
    "nonsense",
])
def test_a_refusal_by_status_names_us_once(site, question):
    refused = site.run("hook", stdin=question if question == "nonsense" else json.dumps(question), status=2)
    assert refused.stderr.startswith("prodaccess: ") and refused.stderr.count("prodaccess: ") == 1
    assert refused.stdout.count("prodaccess: ") <= 1


SCRIPT = "#!/bin/sh\necho {0} > {0}\n"


@pytest.fixture
def script(site, tmp_path):
    """A script that is opaque, and bob's approval of it."""
    site.script = site.home / "deploy.sh"
    site.script.write_text(SCRIPT.format("good"))
    site.script.chmod(0o755)

    def ask(*words, **changes):
        error = json.loads(site.run("exec", "--json", "--", *words, status=126, **changes).stdout)["error"]
        assert error["code"] == "approval_required", error
        approved = approve(site, error["request"], "bob", tmp_path / "script.approved")
        return ("exec", "--approval", approved, "--", *words)

    site.ask = ask
    return site


@pytest.mark.parametrize("words", [("./deploy.sh",), ("python3", "x.py"), ("make", "-s")])
@pytest.mark.parametrize("changes", [False, True])
def test_what_is_approved_is_the_script_as_it_was(script, words, changes):
    files = {"./deploy.sh": script.script, "x.py": script.home / "x.py", "-s": script.home / "Makefile"}
    text = {"./deploy.sh": SCRIPT, "x.py": "open('{0}', 'w')\n", "-s": "all:\n\ttouch {0}\n"}[words[-1]]
    if shutil.which(words[0]) is None and words[0] != "./deploy.sh":
        pytest.skip(f"{words[0]} is not installed")
    file = files[words[-1]]
    file.write_text(text.format("good"))
    line = script.ask(*words)
    if changes:
        file.write_text(text.format("evil"))
        assert f"{file.name} has changed since it was approved" in script.run(*line, status=126).stderr
    else:
        script.run(*line)
    assert (script.home / "good").exists() != changes
    assert not (script.home / "evil").exists()


def test_what_is_approved_is_here_and_steered_as_it_was(script, tmp_path):
    script.tool("kubectl", "#!/bin/sh\necho \"$KUBECONFIG $*\" >> calls\n")
    staging, production = script.home / "staging", script.home / "production"
    for file in (staging, production):
        file.write_text(file.name)
    line = script.ask("kubectl", "delete", "pod", "api", KUBECONFIG=str(staging))
    assert "KUBECONFIG has another value" in script.run(*line, status=126, KUBECONFIG=str(production)).stderr
    staging.write_text("production")
    assert "staging has changed" in script.run(*line, status=126, KUBECONFIG=str(staging)).stderr
    staging.write_text("staging")
    (tmp_path / "elsewhere").mkdir()
    elsewhere = subprocess.run(script.argv(*line), env={**script.environment, "KUBECONFIG": str(staging)},
                               cwd=tmp_path / "elsewhere", capture_output=True, text=True, start_new_session=True, timeout=60)
    assert elsewhere.returncode == 126 and "another folder" in elsewhere.stderr
    done = [call for call in (script.home / "calls").read_text().splitlines() if "--dry-run" not in call]
    assert not done
    script.run(*line, KUBECONFIG=str(staging))  # the control
    assert f"{staging} delete pod api" in (script.home / "calls").read_text()


def test_commands_at_once_do_not_share_an_approval(script):
    line = script.ask("./deploy.sh")
    running = [script.start(*line) for _ in range(6)]
    statuses = sorted(one.wait(timeout=60) for one in running)
    for one in running:
        one.stdout.close()
        one.stderr.close()
    assert statuses == [0] + 5 * [126]


def test_an_approval_that_is_no_file_or_leads_elsewhere(script, tmp_path):
    approved = script.ask("./deploy.sh")[2]
    pipe = tmp_path / "pipe.approved"
    os.mkfifo(pipe)
    for place in (script.places / "a.approved", script.places / "b.approved"):
        place.symlink_to(pipe)
    os.mkfifo(script.places / "c.approved")
    # Nothing of these is waited for.
    assert script.run("exec", "--", "./deploy.sh", status=126, timeout=20)
    assert script.run("exec", "--approval", "/dev/null", "--", "./deploy.sh", status=None).returncode != 0
    assert not (script.home / "good").exists()
    shutil.copy(approved, script.places / "d.approved")
    script.run("exec", "--", "./deploy.sh")  # the control
    assert (script.home / "good").exists()
