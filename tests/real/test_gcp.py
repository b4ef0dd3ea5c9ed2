"""The GCP provider against a strict fake of Google's token services; google-auth and gcloud as clients."""

import base64
import json
import subprocess
import sys

import pytest

from conftest import ROOT, need
from exec_fixtures import ALLOW_ALL
from provider_conformance import HttpProviderConformance, Subject
from fake_google import CLOUD_PLATFORM, EMAIL, POOL, TYPE, AWS_TYPE, FakeGoogle, basic_claims, new_key

DEPLOY = "deploy@acme.iam.gserviceaccount.com"
READER = "reader@acme.iam.gserviceaccount.com"
ROBOT = "robot@acme.iam.gserviceaccount.com"
CHAIN = "chain@acme.iam.gserviceaccount.com"

CONFIG = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.NAME]
provider = "gcp"
ttl_default = "30m"
ttl_max = "20h"
ROLE
[roles.NAME.gcp]
endpoints = { oauth2 = "ORIGIN", sts = "ORIGIN", iam = "ORIGIN", iam_credentials = "ORIGIN", metadata = "ORIGIN" }
GCP
"""


@pytest.fixture
def google():
    server = FakeGoogle()
    yield server
    server.stop()


class Cloud:
    def __init__(self, prodaccess, google):
        self.prodaccess, self.google = prodaccess, google

    def file(self, content, name="credentials.json", mode=0o600):
        path = self.prodaccess.home / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        path.chmod(mode)
        return path

    def role(self, gcp, role="", name="cloud", origin=None):
        text = CONFIG.replace("NAME", name).replace("ROLE", role).replace("GCP", gcp)
        text = text.replace("ORIGIN", origin or self.google.origin)
        self.prodaccess.configure(text).policy(ALLOW_ALL)
        return self

    def key(self, account=ROBOT, gcp="", role="", **options):
        """A role whose base identity is a service account key."""
        self.file(self.google.add_key(account))
        return self.role(f'credentials = "{self.prodaccess.home}/credentials.json"\n' + gcp, role, **options)

    def exec(self, *command, status=0, **options):
        return self.prodaccess.run("exec", "--once", "--role", "cloud", "--", *command, status=status, **options)

    def variables(self, **options):
        """The environment of a child."""
        return dict(line.split("=", 1) for line in self.exec("env", **options).stdout.splitlines() if "=" in line)

    def token(self, name="CLOUDSDK_AUTH_ACCESS_TOKEN", **options):
        return self.variables(**options)[name]

    def refused(self, **options):
        return self.exec("true", status=125, **options).stderr


@pytest.fixture
def cloud(prodaccess, google):
    return Cloud(prodaccess, google)


def nothing_left(cloud, *secrets):
    """No file of the home folder, but those that the test wrote, holds one of the secrets."""
    for path in cloud.prodaccess.home.rglob("*"):
        if not path.is_file() or path.name == "credentials.json":
            continue
        content = path.read_bytes()
        for secret in secrets:
            for form in (secret.encode(), base64.b64encode(secret.encode())):
                assert form not in content, path


# Base identities.


def test_a_key_impersonates_the_account_for_as_long_as_the_grant(cloud):
    cloud.key(gcp=f'service_account = "{DEPLOY}"\nproject = "acme-prod"')
    cloud.google.may[ROBOT] = {DEPLOY}
    variables = cloud.variables()
    token = cloud.google.who(variables["CLOUDSDK_AUTH_ACCESS_TOKEN"])
    assert token["email"] == DEPLOY and set(token["scope"]) == {CLOUD_PLATFORM, EMAIL}
    asked = cloud.google.calls(":generateAccessToken")[0]
    assert 1790 <= int(asked["lifetime"].removesuffix("s")) <= 1800
    assert variables["GOOGLE_OAUTH_ACCESS_TOKEN"] == variables["CLOUDSDK_AUTH_ACCESS_TOKEN"]
    assert variables["CLOUDSDK_CORE_PROJECT"] == variables["GOOGLE_CLOUD_PROJECT"] == "acme-prod"
    nothing_left(cloud, variables["CLOUDSDK_AUTH_ACCESS_TOKEN"])


RIVALS = {"/rival", "/rival.json", "evil:80", "rival", "rival@example.com"}


def test_stale_and_rival_variables_are_gone(cloud):
    cloud.key()
    variables = cloud.variables(GOOGLE_APPLICATION_CREDENTIALS="/rival.json", GCE_METADATA_HOST="evil:80",
                                CLOUDSDK_AUTH_ACCESS_TOKEN_FILE="/rival", GOOGLE_CLOUD_PROJECT="rival",
                                CLOUDSDK_CORE_ACCOUNT="rival@example.com", GCLOUD_PROJECT="rival",
                                CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT="rival@example.com")
    assert not [name for name, value in variables.items() if value in RIVALS]


def test_a_key_can_speak_for_itself(cloud):
    token = cloud.key(gcp=f'scopes = ["devstorage.read_only"]').token()
    known = cloud.google.who(token)
    assert known["email"] == ROBOT
    assert set(known["scope"]) == {"https://www.googleapis.com/auth/devstorage.read_only", EMAIL}


def test_a_wrong_key_is_said_to_be_one(cloud):
    content = cloud.google.add_key(ROBOT)
    content["private_key"] = new_key()[1]
    cloud.file(content)
    cloud.role(f'credentials = "{cloud.prodaccess.home}/credentials.json"')
    error = cloud.refused()
    assert "Invalid JWT Signature" in error and "deleted, or belongs to another account" in error
    assert cloud.google.tokens == {}


@pytest.mark.parametrize("pem", ["garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_broken_key_is_named_not_quoted(cloud, pem):
    cloud.file({**cloud.google.add_key(ROBOT), "private_key": pem})
    error = cloud.role(f'credentials = "{cloud.prodaccess.home}/credentials.json"').refused()
    assert f"the key of {ROBOT}" in error and "AAAA" not in error and cloud.google.log == []


def test_a_key_that_others_can_read_is_refused(cloud):
    cloud.key()
    (cloud.prodaccess.home / "credentials.json").chmod(0o644)
    assert "chmod" in cloud.refused() and cloud.google.log == []


def test_a_clock_that_is_off_is_said_to_be(cloud):
    cloud.google.clock_offset = 7200
    error = cloud.key().refused()
    assert "short-lived token" in error and "clock is 2h behind Google's" in error.replace("1h59m59s", "2h")


def test_a_login_of_a_user(cloud):
    cloud.file(cloud.google.add_login("ana@example.com"))
    cloud.role(f'credentials = "{cloud.prodaccess.home}/credentials.json"\naccount = "ana@example.com"')
    assert cloud.google.who(cloud.token())["email"] == "ana@example.com"
    assert len(cloud.google.logins) == 1, "the end of the command does not end the login"


def test_the_application_default_login(cloud):
    folder = cloud.prodaccess.home / ".config/gcloud"
    folder.mkdir(mode=0o700)
    cloud.file(cloud.google.add_login("ana@example.com"), ".config/gcloud/application_default_credentials.json")
    cloud.role(f'auth = "application-default"\nservice_account = "{DEPLOY}"\nquota_project = "acme-billing"')
    cloud.google.may["ana@example.com"] = {DEPLOY}
    variables = cloud.variables()
    assert cloud.google.who(variables["CLOUDSDK_AUTH_ACCESS_TOKEN"])["email"] == DEPLOY
    assert variables["GOOGLE_CLOUD_QUOTA_PROJECT"] == variables["CLOUDSDK_BILLING_QUOTA_PROJECT"] == "acme-billing"


def test_a_login_that_has_ended_says_what_to_do(cloud):
    cloud.file(cloud.google.add_login("ana@example.com"))
    cloud.google.logins.clear()
    error = cloud.role(f'credentials = "{cloud.prodaccess.home}/credentials.json"').refused()
    assert "expired or revoked" in error and "gcloud auth application-default login" in error


def test_the_metadata_server(cloud):
    cloud.role('auth = "metadata"')
    assert "404" in cloud.refused(), "a machine without a service account"
    cloud.google.machine = ROBOT
    assert cloud.google.who(cloud.token())["email"] == ROBOT


def test_what_is_no_metadata_server_is_not_believed(cloud):
    cloud.role('auth = "metadata"')
    cloud.google.hostile = lambda path: (200, {}, ROBOT)
    assert "not Google's metadata server" in cloud.refused()


# Federation.


def federation(cloud, source, account=None, **changes):
    content = {"type": "external_account", "audience": POOL, "subject_token_type": TYPE + "jwt",
               "token_url": "https://sts.googleapis.com/v1/token", "credential_source": source, **changes}
    if account:
        content["service_account_impersonation_url"] = (
            f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:generateAccessToken")
    return cloud.file(content, "wif.json", 0o644)


def test_federation_from_a_file_impersonates_the_account(cloud):
    subject = cloud.file(cloud.google.external_token() + "\n", "oidc", 0o644)
    wif = federation(cloud, {"file": str(subject)})
    cloud.role(f'service_account = "{DEPLOY}"\nfederation = "{wif}"')
    cloud.google.may["principal://repo:acme/shop"] = {DEPLOY}
    assert cloud.google.who(cloud.token())["email"] == DEPLOY


def test_federation_from_a_json_file_with_the_account_of_the_file(cloud):
    subject = cloud.file({"value": cloud.google.external_token()}, "oidc", 0o644)
    wif = federation(cloud, {"file": str(subject), "format": {
        "type": "json", "subject_token_field_name": "value"}}, account=DEPLOY)
    cloud.role(f'federation = "{wif}"')
    cloud.google.may["principal://repo:acme/shop"] = {DEPLOY}
    assert cloud.google.who(cloud.token())["email"] == DEPLOY


def test_federation_without_an_account_is_the_federated_token(cloud):
    subject = cloud.file(cloud.google.external_token(), "oidc", 0o644)
    wif = federation(cloud, {"file": str(subject)})
    cloud.role(f'federation = "{wif}"')
    assert cloud.google.who(cloud.token())["kind"] == "federated"
    cloud.role(f'federation = "{wif}"\naccount = "{DEPLOY}"')
    assert "an account that it does not tell" in cloud.refused()


def test_federation_from_an_address_as_ci_systems_have_it(cloud):
    seen = []

    def ci(path):
        if path != "/ci?audience=x":
            return None
        seen.append(path)
        return 200, {}, json.dumps({"value": cloud.google.external_token()})
    cloud.google.hostile = ci
    wif = federation(cloud, {"url": cloud.google.origin + "/ci?audience=x", "headers": {"Authorization": "bearer r"},
                             "format": {"type": "json", "subject_token_field_name": "value"}})
    cloud.role(f'federation = "{wif}"')
    assert cloud.google.who(cloud.token())["email"] == "principal://repo:acme/shop" and seen


def program(cloud, text):
    path = cloud.prodaccess.home / "subject"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o700)
    return path


def test_federation_from_a_program_runs_it_only_where_the_role_says_so(cloud):
    token = cloud.google.external_token()
    answer = {"version": 1, "success": True, "token_type": TYPE + "jwt", "id_token": token,
              "expiration_time": basic_claims(token)["exp"]}
    path = program(cloud, f"""test "$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" = "{POOL}" || exit 3
test -z "$LEAK" || exit 4
echo '{json.dumps(answer)}'""")
    wif = federation(cloud, {"executable": {"command": f"{path} --quiet", "timeout_millis": 5000}})
    cloud.role(f'federation = "{wif}"')
    assert "allow_executable = true" in cloud.refused() and cloud.google.log == []
    cloud.role(f'federation = "{wif}"\nallow_executable = true')
    assert cloud.google.who(cloud.token(LEAK="1"))["email"] == "principal://repo:acme/shop"


@pytest.mark.parametrize("text, said", [
    ("echo oops >&2; exit 7", "it wrote: oops"),
    ("echo '{\"version\":1,\"success\":false,\"code\":\"401\",\"message\":\"log in first\"}'", "401 log in first"),
    ("echo '{\"version\":2,\"success\":true}'", "not of version 1"),
    ("echo not json", "is not JSON"),
    ("yes", "wrote more than"),
    ("echo '{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
     "\"id_token\":\"x\",\"expiration_time\":1}'", "has expired"),
])
def test_a_program_that_fails_is_told_by_its_words(cloud, text, said):
    wif = federation(cloud, {"executable": {"command": str(program(cloud, text))}})
    error = cloud.role(f'federation = "{wif}"\nallow_executable = true').refused()
    assert said in error and cloud.google.log == []


def test_federation_from_aws_keys_in_the_environment(cloud):
    wif = federation(cloud, {"environment_id": "aws1", "regional_cred_verification_url":
                             "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"},
                     subject_token_type=AWS_TYPE)
    cloud.role(f'federation = "{wif}"')
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "aws-secret", "AWS_REGION": "eu-west-1"}
    assert cloud.google.who(cloud.token(**keys))["email"] == "principal://aws/AKIDEXAMPLE"
    assert "SignatureDoesNotMatch" in cloud.refused(**{**keys, "AWS_SECRET_ACCESS_KEY": "wrong"})


def test_federation_from_an_aws_instance(cloud):
    def metadata(path):
        answers = {"/aws/token": "imds-session", "/aws/region": "us-east-2b", "/aws/creds": "role-1",
                   "/aws/creds/role-1": json.dumps({"AccessKeyId": "ASIAEXAMPLE", "Token": "aws-session",
                                                    "SecretAccessKey": "temporary-secret"})}
        return (200, {}, answers[path]) if path in answers else None
    cloud.google.hostile = metadata
    origin = cloud.google.origin + "/aws"
    wif = federation(cloud, {"environment_id": "aws1", "region_url": origin + "/region", "url": origin + "/creds",
                             "imdsv2_session_token_url": origin + "/token", "regional_cred_verification_url":
                             "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"},
                     subject_token_type=AWS_TYPE)
    cloud.role(f'federation = "{wif}"')
    assert cloud.google.who(cloud.token())["email"] == "principal://aws/ASIAEXAMPLE"


@pytest.mark.parametrize("changes", [
    {"token_url": "https://sts.evil.example/v1/token"},
    {"service_account_impersonation_url":
     f"https://evil.example/v1/projects/-/serviceAccounts/{DEPLOY}:generateAccessToken"},
    {"service_account_impersonation_url":
     f"https://iamcredentials.googleapis.com.evil.example/v1/projects/-/serviceAccounts/{DEPLOY}:generateAccessToken"},
    {"universe_domain": "evil.example"},
])
def test_a_file_that_leads_elsewhere_is_refused(cloud, changes):
    subject = cloud.file(cloud.google.external_token(), "oidc", 0o644)
    wif = federation(cloud, {"file": str(subject)}, **changes)
    error = cloud.role(f'federation = "{wif}"').refused()
    assert "evil.example" in error and cloud.google.log == []


def test_an_external_token_that_google_refuses(cloud):
    other, _ = new_key()
    subject = cloud.file(cloud.google.external_token(key=other), "oidc", 0o644)
    wif = federation(cloud, {"file": str(subject)})
    assert "does not accept the external token" in cloud.role(f'federation = "{wif}"').refused()
    assert cloud.google.tokens == {}


# What is issued.


def test_delegates_are_walked_in_order(cloud):
    cloud.key(gcp=f'service_account = "{DEPLOY}"\ndelegates = ["{CHAIN}"]')
    cloud.google.may = {ROBOT: {CHAIN}, CHAIN: {DEPLOY}}
    assert cloud.google.who(cloud.token())["email"] == DEPLOY
    cloud.google.may = {ROBOT: {DEPLOY}}
    error = cloud.refused()
    assert f"roles/iam.serviceAccountTokenCreator on {CHAIN}" in error and "each delegate" in error


def test_an_account_that_may_not_be_impersonated(cloud):
    error = cloud.key(gcp=f'service_account = "{DEPLOY}"').refused()
    assert "PERMISSION_DENIED" in error and f"roles/iam.serviceAccountTokenCreator on {DEPLOY}" in error


def test_a_life_above_an_hour_takes_the_extension_and_its_refusal_is_explained(cloud):
    cloud.google.may[ROBOT] = {DEPLOY}
    cloud.key(gcp=f'service_account = "{DEPLOY}"')
    cloud.prodaccess.run("request", "--role", "cloud", "--ttl", "8h")
    assert cloud.google.calls(":generateAccessToken")[-1]["lifetime"] == "3600s"
    cloud.key(gcp=f'service_account = "{DEPLOY}"\nlifetime_extension = true')
    error = cloud.prodaccess.run("request", "--role", "cloud", "--ttl", "9h", status=1).stderr
    assert "allowServiceAccountCredentialLifetimeExtension" in error
    cloud.google.extended.add(DEPLOY)
    cloud.prodaccess.run("request", "--role", "cloud", "--ttl", "15h")
    assert cloud.google.calls(":generateAccessToken")[-1]["lifetime"] == "43200s"


def test_id_tokens_by_key_and_by_impersonation(cloud):
    gcp = 'kind = "id-token"\naudience = "https://orders.test"\n'
    token = cloud.key(gcp=gcp).token("PRODACCESS_TOKEN")
    assert basic_claims(token)["aud"] == "https://orders.test" and basic_claims(token)["email"] == ROBOT
    cloud.google.may[ROBOT] = {DEPLOY}
    token = cloud.key(gcp=gcp + f'service_account = "{DEPLOY}"').token("PRODACCESS_TOKEN")
    assert basic_claims(token)["email"] == DEPLOY


def test_a_self_signed_token_needs_no_network(cloud):
    cloud.key(gcp='kind = "jwt"\naudience = "https://pubsub.googleapis.com/"')
    claims = basic_claims(cloud.token("PRODACCESS_TOKEN"))
    assert claims["iss"] == claims["sub"] == ROBOT and claims["aud"] == "https://pubsub.googleapis.com/"
    assert claims["exp"] - claims["iat"] <= 1800 and cloud.google.log == []


def test_a_boundary_narrows_the_token(cloud):
    cloud.key(gcp="""
[[roles.cloud.gcp.boundary]]
resource = "//storage.googleapis.com/projects/_/buckets/b1"
permissions = ["inRole:roles/storage.objectViewer"]
condition = "resource.name.startsWith('projects/_/buckets/b1/objects/x/')"
""")
    token = cloud.google.who(cloud.token())
    assert token["kind"] == "bounded" and token["rules"][0]["availabilityCondition"]["expression"].endswith("/x/')")


def test_another_account_than_expected_is_refused_and_not_kept(cloud):
    cloud.key(gcp=f'account = "{DEPLOY}"')
    result = cloud.prodaccess.run("request", "--role", "cloud", status=1)
    assert f"a token of {ROBOT}, not of {DEPLOY}" in result.stderr
    assert cloud.prodaccess.json("status", "--json")["grants"] == []


def test_a_scope_that_was_not_asked_for_is_refused(cloud):
    cloud.key(gcp='scopes = ["devstorage.read_only"]')
    cloud.google.hostile = lambda path: (200, {}, json.dumps(
        {"scope": CLOUD_PLATFORM, "email": ROBOT, "email_verified": "true"})) if path == "/tokeninfo" else None
    assert f"a scope that was not asked for: {CLOUD_PLATFORM}" in cloud.refused()


# Tiers.

TIERS = f"""
service_account = "{DEPLOY}"
tiers.read = {{ scopes = ["cloud-platform.read-only"] }}
"""


def granted(cloud, *command, **options):
    return cloud.prodaccess.run("exec", "--role", "cloud", "--", *command, **options).stdout


def test_reads_run_on_the_narrow_token_and_changes_on_one_of_their_own(cloud):
    cloud.key(gcp=TIERS)
    cloud.google.may[ROBOT] = {DEPLOY}
    cloud.prodaccess.run("request", "--role", "cloud")
    sent = cloud.google.calls(":generateAccessToken")
    assert [call["scope"] for call in sent] == [[CLOUD_PLATFORM + ".read-only", EMAIL]]
    need("gcloud")
    read = granted(cloud, "gcloud", "auth", "list", timeout=120)
    assert len(cloud.google.calls(":generateAccessToken")) == 1, read
    granted(cloud, "touch", str(cloud.prodaccess.home / "x"))
    assert [call["scope"][0] for call in cloud.google.calls(":generateAccessToken")] == [
        CLOUD_PLATFORM + ".read-only", CLOUD_PLATFORM]


@pytest.mark.parametrize("role, printed", [("", 1), ("hand_out = true", 2)])
def test_a_printed_token_is_the_narrow_one_unless_the_role_hands_out_the_wide(cloud, role, printed):
    need("gcloud")
    cloud.key(gcp=TIERS, role=role)
    cloud.google.may[ROBOT] = {DEPLOY}
    cloud.prodaccess.run("request", "--role", "cloud")
    token = granted(cloud, "gcloud", "auth", "print-access-token", timeout=120).strip()
    sent = cloud.google.calls(":generateAccessToken")
    assert len(sent) == printed
    assert cloud.google.tokens[token]["scope"][0] == sent[-1]["scope"][0]


def test_the_read_tier_may_be_another_account(cloud):
    cloud.key(gcp=f'service_account = "{DEPLOY}"\ntiers.read = {{ service_account = "{READER}" }}')
    cloud.google.may[ROBOT] = {READER}
    cloud.prodaccess.run("request", "--role", "cloud")
    assert {token["email"] for token in cloud.google.tokens.values()} == {ROBOT, READER}


# What cannot be taken back.


def test_revoke_says_what_lives_on_and_until_when(cloud):
    cloud.key(gcp=f'service_account = "{DEPLOY}"')
    cloud.google.may[ROBOT] = {DEPLOY}
    requested = cloud.prodaccess.run("request", "--role", "cloud")
    assert "cannot be taken back: Google accepts the token until" in requested.stdout + requested.stderr
    status = cloud.prodaccess.run("status").stdout
    end = status.split("Google accepts the token until ")[1].split()[0]
    result = cloud.prodaccess.json("revoke", "--json", "cloud")["revoked"][0]
    assert result["provider"]["state"] == "not_revocable" and result["keyring"]["erased"]
    assert result["provider"]["alive_until"] == end
    assert f"gcloud iam service-accounts disable {DEPLOY}" in result["provider"]["detail"]


def test_a_login_is_revoked_where_the_role_says_so(cloud):
    cloud.file(cloud.google.add_login("ana@example.com"))
    cloud.role(f'credentials = "{cloud.prodaccess.home}/credentials.json"\nrevoke_login = true')
    cloud.prodaccess.run("request", "--role", "cloud")
    result = cloud.prodaccess.json("revoke", "--json", "cloud")["revoked"][0]
    assert result["provider"]["state"] == "revoked" and result["provider"]["alive_until"] is None
    assert cloud.google.logins == {} and cloud.google.tokens == {}


# Many at once, and hostile answers.


def test_sixty_four_at_once_make_one_token(cloud):
    cloud.key(gcp=f'service_account = "{DEPLOY}"')
    cloud.google.may[ROBOT] = {DEPLOY}
    running = [cloud.prodaccess.start("request", "--json", "--role", "cloud") for _ in range(64)]
    grants = set()
    for process in running:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
        grants.add(json.loads(out)["grant"]["id"])
    assert len(grants) == 1 and len(cloud.google.calls(":generateAccessToken")) == 1


HOSTILE = {
    "redirect": (302, {"Location": "https://evil.example/"}, ""),
    "no JSON": (200, {"Content-Type": "text/html"}, "<html>log in</html>"),
    "cut short": (200, {"Content-Length": "500", "Connection": "close"}, '{"access_token":'),
    "too large": (200, {}, b"a" * (2 << 20)),
    "twice": (200, {}, '{"access_token":"a","access_token":"b","expires_in":60,"token_type":"Bearer"}'),
    "deep": (200, {}, "[" * 5000),
    "control characters": (200, {}, '{"access_token":"a\\r\\nX: y","expires_in":60,"token_type":"Bearer"}'),
    "no life": (200, {}, '{"access_token":"a","token_type":"Bearer"}'),
    "a life too long": (200, {}, '{"access_token":"a","expires_in":999999999,"token_type":"Bearer"}'),
    "a negative life": (200, {}, '{"access_token":"a","expires_in":-1,"token_type":"Bearer"}'),
    "another type": (200, {}, '{"access_token":"a","expires_in":60,"token_type":"mac"}'),
    "an error with escapes": (400, {}, '{"error":"invalid_grant","error_description":"\\u001b[2J\\u202e"}'),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["/token", "/tokeninfo", ":generateAccessToken"])
def test_a_hostile_answer_leaves_nothing_behind(cloud, name, path):
    if path == "/tokeninfo" and "life" in name or name == "another type":
        pytest.skip("says nothing there")
    cloud.key(gcp=f'service_account = "{DEPLOY}"')
    cloud.google.may[ROBOT] = {DEPLOY}
    cloud.google.hostile = lambda asked: HOSTILE[name] if asked.endswith(path) else None
    result = cloud.prodaccess.run("request", "--role", "cloud", status=1)
    assert "\x1b" not in result.stderr and "\u202e" not in result.stderr
    assert result.stderr.startswith("prodaccess: error: ")
    assert cloud.prodaccess.json("status", "--json")["grants"] == []


# Doctor.


def findings(cloud, status=0):
    found = cloud.prodaccess.json("doctor", "--json", "gcp", status=status)["findings"]
    return {item["subject"]: item for item in found}


def test_doctor_tells_identity_clock_rights_and_revocation(cloud):
    cloud.key(gcp=f'service_account = "{DEPLOY}"')
    cloud.google.may[ROBOT] = {DEPLOY}
    found = findings(cloud)
    assert ROBOT in found["gcp identity"]["detail"]
    assert found[f"gcp service account {DEPLOY}"]["detail"] == "may be impersonated"
    assert "takes no token back" in found["gcp revocation"]["detail"]
    assert cloud.google.calls(":generateAccessToken") == [], "nothing is issued"
    cloud.google.may.clear()
    found = findings(cloud, status=1)
    assert "serviceAccountTokenCreator" in found[f"gcp service account {DEPLOY}"]["hint"]


# google-auth, through a credential file that runs us.

GOOGLE_AUTH = f"""
import google.auth, google.auth.transport.requests
credentials, project = google.auth.default(scopes=["{CLOUD_PLATFORM}"])
credentials.refresh(google.auth.transport.requests.Request())
print(credentials.token)
"""


def google_auth(cloud, **changes):
    pytest.importorskip("google.auth")
    path = cloud.prodaccess.home / "adc.json"
    environment = {**cloud.prodaccess.environment, "GOOGLE_APPLICATION_CREDENTIALS": str(path),
                   "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1", "GOOGLE_CLOUD_PROJECT": "acme", **changes}
    return subprocess.run([sys.executable, "-c", GOOGLE_AUTH], env=environment, capture_output=True, text=True,
                          timeout=120)


def test_google_auth_under_exec_has_the_token_of_the_command(cloud):
    pytest.importorskip("google.auth")
    folder = cloud.prodaccess.home / ".config/gcloud"
    folder.mkdir(mode=0o700)
    cloud.file(cloud.google.add_login("ana@example.com"), ".config/gcloud/application_default_credentials.json")
    cloud.key(gcp=f'service_account = "{DEPLOY}"\nproject = "acme-prod"')
    cloud.google.may[ROBOT] = {DEPLOY}
    # google-auth warns of nothing on standard output; the second refresh is a second exchange.
    program = GOOGLE_AUTH + "credentials.refresh(google.auth.transport.requests.Request())\n" \
        "print(credentials.token, project)\n"
    lines = cloud.exec(sys.executable, "-c", program, timeout=120).stdout.splitlines()
    assert lines[0] == lines[1].split()[0] and lines[1].split()[1] == "acme-prod"
    assert cloud.google.who(lines[0])["email"] == DEPLOY
    assert len(cloud.google.calls(":generateAccessToken")) == 1
    assert not list(cloud.prodaccess.home.rglob("google.json")), "nothing is left behind"


LONG = f"""
import google.auth, google.auth.transport.requests, time
credentials, _ = google.auth.default(scopes=["{CLOUD_PLATFORM}"])
tokens = []
end = time.monotonic() + 90
while len(tokens) < 2 and time.monotonic() < end:
    credentials.refresh(google.auth.transport.requests.Request())
    if credentials.token not in tokens:
        tokens.append(credentials.token)
    time.sleep(0.2)
print(" ".join(tokens))
"""


def test_a_long_command_gets_the_next_token_within_its_grant(cloud):
    pytest.importorskip("google.auth")
    cloud.key(gcp=f'service_account = "{DEPLOY}"')
    cloud.google.may[ROBOT] = {DEPLOY}
    cloud.google.cut = 15
    cloud.prodaccess.run("request", "--role", "cloud")
    tokens = cloud.prodaccess.run("exec", "--role", "cloud", "--", sys.executable, "-c", LONG,
                                  timeout=120).stdout.split()
    assert len(tokens) == 2 and {cloud.google.tokens[token]["email"] for token in tokens} == {DEPLOY}
    assert len(cloud.google.calls(":generateAccessToken")) == 2


PROBE = """
import json, os, sys, urllib.request, urllib.parse
file = json.load(open(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]))
assert os.environ["CLOUDSDK_AUTH_ACCESS_TOKEN"] not in json.dumps(file)
assert os.stat(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]).st_mode & 0o077 == 0
for body in ("subject_token=guess", "", "subject_token=" + "a" * 5000):
    try:
        urllib.request.urlopen(file["token_url"], data=body.encode())
        print("given")
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode())
"""


def test_the_token_is_not_for_who_cannot_open_the_runs_folder(cloud):
    token, *lines = cloud.key().exec("sh", "-c", f"echo $CLOUDSDK_AUTH_ACCESS_TOKEN; python3 -c '{PROBE}'"
                                     ).stdout.splitlines()
    assert len(lines) == 3 and all(line.startswith("401 ") and token not in line for line in lines)


def subject_role(cloud, role="hand_out = true"):
    subject = cloud.file(cloud.google.external_token(), "oidc", 0o644)
    wif = federation(cloud, {"file": str(subject)})
    cloud.google.may["principal://repo:acme/shop"] = {DEPLOY}
    return cloud.role(f'federation = "{wif}"\nkind = "subject-token"', role)


def test_google_auth_takes_the_token_of_a_federation_from_us(cloud):
    subject_role(cloud)
    cloud.prodaccess.run("gcp", "credentials-file", "--role", "cloud", "--service-account", DEPLOY,
                         "--output", cloud.prodaccess.home / "adc.json")
    assert (cloud.prodaccess.home / "adc.json").stat().st_mode & 0o777 == 0o600
    refused = google_auth(cloud)
    assert refused.returncode != 0 and "no active grant" in refused.stderr
    cloud.prodaccess.run("request", "--role", "cloud", "--ttl", "5m")
    done = google_auth(cloud)
    assert done.returncode == 0, done.stderr
    assert cloud.google.who(done.stdout.strip())["email"] == DEPLOY
    assert google_auth(cloud, GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES="0").returncode != 0
    cloud.prodaccess.run("revoke", "--all", status=None)
    assert "no active grant" in google_auth(cloud).stderr


def test_google_auth_takes_an_id_token_of_google_from_us(cloud):
    cloud.key(gcp=f'service_account = "{DEPLOY}"\nkind = "id-token"\naudience = "https:{POOL}"', role="hand_out = true")
    cloud.google.may = {ROBOT: {DEPLOY}}
    file = json.loads(cloud.prodaccess.run("gcp", "credentials-file", "--role", "cloud").stdout)
    assert file["audience"] == POOL and "private_key" not in json.dumps(file)
    (cloud.prodaccess.home / "adc.json").write_text(json.dumps(file))
    cloud.prodaccess.run("request", "--role", "cloud", "--ttl", "5m")
    done = google_auth(cloud)
    assert done.returncode == 0, done.stderr
    assert cloud.google.who(done.stdout.strip())["kind"] == "federated"


def test_what_cannot_be_exchanged_gets_no_credential_file(cloud):
    cloud.key()
    error = cloud.prodaccess.run("gcp", "credentials-file", "--role", "cloud", status=2).stderr
    assert "nothing that a library could exchange" in error and "subject-token" in error
    subject_role(cloud, "")
    cloud.prodaccess.run("request", "--role", "cloud", "--ttl", "5m")
    error = cloud.prodaccess.run("creds", "--role", "cloud", "--format", "google-executable", status=3).stderr
    assert "hand_out = true" in error


# The manual.


def test_the_roles_of_the_manual_are_good(prodaccess):
    text = (ROOT / "man/prodaccess-gcp.7").read_text().split(".Sh EXAMPLES")[1]
    blocks = [block.split(".Ed")[0] for block in text.split(".Bd -literal -offset indent\n")[1:]]
    roles = [block.replace("\\-", "-").replace("\\(aq", "'") for block in blocks if "[roles." in block]
    prodaccess.configure("\n".join(roles))
    shown = prodaccess.json("roles", "--json")["roles"]
    assert [role["name"] for role in shown] == ["deploy", "exports", "ops", "orders"]
    assert all("up to 1h" in " ".join(role["notes"]) for role in shown)


# The real gcloud.


def test_gcloud_takes_the_token_whatever_its_own_settings_say(cloud):
    need("gcloud")
    folder = cloud.prodaccess.home / ".config/gcloud/configurations"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "config_default").write_text(
        f"[core]\nproject = own\n[auth]\nimpersonate_service_account = {READER}\n")
    cloud.key(gcp=f'service_account = "{DEPLOY}"\nproject = "acme-prod"')
    cloud.google.may[ROBOT] = {DEPLOY}
    printed = cloud.exec("gcloud", "auth", "print-access-token", timeout=120).stdout.strip()
    assert cloud.google.who(printed)["email"] == DEPLOY
    assert cloud.exec("gcloud", "config", "get", "core/project", timeout=120).stdout.strip() == "acme-prod"


def test_gclouds_own_login_is_a_base_identity(cloud):
    need("gcloud")
    folder = cloud.prodaccess.home / ".config/gcloud/configurations"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "config_default").write_text(f"[auth]\ntoken_host = {cloud.google.origin}/token\n")
    key = cloud.file({**cloud.google.add_key(ROBOT), "token_uri": cloud.google.origin + "/token"}, "key.json")
    subprocess.run(["gcloud", "auth", "activate-service-account", "--key-file", key], check=True,
                   capture_output=True, env=cloud.prodaccess.environment, timeout=120)
    cloud.google.may[ROBOT] = {DEPLOY}
    cloud.role(f'auth = "gcloud"\nservice_account = "{DEPLOY}"')
    assert cloud.google.who(cloud.token(timeout=120))["email"] == DEPLOY
    cloud.role(f'auth = "gcloud"\ngcloud_account = "{READER}"')
    assert "gcloud" in cloud.refused(timeout=120)


class TestConformance(HttpProviderConformance):
    @pytest.fixture
    def subject(self, cloud):
        def point_at(address):
            cloud.key(gcp=f'service_account = "{DEPLOY}"', name="subject", origin=address,
                      role='env = { SUBJECT_SECRET = "{token}" }')
        point_at(cloud.google.origin)
        cloud.google.may[ROBOT] = {DEPLOY}
        return Subject(cloud.prodaccess, alive=cloud.google.who, point_at=point_at, revocable=False,
                       spoil=lambda: cloud.file({**cloud.google.add_key(ROBOT), "private_key": "WRONG"}))
