"""What every provider must hold to, whoever is at the far end. A provider's test file plugs in with

    from provider_conformance import HttpProviderConformance, Subject

    class TestConformance(HttpProviderConformance):
        @pytest.fixture
        def subject(self, prodaccess, server):
            configure(prodaccess, server, role="subject", env={"SUBJECT_SECRET": "{token}"})
            return Subject(prodaccess, alive=server.accepts, living=server.tokens,
                           spoil=lambda: write_wrong_key(prodaccess),
                           point_at=lambda address: configure(prodaccess, address, ...))

The role must be called "subject", allow 1 h, and give the child the secret as SUBJECT_SECRET; the
policy must let every command run (exec_fixtures.ALLOW_ALL). Everything else is here. A provider that
speaks no HTTP takes ProviderConformance, and meets hostile servers of its own protocol elsewhere.
"""

import dataclasses
import json
import re
import shutil
import subprocess
from typing import Callable, Optional

import pytest

from conftest import Prodaccess, wait_until
from hostile_server import HostileServer, unknown_certificate

ROLE = "subject"


@dataclasses.dataclass
class Subject:
    prodaccess: Prodaccess
    # Whether the far end takes this secret now, by its own word.
    alive: Callable[[str], bool]
    # The identities (accessors, names, serials) of all that the far end has issued and still takes;
    # None where it keeps no account of them.
    living: Optional[Callable[[], set]] = None
    # Makes prodaccess's own login wrong, with the text WRONG in it where it is a secret.
    spoil: Optional[Callable[[], None]] = None
    # Configures the role anew with this address as its server; of HttpProviderConformance.
    point_at: Optional[Callable[[str], None]] = None
    # Certificate and key files where the far end must speak TLS; None for plain HTTP.
    tls: Optional[tuple] = None
    # Whether what was issued can be ended at the far end before its time.
    revocable: bool = True
    # A lifetime that the far end itself keeps, in seconds; None where its shortest is too long for
    # a test, or nothing there ends.
    ends_in: Optional[int] = 3
    # How long the far end may still take what was revoked, in seconds.
    lag: int = 0

    def request(self, *words, status=0):
        return self.prodaccess.json("request", "--role", ROLE, "--json", *words, status=status)

    def secret(self, *words, status=0):
        """What the child of a command under the grant is given."""
        return self.prodaccess.run("exec", *words, "--role", ROLE, "--", "printenv", "SUBJECT_SECRET",
                                   status=status).stdout.rstrip("\n")

    def issued(self):
        return self.living() if self.living else set()

    def dead(self, secret):
        return wait_until(lambda: not self.alive(secret), seconds=20 + self.lag)

    def records(self, kind=None):
        found = json.loads(self.prodaccess.run("audit", "show", "--json").stdout)
        return [record for record in found if kind in (None, record["kind"])]

    def files_with(self, text):
        """Where `text` lies on the disk: nowhere, for a secret."""
        return [path for path in self.prodaccess.home.rglob("*")
                if path.is_file() and not path.is_symlink() and text.encode() in path.read_bytes()]


def one_clear_line(result):
    """What a failure looks like to a person."""
    lines = result.stderr.strip().splitlines()
    errors = [line for line in lines if line.startswith("prodaccess: error: ")]
    assert len(errors) == 1 and len(errors[0]) < 1000, result.stderr
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f]|\x1b", result.stderr) is None, ascii(result.stderr)
    return errors[0]


def can_inject():
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-qq", "-e", "inject=fsync:error=EIO", "-o", "/dev/null", "true"],
        capture_output=True).returncode == 0


def kill_after_issue(prodaccess, folder):
    """Kills a request where all was issued and nothing is stored yet, as a crash would: at its first
    output to disk or keyring after the last record of what was issued."""
    calls = ("write", "pwrite64", "writev", "pwritev", "add_key", "sendto", "sendmsg")
    request = prodaccess.argv("request", "--role", ROLE)

    def run(*options):
        return subprocess.run(["strace", "-f", "-qq", "-y", "-s", "2000", *options, *request], timeout=120,
                              env=prodaccess.environment, cwd=prodaccess.home, capture_output=True,
                              text=True, start_new_session=True)

    # The first request of a home makes its ledger too: the second is like the third.
    prodaccess.run("request", "--role", ROLE)
    prodaccess.run("revoke", "--all", status=None)
    trace = folder / "trace"
    traced = run("-o", str(trace), "-e", "trace=" + ",".join(calls))
    assert traced.returncode == 0, traced.stderr
    prodaccess.run("revoke", "--all", status=None)
    counts = dict.fromkeys(calls, 0)
    issued = False
    following = None
    for line in trace.read_text().splitlines():
        call = line.split(None, 1)[1].split("(", 1)[0]
        if call not in counts:
            continue
        counts[call] += 1
        if r'\"kind\":\"issued\"' in line:
            issued, following = True, None
        elif "<TCP:" in line or "<socket:" in line:
            following = None  # some handles are recorded before the far end is asked
        elif issued and not following:
            following = (call, counts[call])
    assert following, "no record of what was issued, or nothing after it"
    call, number = following
    killed = run("-o", "/dev/null", "-e", f"inject={call}:signal=SIGKILL:when={number}")
    assert killed.returncode != 0, "it was killed"
    kinds = [record["kind"] for record in json.loads(prodaccess.run("audit", "show", "--json").stdout)]
    assert kinds[-1] == "issued", kinds


class ProviderConformance:
    """Issue, expiry, renew, revoke, crash, wrong credentials, 64 in parallel."""

    def test_issue_gives_a_working_secret_on_record_before_it_is_used(self, subject):
        before = subject.issued()
        grant = subject.request("--ttl", "20m")["grant"]
        secret = subject.secret()
        assert secret and subject.alive(secret)
        if subject.living:
            assert len(subject.issued() - before) >= 1
        kinds = [record["kind"] for record in subject.records() if record["grant"] == grant["id"]]
        assert kinds.index("intent") < kinds.index("issued") < kinds.index("stored")
        handles = [record["data"]["handle"] for record in subject.records("issued")]
        assert all(handles) and secret not in " ".join(handles)
        assert subject.files_with(secret) == []
        assert secret not in subject.prodaccess.run("status", "--json").stdout
        subject.prodaccess.run("revoke", "--all", status=None)

    def test_one_shot_keeps_nothing(self, subject):
        before = subject.issued()
        secret = subject.secret("--once")
        assert secret and subject.files_with(secret) == []
        assert subject.issued() == before
        if subject.revocable:
            assert subject.dead(secret)
        assert subject.prodaccess.json("status", "--json")["grants"] == []

    def test_the_end_of_the_grant_is_the_end_of_the_secret(self, subject):
        seconds = subject.ends_in or 2
        subject.request("--ttl", f"{seconds}s")
        # In its last moment the grant still lives and the credential does not: another refusal.
        wait_until(lambda: re.search("has expired|no active grant", self.refusal(subject) or ""),
                   seconds=seconds + 30)
        if subject.ends_in is None:
            return
        before = subject.issued()
        shown = subject.prodaccess.run("exec", "--once", "--ttl", f"{seconds}s", "--role", ROLE, "--",
                                       "sh", "-c", "printenv SUBJECT_SECRET; kill -9 $PPID",
                                       status=None)
        secret = shown.stdout.strip()
        assert secret, shown.stderr
        assert subject.dead(secret), "also where nobody was left to revoke it"
        wait_until(lambda: subject.issued() <= before)

    @staticmethod
    def refusal(subject):
        result = subject.prodaccess.run("exec", "--role", ROLE, "--", "true", status=None)
        return result.stderr if result.returncode == 125 else None

    def test_renew_gives_a_longer_life_and_leaves_no_orphan(self, subject):
        before = subject.issued()
        subject.request("--ttl", "15m")
        longer = subject.prodaccess.json("renew", "--ttl", "45m", "--json", ROLE)["grant"]
        assert longer["seconds_left"] > 2600
        secret = subject.secret()
        assert subject.alive(secret)
        subject.prodaccess.run("revoke", "--all", status=0 if subject.revocable else None)
        if subject.revocable:
            assert subject.dead(secret)
            wait_until(lambda: subject.issued() <= before)

    def test_revoke_ends_it_at_the_far_end_and_twice_is_no_failure(self, subject):
        before = subject.issued()
        grant = subject.request()["grant"]
        secret = subject.secret()
        report = subject.prodaccess.json("revoke", "--json", grant["id"], status=None)
        outcome = report["revoked"][0]["provider"]
        assert outcome["state"] == ("revoked" if subject.revocable else "not_revocable"), report
        assert self.refusal(subject)
        if subject.revocable:
            assert subject.dead(secret)
            wait_until(lambda: subject.issued() <= before)
        else:
            assert outcome["alive_until"] or "stays" in outcome["detail"], report
        assert secret not in json.dumps(report)
        again = subject.prodaccess.run("revoke", grant["id"], status=None)
        assert again.returncode in (0, 5), again.stderr

    def test_a_crash_between_issue_and_store_leaves_no_orphan(self, subject, tmp_path):
        if not can_inject():
            pytest.skip("strace cannot inject faults here")
        if not subject.living:
            pytest.skip("the far end keeps no account of what it issued")
        before = subject.issued()
        kill_after_issue(subject.prodaccess, tmp_path)
        assert subject.issued() - before, "the crash left something behind (else this proves nothing)"
        subject.request()
        subject.prodaccess.run("revoke", "--all")
        wait_until(lambda: subject.issued() <= before, seconds=30 + subject.lag)

    def test_wrong_credentials_are_one_clear_line(self, subject):
        if not subject.spoil:
            pytest.skip("this provider has no credentials of its own")
        before = subject.issued()
        subject.spoil()
        result = subject.prodaccess.run("request", "--role", ROLE, status=1)
        assert "WRONG" not in result.stderr + result.stdout
        one_clear_line(result)
        assert subject.issued() == before
        assert subject.prodaccess.json("status", "--json")["grants"] == []
        assert subject.records("failed")

    def test_64_in_parallel_are_one_issue(self, subject):
        subject.request("--ttl", "20m")
        before = subject.issued()
        children = [subject.prodaccess.start("exec", "--role", ROLE, "--", "printenv", "SUBJECT_SECRET")
                    for _ in range(64)]
        secrets = set()
        for child in children:
            out, err = child.communicate(timeout=180)
            assert child.returncode == 0, err
            secrets.add(out)
        assert len(secrets) == 1
        # A role with tiers fetches the wide one once, for all of them.
        assert len(subject.records("issued")) <= 2 * self.records_an_issue(subject)
        assert subject.issued() - before == set() or len(subject.records("issued")) > 1
        subject.prodaccess.run("revoke", "--all", status=None)

    @staticmethod
    def records_an_issue(subject):
        """How many handles the first issue of this home recorded."""
        first = subject.records("issued")[0]["session"]
        return len([record for record in subject.records("issued") if record["session"] == first])

    def test_64_requests_in_parallel_are_one_issue(self, subject):
        children = [subject.prodaccess.start("request", "--role", ROLE, "--json") for _ in range(64)]
        grants = set()
        for child in children:
            out, err = child.communicate(timeout=180)
            assert child.returncode == 0, err
            grants.add(json.loads(out)["grant"]["id"])
        assert len(grants) == 1
        assert {record["grant"] for record in subject.records("issued")} == grants
        subject.prodaccess.run("revoke", "--all", status=None)


class HttpProviderConformance(ProviderConformance):
    """The same, and a server that means no good."""

    @pytest.mark.parametrize("manner", HostileServer.MANNERS)
    def test_a_hostile_server_gets_nothing_and_breaks_nothing(self, subject, manner):
        with HostileServer(manner, subject.tls) as hostile:
            line = self.refused(subject, hostile)
            assert hostile.asked, "it was asked (else this proves nothing)"
            assert not hostile.elsewhere, "no redirect was followed"
        assert "CANARY" not in line, "what a server says beside an error is not repeated"

    @pytest.mark.parametrize("manner", HostileServer.TLS_MANNERS)
    def test_nothing_is_said_to_a_server_that_cannot_show_who_it_is(self, subject, manner, tmp_path):
        with HostileServer(manner, unknown_certificate(tmp_path)) as hostile:
            line = self.refused(subject, hostile)
            assert hostile.server.connections, "somebody came (else this proves nothing)"
            assert not hostile.asked
        assert re.search("certificate|SSL|TLS", line), line

    @staticmethod
    def refused(subject, hostile):
        subject.point_at(hostile.address)
        result = subject.prodaccess.run("request", "--role", ROLE, status=1, timeout=150)
        assert subject.prodaccess.json("status", "--json")["grants"] == []
        return one_clear_line(result)
