"""The AWS provider against a strict fake STS: parameters, tiers, limits, codes, crowds, bad servers."""

import json
import os
import re
import signal
import socket
import time

import pytest

from conftest import ROOT, wait_until
from exec_fixtures import ALLOW_ALL
from fake_sts import ACCOUNT, FakeSts
from moto_server import write_credentials

pytest.importorskip("botocore", reason="the Python package botocore is not installed")

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
MFA = f"arn:aws:iam::{ACCOUNT}:mfa/ana"

ROLE = """
[roles.NAME]
provider = "aws"
ttl_default = "30m"
ttl_max = "12h"
GENERAL
[roles.NAME.aws]
role_arn = "arn:aws:iam::123456789012:role/NAME"
region = "eu-west-1"
endpoint = "ADDRESS"
session_name = "ana"
profile = "ana"
"""

TIERS = f'tiers.read = {{ policy_arns = ["{READ_ONLY}"] }}\n'


@pytest.fixture
def sts():
    server = FakeSts()
    yield server
    server.stop()


class Site:
    """A person's configuration of roles at the fake."""

    def __init__(self, prodaccess, sts):
        self.prodaccess, self.sts = prodaccess, sts
        write_credentials(prodaccess.home, f"""[ana]
aws_access_key_id = {sts.user.id}
aws_secret_access_key = {sts.user.secret}
""")
        self.text = f"""
[stores]
durable = "file"
passphrase_from = "key-file:{prodaccess.home}/store.key"
"""
        prodaccess.policy(ALLOW_ALL)

    def role(self, name="ops", aws="", general="", **replace):
        text = ROLE.replace("NAME", name).replace("ADDRESS", self.sts.address).replace("GENERAL", general)
        for old, new in replace.items():
            text = text.replace(f"{old} = ", f"{new}\n# ")
        self.text += text + aws + "\n"
        self.prodaccess.configure(self.text)
        return self

    def once(self, *words, role="ops", status=0, **changes):
        return self.prodaccess.run("exec", "--once", "--role", role, "--", *(words or ("true",)),
                                   status=status, **changes)

    def request(self, role="ops", *words, status=0, **changes):
        return self.prodaccess.run("request", "--role", role, *words, status=status, **changes)

    def grants(self):
        return self.prodaccess.json("status", "--json")["grants"]

    def fake_aws(self):
        """A command named `aws` that prints whose key it has."""
        folder = self.prodaccess.home / "bin"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / "aws"
        path.write_text('#!/bin/sh\necho "$AWS_ACCESS_KEY_ID"\n')
        path.chmod(0o700)
        self.prodaccess.environment["PATH"] = f"{folder}:{self.prodaccess.environment['PATH']}"
        return self


@pytest.fixture
def site(prodaccess, sts):
    return Site(prodaccess, sts)


def policy_of(fields):
    return [value for name, value in sorted(fields.items()) if name.startswith("PolicyArns")]


# What is sent.


def test_the_words_of_a_session_come_from_the_person_and_the_request(site, sts):
    site.role(aws="""
source_identity = "{person}"
external_id = "E-42"
policy_arns = ["arn:aws:iam::123456789012:policy/fence"]
policy = '''{"Version": "2012-10-17", "Statement": []}'''
transitive_tags = ["Ticket"]
[roles.ops.aws.tags]
Reason = "{reason}"
Ticket = "{ticket}"
Team = "shop floor"
""", session_name='session_name = "{person}-{role}"')
    person = site.prodaccess.run("exec", "--once", "--role", "ops", "--reason", "fix <it>; now, füße",
                                 "--ticket", "INC-7", "--", "sh", "-c", "echo $AWS_SESSION_TOKEN").stdout
    [sent] = sts.made("AssumeRole")
    assert sent["RoleSessionName"].endswith("-ops") and sent["SourceIdentity"] + "-ops" == sent["RoleSessionName"]
    assert sent["ExternalId"] == "E-42"
    assert json.loads(sent["Policy"]) == {"Version": "2012-10-17", "Statement": []}
    assert policy_of(sent) == ["arn:aws:iam::123456789012:policy/fence"]
    tags = {sent[f"Tags.member.{n}.Key"]: sent[f"Tags.member.{n}.Value"] for n in (1, 2, 3)}
    assert tags == {"Reason": "fix _it__ now_ füße", "Ticket": "INC-7", "Team": "shop floor"}
    assert sent["TransitiveTagKeys.member.1"] == "Ticket"
    assert 900 <= int(sent["DurationSeconds"]) <= 1800
    assert person.strip() in {key.token for key in sts.keys.values()}


def test_an_empty_ticket_is_no_tag(site, sts):
    site.role(aws='tags = { Ticket = "{ticket}" }\ntransitive_tags = ["Ticket"]').once()
    assert not [name for name in sts.made("AssumeRole")[0] if "Tag" in name]


def test_the_rest_of_a_short_grant_is_a_quarter_of_an_hour_at_least(site, sts):
    site.role()
    site.prodaccess.run("exec", "--once", "--role", "ops", "--ttl", "1m", "--", "true")
    assert sts.made("AssumeRole")[0]["DurationSeconds"] == "900"


def test_a_long_role_gives_what_duration_allows(site, sts):
    site.role("long", 'duration = "8h"')
    site.prodaccess.run("exec", "--once", "--role", "long", "--ttl", "6h", "--", "true")
    assert sts.made("AssumeRole")[0]["DurationSeconds"] == str(6 * 3600)


# What is narrowed.


def test_each_command_gets_the_session_policy_of_its_tier(site, sts):
    site.role(aws=TIERS).fake_aws()
    run = lambda *words: site.prodaccess.run("exec", "--role", "ops", "--", *words).stdout.strip()
    site.request()
    sent = lambda: [policy_of(fields) for fields in sts.made("AssumeRole")]
    assert sent() == [[READ_ONLY]], "a grant begins narrow"
    first = run("aws", "s3", "ls")
    assert run("aws", "ec2", "describe-instances") == first and sent() == [[READ_ONLY]], "reads share one"
    wide = run("aws", "s3", "mb", "s3://new")
    assert sent() == [[READ_ONLY], []] and wide != first
    assert run("aws", "ec2", "run-instances", "--image-id", "ami-1") not in (wide, first)
    assert sent() == [[READ_ONLY], [], []], "a wide one is kept nowhere"
    assert run("aws", "s3", "ls") == first


def test_an_opaque_command_of_a_role_that_reads_is_fenced_by_sts(site, sts):
    site.role(aws=TIERS, general='effects = ["read"]\nnarrowed = "read"').fake_aws()
    report = site.prodaccess.home / "bin/report"
    report.write_text("#!/bin/sh\n")
    report.chmod(0o700)
    site.once("report")
    assert [policy_of(fields) for fields in sts.made("AssumeRole")] == [[READ_ONLY]]
    site.once("aws", "s3", "mb", "s3://new", status=126)


def test_a_wide_session_is_no_longer_than_its_limit(site, sts):
    site.role("long", 'duration = "8h"\n' + TIERS, 'wide_ttl = "20m"').fake_aws()
    site.request("long", "--ttl", "6h")
    site.prodaccess.run("exec", "--role", "long", "--", "aws", "s3", "mb", "s3://new")
    assert [fields["DurationSeconds"] for fields in sts.made("AssumeRole")] == ["21600", "1200"]


def test_a_read_tier_may_be_a_role_of_its_own(site, sts):
    site.role(aws=f'tiers.read = {{ role_arn = "arn:aws:iam::{ACCOUNT}:role/deploy" }}').fake_aws()
    site.once("aws", "s3", "ls")
    assert sts.made("AssumeRole")[0]["RoleArn"].endswith("role/deploy")


def test_a_preview_that_needs_the_real_rights_gets_the_wide_session(site, sts):
    site.role(aws=TIERS).fake_aws()
    (site.prodaccess.config / "policy.d/50-test.toml").unlink()
    aws = site.prodaccess.home / "bin/aws"
    aws.write_text("#!/bin/sh\necho \"$AWS_ACCESS_KEY_ID\" >> $HOME/keys\n"
                   "echo 'An error occurred (DryRunOperation): would have succeeded' >&2\nexit 254\n")
    site.request()
    shown = site.prodaccess.run("exec", "--role", "ops", "--dry-run", "--",
                                "aws", "ec2", "terminate-instances", "--instance-ids", "i-1")
    assert "would succeed (DryRunOperation)" in shown.stdout
    assert [policy_of(fields) for fields in sts.made("AssumeRole")] == [[READ_ONLY], []]
    wide = sts.keys[(site.prodaccess.home / "keys").read_text().strip()]
    assert wide.kind == "role"
    site.prodaccess.run("exec", "--role", "ops", "--", "aws", "s3", "ls", status=254)
    assert len(sts.made("AssumeRole")) == 2


def test_without_a_role_the_base_becomes_a_session(site, sts):
    site.role(role_arn='account = "123456789012"')
    token = site.once("sh", "-c", "echo $AWS_SESSION_TOKEN").stdout.strip()
    assert [key.kind for key in sts.keys.values() if key.token == token] == ["session"]
    sts.account = "999999999999"
    assert "not of account 123456789012" in site.once(status=125).stderr


def test_the_token_that_a_role_is_issued_from_stays_out_of_the_child(site, sts):
    site.role(profile='token_variable = "CI_TOKEN"')
    shown = site.once("env", CI_TOKEN="good.token.x", CI_OTHER="kept").stdout
    assert "CI_OTHER=kept" in shown and "good.token.x" not in shown
    assert len(sts.made("AssumeRoleWithWebIdentity")) == 1


def test_the_manual_s_example_is_accepted(site, sts):
    page = (ROOT / "man/prodaccess-aws.7").read_text()
    text = page.split(".Bd -literal -offset indent\n")[1].split(".Ed")[0].replace("\\e", "\\")
    for old, new in (("111122223333", ACCOUNT), ("[roles.ops.aws]", f'[roles.ops.aws]\nendpoint = "{sts.address}"')):
        text = text.replace(old, new)
    site.text += text
    site.prodaccess.configure(site.text)
    assert {role["name"] for role in site.prodaccess.json("roles", "--json")["roles"]} == {
        "ops", "look", "deploy"}
    result = site.request("ops", "--reason", "disk full", "--ticket", "INC-7", status=3)
    assert "MFA code" in result.stderr


# Limits and refusals.


def test_the_hour_of_chained_roles_is_explained_before_the_call(site, sts):
    write_credentials(site.prodaccess.home, f"""[profile hop]
role_arn = arn:aws:iam::{ACCOUNT}:role/deploy
source_profile = ana
""", "config")
    site.role("long", 'duration = "8h"', profile='profile = "hop"')
    result = site.once(role="long", status=125)
    assert "is assumed by a role itself (profile hop): STS refuses sessions longer than 1h" in result.stderr
    assert [fields["RoleArn"].rpartition("/")[2] for fields in sts.made("AssumeRole")] == ["deploy"]


def test_a_chained_role_lasts_an_hour_without_a_word(site, sts):
    write_credentials(site.prodaccess.home, f"""[profile hop]
role_arn = arn:aws:iam::{ACCOUNT}:role/deploy
source_profile = ana
external_id = E-1
""", "config")
    site.role(profile='profile = "hop"')
    site.prodaccess.run("exec", "--once", "--role", "ops", "--ttl", "6h", "--", "true")
    hop, last = sts.made("AssumeRole")
    assert hop["ExternalId"] == "E-1" and last["DurationSeconds"] == "3600"


@pytest.mark.parametrize("role,aws,text", [
    ("closed", "", "not allowed (AccessDenied: User: arn:aws:iam::123456789012:user/ana is not authorized"),
    ("partner", "", "a wrong external_id looks the same"),
    ("guarded", "", "where the trust asks for MFA: mfa_serial"),
    ("ops", 'policy = "{}"', "the session policy is not a policy (MalformedPolicyDocument"),
    ("ops", 'duration = "12h"', "the role does not allow sessions of 12h"),
    ("ops", "policy_arns = [" + ",".join(['"arn:aws:iam::123456789012:policy/' + "x" * 400 + str(n) + '"'
                                          for n in range(6)]) + "]", "too large together"),
])
def test_a_refusal_is_one_line_and_what_to_do(site, role, aws, text):
    site.role(role, aws)
    result = site.prodaccess.run("exec", "--once", "--role", role, "--ttl", "12h", "--", "true", status=125)
    assert text in result.stderr
    assert len([line for line in result.stderr.splitlines() if "error:" in line]) == 1


@pytest.mark.parametrize("aws,text", [
    ('duration = "10m"', "'duration' is 15m to 12h"),
    ('account = "111111111111"', "'account' is not that of 'role_arn'"),
    ('transitive_tags = ["X"]', "'X' is not a key of 'tags'"),
    ('source_identity = "{nobody}"', "has no field {nobody}"),
    ('policy = "{"', "'policy' is not a JSON document"),
    ("tiers.read = {}", "the read tier needs policy_arns, policy or role_arn"),
    ('token_file = "/x"', "'base'"),
    ('mfa_command = ["code"]', "begins with an absolute path"),
    ('polcy = "x"', "policy"),
])
def test_a_wrong_parameter_names_its_line(site, aws, text):
    result = site.role(aws=aws).once(status=None)
    assert result.returncode in (2, 125) and text in result.stderr
    assert "config.toml:" in result.stderr


def test_throttling_is_waited_out_within_bounds(site, sts):
    site.role()
    sts.throttle = 2
    site.once()
    assert len(sts.made("AssumeRole")) == 3
    sts.throttle = 99
    result = site.once(status=125)
    assert "AWS is throttling (Throttling: Rate exceeded)" in result.stderr
    assert len(sts.made("AssumeRole")) == 7


def test_a_wrong_clock_is_measured_and_corrected(site, sts):
    site.role()
    sts.clock_offset = 1800.0
    site.once()
    assert len(sts.made("AssumeRole")) == 1, "a refused signature is no call yet"
    shown = site.prodaccess.json("request", "--json", "--role", "ops")
    assert re.search(r"clock is (29m|30m).* behind AWS's", " ".join(shown["grant"]["notes"]))


def test_a_session_of_another_account_is_not_kept(site, sts):
    site.role()
    sts.account = "999999999999"
    result = site.request(status=1)
    assert "in account 999999999999, not of" in result.stderr and "nothing was kept" in result.stderr
    assert site.grants() == []


def test_web_identity_tokens(site, sts):
    token = site.prodaccess.home / "token"
    site.role(profile=f'token_file = "{token}"')
    for text, words in (("good.token.x", None), ("expired.token.x", "the session or token that asks is over"),
                        ("other.token.x", "the identity token is not accepted")):
        token.write_text(text)
        result = site.once(status=125 if words else 0)
        assert (words or "") in result.stderr and text not in result.stderr


# Codes.


def with_mfa(site, **options):
    return site.role("guarded", f'mfa_serial = "{MFA}"\n' + TIERS, **options)


def test_a_code_from_a_command_serves_both_tiers_of_a_grant(site, sts):
    script = site.prodaccess.home / "code"
    script.write_text("#!/bin/sh\necho 246801\n")
    script.chmod(0o700)
    with_mfa(site, session_name=f'session_name = "ana"\nmfa_command = ["{script}"]').fake_aws()
    site.request("guarded")
    for words in (("s3", "ls"), ("s3", "mb", "s3://a"), ("s3", "mb", "s3://b")):
        site.prodaccess.run("exec", "--role", "guarded", "--", "aws", *words)
    assert len(sts.made("GetSessionToken")) == 1 and len(sts.made("AssumeRole")) == 3
    script.write_text("#!/bin/sh\necho 654321\n")
    result = site.once(role="guarded", status=125)
    assert "invalid MFA one time pass code" in result.stderr
    script.write_text("#!/bin/sh\necho none\n")
    assert "does not print a code of six digits" in site.once(role="guarded", status=125).stderr


def test_without_a_terminal_no_code_can_be_asked(site, sts):
    result = with_mfa(site).request("guarded", status=None)
    assert result.returncode != 0 and "needs a terminal" in result.stderr
    assert sts.calls == []


def test_a_code_is_typed_once_at_the_terminal(site, sts):
    with_mfa(site).fake_aws()
    session = site.prodaccess.person("request", "--role", "guarded")
    try:
        session.wait_for(lambda text: f"MFA code of {MFA}" in text)
        session.type("12345")
        session.wait_for(lambda text: "a code has six digits" in text)
        session.type("246801")
        assert session.exit_status() == 0
        assert "246801" not in session.screen()
    finally:
        session.close()
    site.prodaccess.run("exec", "--role", "guarded", "--", "aws", "s3", "mb", "s3://a")
    assert len(sts.made("GetSessionToken")) == 1 and len(sts.made("AssumeRole")) == 2


def test_who_waits_hears_where_the_code_is_asked(site, sts):
    with_mfa(site)
    session = site.prodaccess.person("request", "--role", "guarded")
    try:
        session.wait_for(lambda text: f"MFA code of {MFA}" in text)
        waiting = site.prodaccess.start("request", "--role", "guarded")
        line = waiting.stderr.readline()
        assert re.search(r"waiting for pid \d+ \(asks for MFA on pts/\d+\)", line), line
        session.type("246801")
        assert session.exit_status() == 0
        assert waiting.wait(60) == 0
        waiting.communicate()
    finally:
        session.close()
    assert len(sts.made("GetSessionToken")) == 1 and len(site.grants()) == 1


def test_a_source_that_is_temporary_takes_no_code(site, sts):
    with_mfa(site, profile='base = "environment"')
    result = site.once(role="guarded", status=125, AWS_ACCESS_KEY_ID=sts.user.id,
                       AWS_SECRET_ACCESS_KEY=sts.user.secret, AWS_SESSION_TOKEN="temporary")
    assert "an MFA code goes with long-term keys" in result.stderr


# Crowds.


def crowd(site, count, role):
    return [site.prodaccess.start("exec", "--role", role, "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID")
            for _ in range(count)]


def outputs(processes):
    results = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), results
    return {out.strip() for out, _ in results}


def expired_grant(site, sts, role="ops"):
    """A grant whose one credential has ended."""
    sts.lifetime = 4
    site.request(role)
    sts.lifetime = None
    end = time.time() + 5
    wait_until(lambda: time.time() > end)
    sts.calls.clear()


def test_sixty_four_at_once_make_one_call(site, sts):
    site.role()
    expired_grant(site, sts)
    assert len(outputs(crowd(site, 64, "ops"))) == 1
    assert len(sts.made("AssumeRole")) == 1


def test_a_fetcher_that_is_killed_is_followed_by_one_other(site, sts):
    site.role()
    expired_grant(site, sts)
    sts.delay.clear()
    first = crowd(site, 1, "ops")[0]
    wait_until(lambda: len(sts.made("AssumeRole")) == 1)
    others = crowd(site, 15, "ops")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: len(sts.made("AssumeRole")) == 2, 120)
    sts.delay.set()
    assert len(outputs(others)) == 1
    assert len(sts.made("AssumeRole")) == 2


def asking_script(site, code):
    """A program that prints a code, and notes that it was asked."""
    script = site.prodaccess.home / "code"
    script.write_text(f"#!/bin/sh\necho asked >> $HOME/asked\necho {code}\n")
    script.chmod(0o700)
    return script


def test_a_crowd_with_a_code_asks_once(site, sts):
    script = asking_script(site, "246801")
    with_mfa(site, session_name=f'session_name = "ana"\nmfa_command = ["{script}"]').fake_aws()
    starts = [site.prodaccess.start("request", "--role", "guarded") for _ in range(8)]
    assert [process.wait(120) for process in starts] == [0] * 8
    assert len(site.grants()) == 1 and len(sts.made("GetSessionToken")) == 1
    wide = [site.prodaccess.start("exec", "--role", "guarded", "--", "aws", "s3", "mb", "s3://a")
            for _ in range(16)]
    assert len(outputs(wide)) == 16, "each has a session of its own"
    assert len(sts.made("GetSessionToken")) == 1
    assert (site.prodaccess.home / "asked").read_text() == "asked\n"


def test_a_crowd_whose_base_session_has_ended_asks_once(site, sts):
    script = asking_script(site, "246801")
    with_mfa(site, session_name=f'session_name = "ana"\nmfa_command = ["{script}"]').fake_aws()
    sts.base_lifetime = 4
    site.request("guarded")
    sts.base_lifetime = None
    end = time.time() + 5
    wait_until(lambda: time.time() > end)
    asking_script(site, "975310")
    wide = [site.prodaccess.start("exec", "--role", "guarded", "--", "aws", "s3", "mb", "s3://a")
            for _ in range(16)]
    assert len(outputs(wide)) == 16
    assert len(sts.made("GetSessionToken")) == 2
    assert (site.prodaccess.home / "asked").read_text() == "asked\n" * 2


# Servers that mean no good.


def endless(handler, fields):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"<x>" * 100_000)
    except OSError:
        handler.close_connection = True


def slow(handler, fields):
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.2)
    except OSError:
        handler.close_connection = True


def text(body, status=200, **headers):
    return lambda handler, fields: FakeSts.send(handler, status, body, **headers)


def edited(change):
    def reply(handler, fields):
        sts = handler.server.owner
        body = (f'<AssumeRoleResponse xmlns="x"><AssumeRoleResult>'
                f"{sts.role_reply(fields, 3600)}</AssumeRoleResult></AssumeRoleResponse>")
        FakeSts.send(handler, 200, change(body))
    return reply


BAD = {
    "redirect": (text("", 302, Location="http://127.0.0.1:1/"), "a redirect (HTTP 302), which is never followed"),
    "html": (text("<html><body>Sign in</body></html>"), "is <html>, not <AssumeRoleResponse>"),
    "no-xml": (text("surprise"), "it is not XML"),
    "empty": (text(""), "cannot be used"),
    "proxy": (text("<html>Forbidden</html>", 403), "the reply is not of AWS (HTTP 403)"),
    "endless": (endless, "the reply is larger than 1 MiB"),
    "slow": (slow, "imeout"),
    "doctype": (edited(lambda body: '<!DOCTYPE a [<!ENTITY x "y">]>' + body), "it has a document type"),
    "deep": (text("<a>" * 5000 + "</a>" * 5000), "it nests too deep"),
    "twice": (edited(lambda body: body.replace("<Credentials>", "<Credentials><AccessKeyId>ASIAX</AccessKeyId>")),
              "it has <AccessKeyId> twice"),
    "no-token": (edited(lambda body: body.replace("SessionToken", "Other")), "it has no <"),
    "control": (edited(lambda body: body.replace("<SecretAccessKey>", "<SecretAccessKey>a&#10;b")),
                "<SecretAccessKey>"),
    "expired": (edited(lambda body: body.replace("<Expiration>2", "<Expiration>1")), "it has expired already"),
    "other-role": (edited(lambda body: body.replace("assumed-role/ops", "assumed-role/admin")),
                   "STS gave a session of"),
    "not-utf8": (edited(lambda body: body.encode() + b"<!-- \xff -->"), "it is not UTF-8"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_reply_is_said_and_nothing_is_kept(site, sts, kind):
    reply, words = BAD[kind]
    sts.server.owner = sts
    sts.instead["AssumeRole"] = reply
    site.role()
    result = site.request(status=1, timeout=120)
    assert words in result.stderr, result.stderr
    assert site.grants() == []
    secrets = [text for key in sts.keys.values() for text in (key.secret, key.token) if text]
    assert not any(text in result.stderr for text in secrets)
    sts.instead.clear()
    site.request()  # the control: the same with a good server


def test_nobody_there(site, sts):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site.role(endpoint=f'endpoint = "http://127.0.0.1:{port}"')
    assert "connect" in site.once(status=125).stderr.lower()


def test_plain_http_goes_to_this_machine_only(site):
    result = site.role(endpoint='endpoint = "http://sts.example.com"').once(status=None)
    assert result.returncode != 0 and "must be https" in result.stderr
