"""The AWS provider against a strict fake STS: parameters, tiers and limits."""

import json
import re

import pytest

from aws_site import MFA, READ_ONLY, TIERS, site, sts  # noqa: F401
from conftest import ROOT
from fake_sts import ACCOUNT
from moto_server import write_credentials


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
