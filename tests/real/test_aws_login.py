"""`prodaccess login` at a strict IAM Identity Center, and roles whose base identity is that login."""

import json
import re

import pytest

from conftest import wait_until
from exec_fixtures import ALLOW_ALL
from fake_aws_services import FakeAwsServices
from fake_identity_center import FakeIdentityCenter

CONFIG = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.ops]
provider = "aws"
ttl_max = "2h"
hand_out = true
[roles.ops.aws]
account = "111122223333"
region = "eu-west-1"
endpoint = "STS"
sso = { start_url = "https://corp.awsapps.com/start", region = "eu-west-1", role = "ops" }
endpoints = { sso_oidc = "SSO", sso_portal = "SSO", ecr = "STS", federation = "STS", iam = "STS" }
"""


@pytest.fixture
def center():
    fake = FakeIdentityCenter()
    yield fake
    fake.stop()


@pytest.fixture
def services(center):
    fake = FakeAwsServices()
    fake.keys = SharedKeys(fake.keys, center.keys)
    fake.arn_of = lambda key: (
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ops_0123456789abcdef/ana@example.com"
        if key in center.keys else f"arn:aws:iam::111122223333:user/{key}")
    yield fake
    fake.stop()


class SharedKeys(dict):
    """The services' keys, and those that the portal gives out."""

    def __init__(self, own, more):
        super().__init__(own)
        self.more = more

    def __contains__(self, key):
        return dict.__contains__(self, key) or key in self.more

    def __missing__(self, key):
        return self.more[key]


@pytest.fixture
def ops(prodaccess, center, services):
    return prodaccess.configure(
        CONFIG.replace("SSO", center.url).replace("STS", services.url)).policy(ALLOW_ALL)


def log_in(prodaccess, center):
    center.auto_confirm = True
    return prodaccess.json("login", "--json")


def everything_left(prodaccess):
    parts = [path.read_bytes() for path in prodaccess.home.rglob("*")
             if path.is_file() and path.name != "store"]
    return b"\n".join(parts)


def test_a_person_confirms_in_the_browser(ops, center):
    process = ops.start("login", "corp")
    wait_until(lambda: len(center.calls("/token")) >= 2)
    center.confirm()
    out, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    device_page = re.search(r"open +(https://\S+)", told)[1]
    assert re.search(r"code ([0-9A-F]{4}-[0-9A-F]{4})", told)[1] in device_page
    assert "signed in" in out
    registered = center.calls("/client/register")[0]
    assert registered["clientType"] == "public" and registered["scopes"] == ["sso:account:access"]
    assert ops.json("login", "--list", "--json")["logins"][0]["signed_in"]
    # No token is anywhere but in the sealed store, and nothing went to ~/.aws.
    left = everything_left(ops)
    for token in [*center.tokens, *center.refresh]:
        assert token.encode() not in left and token not in out + told
    assert not (ops.home / ".aws").exists()


def test_slow_down_is_obeyed(ops, center):
    center.interval = 2
    process = ops.start("login")
    wait_until(lambda: center.calls("/token"))
    center.confirm()
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("state, words", [("denied", "refused in the browser"),
                                          ("expired", "nobody confirmed the code in time")])
def test_a_login_that_is_not_confirmed(ops, center, state, words):
    process = ops.start("login")
    wait_until(lambda: center.devices)
    center.confirm(state)
    out, told = process.communicate(timeout=60)
    assert process.returncode != 0 and words in told
    assert "\x1b" not in told and not center.tokens
    assert not ops.json("login", "--list", "--json")["logins"][0]["signed_in"]


def test_the_login_is_the_base_identity(ops, center):
    refused = ops.run("request", "--role", "ops", status=1).stderr
    assert "not signed in at https://corp.awsapps.com/start" in refused
    assert "prodaccess login corp" in refused
    log_in(ops, center)
    ops.run("request", "--role", "ops")
    keys = ops.json("creds", "--format", "aws-credential-process")
    assert (keys["SecretAccessKey"], keys["SessionToken"]) == center.keys[keys["AccessKeyId"]]
    assert keys["AccountId"] == "111122223333"


def test_a_token_is_refreshed_and_the_new_refresh_token_kept(ops, center):
    center.token_life = 200  # nearer its end than what is left over for a call
    log_in(ops, center)
    for number in (2, 3):
        ops.run("exec", "--once", "--role", "ops", "--", "true")
        assert len(center.tokens) == number
    center.refuse_refresh = True
    ops.run("exec", "--once", "--role", "ops", "--", "true")  # the last one lives still
    for token in center.tokens:
        center.tokens[token] = 0
    refused = ops.run("exec", "--once", "--role", "ops", "--", "true", status=125).stderr
    assert "prodaccess login corp" in refused


def test_many_commands_at_once_refresh_once(ops, center):
    center.token_life = 200
    log_in(ops, center)
    center.token_life = 3600
    ops.run("login", "--list")
    before = len(center.calls("/token"))
    runs = [ops.start("exec", "--once", "--role", "ops", "--", "true") for _ in range(8)]
    for run in runs:
        assert run.wait(timeout=120) == 0, run.communicate()
    assert len(center.calls("/token")) - before == 1


def test_logging_out_ends_the_token_there(ops, center):
    log_in(ops, center)
    assert ops.json("logout", "--json")["logouts"] == [{"login": "corp", "was_signed_in": True}]
    assert not center.tokens
    assert not ops.json("login", "--list", "--json")["logins"][0]["signed_in"]
    assert "was not signed in" in ops.run("logout", "ops").stdout


def test_profiles_lead_to_their_session(prodaccess, center, services):
    config = CONFIG.replace('sso = { start_url = "https://corp.awsapps.com/start", '
                            'region = "eu-west-1", role = "ops" }', 'profile = "work"')
    prodaccess.configure(config.replace("SSO", center.url).replace("STS", services.url))
    prodaccess.policy(ALLOW_ALL)
    (prodaccess.home / ".aws").mkdir(mode=0o700)
    (prodaccess.home / ".aws/config").write_text("""
[sso-session company]
sso_start_url = https://company.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile work]
sso_session = company
sso_account_id = 111122223333
sso_role_name = ops
""")
    (prodaccess.home / ".aws/config").chmod(0o600)
    center.auto_confirm = True
    assert prodaccess.json("login", "company", "--json")["place"] == \
        "https://company.awsapps.com/start"
    prodaccess.run("exec", "--once", "--role", "ops", "--", "true")
    assert len(center.keys) == 1


def test_accounts_and_roles_are_listed(ops, center):
    log_in(ops, center)
    listed = ops.json("aws", "sso-roles", "--json")
    assert listed["accounts"] == [
        {"account": "111122223333", "name": "production", "roles": ["ops", "viewer"]},
        {"account": "444455556666", "name": "staging", "roles": ["ops"]}]
    assert "production" in ops.run("aws", "sso-roles", "corp").stdout


@pytest.mark.parametrize("mangle", [
    lambda path, text: b"{" * 100000,
    lambda path, text: text[:-1],
    lambda path, text: b"x" * (2 << 20),
    lambda path, text: b"[]",
    lambda path, text: text.replace(b"https://device", b"http://device").replace(
        b"expiresIn\": 3600", b"expiresIn\": -1"),
], ids=["deep", "cut", "huge", "list", "plain-page"])
def test_a_hostile_service_leaves_nothing(ops, center, mangle):
    center.auto_confirm = True
    center.mangle = mangle
    result = ops.run("login", status=1)
    assert "error:" in result.stderr
    center.mangle = None
    assert not ops.json("login", "--list", "--json")["logins"][0]["signed_in"]


def test_the_ledger_tells_of_logins(ops, center):
    log_in(ops, center)
    assert re.search(r"intent +login", ops.run("audit", "show").stdout)
    records = json.loads(ops.run("audit", "show", "--json").stdout)
    logins = [record for record in records if record["data"].get("action") == "login"]
    assert [record["kind"] for record in logins] == ["intent", "ended"]
    assert {record["data"]["login"] for record in logins} == {"corp"}
