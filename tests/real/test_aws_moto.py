"""The AWS provider against moto with its signature check on, and the real `aws` as its client."""

import json

import pytest

from aws_keys_provider import AWS, needs_aws
from moto_server import ACCOUNT, configure, moto, moto_process, write_credentials  # noqa: F401


def identity(prodaccess, **options):
    result = prodaccess.run("exec", "--once", "--role", "ops", "--",
                            AWS, "sts", "get-caller-identity", **options)
    return json.loads(result.stdout)


@needs_aws
def test_the_aws_command_is_the_role(prodaccess, moto):
    configure(prodaccess, moto)
    assert identity(prodaccess)["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ana"


@needs_aws
def test_what_would_make_the_child_another_is_taken_out(prodaccess, moto):
    configure(prodaccess, moto)
    rivals = {"AWS_PROFILE": "nobody", "AWS_SECURITY_TOKEN": "stale", "AWS_ROLE_ARN": "arn:aws:iam::1:role/x",
              "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1", "AWS_SESSION_TOKEN": "stale",
              "AWS_ACCESS_KEY_ID": "AKIARIVAL", "AWS_SECRET_ACCESS_KEY": "rival",
              "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
              "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"}
    assert identity(prodaccess, **rivals)["Arn"].endswith(":assumed-role/ops/ana")
    shown = prodaccess.run("exec", "--once", "--role", "ops", "--", "env", **rivals).stdout
    assert "AWS_REGION=eu-west-1" in shown and "AWS_DEFAULT_REGION=eu-west-1" in shown
    assert not any(name in shown for name in ("AWS_PROFILE", "AWS_SECURITY_TOKEN", "stale", "rival"))


def test_a_wrong_secret_is_said_and_nothing_is_issued(prodaccess, moto):
    configure(prodaccess, moto)
    path = prodaccess.home / ".aws/credentials"
    path.write_text(path.read_text().replace(moto.key["SecretAccessKey"], "x" * 40))
    result = prodaccess.run("exec", "--once", "--role", "ops", "--", "true", status=125)
    assert "the secret access key does not belong to its access key id" in result.stderr
    assert "x" * 40 not in result.stderr


def test_an_unknown_key_is_said(prodaccess, moto):
    configure(prodaccess, moto)
    path = prodaccess.home / ".aws/credentials"
    path.write_text(path.read_text().replace(moto.key["AccessKeyId"], "AKIAAAAAAAAAAAAAAAAA"))
    result = prodaccess.run("exec", "--once", "--role", "ops", "--", "true", status=125)
    assert "AWS does not know the access key" in result.stderr


@needs_aws
@pytest.mark.parametrize("profile,arn", [("chain", "ops/ana")])
def test_a_profile_that_assumes_a_role_is_a_base(prodaccess, moto, profile, arn):
    configure(prodaccess, moto, f'profile = "{profile}"')
    write_credentials(prodaccess.home, f"""[profile chain]
role_arn = arn:aws:iam::{ACCOUNT}:role/deploy
source_profile = ana
""", "config")
    assert identity(prodaccess)["Arn"].endswith(f":assumed-role/{arn}")


@needs_aws
def test_the_environment_is_a_base_and_never_reaches_the_child(prodaccess, moto):
    configure(prodaccess, moto, 'base = "environment"')
    keys = {"AWS_ACCESS_KEY_ID": moto.key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": moto.key["SecretAccessKey"]}
    assert identity(prodaccess, **keys)["Arn"].endswith(":assumed-role/ops/ana")
    shown = prodaccess.run("exec", "--once", "--role", "ops", "--", "env", **keys).stdout
    assert moto.key["SecretAccessKey"] not in shown


@needs_aws
def test_a_credential_process_is_a_base(prodaccess, moto):
    script = prodaccess.home / "keys"
    script.write_text("#!/bin/sh\ncat <<'END'\n" + json.dumps(
        {"Version": 1, "AccessKeyId": moto.key["AccessKeyId"],
         "SecretAccessKey": moto.key["SecretAccessKey"]}) + "\nEND\n")
    script.chmod(0o700)
    configure(prodaccess, moto, 'profile = "outside"')
    write_credentials(prodaccess.home, f"[profile outside]\ncredential_process = '{script}'\n", "config")
    assert identity(prodaccess)["Arn"].endswith(":assumed-role/ops/ana")
    script.write_text("#!/bin/sh\necho locked out >&2\nexit 3\n")
    result = prodaccess.run("exec", "--once", "--role", "ops", "--", "true", status=125)
    assert "exited with status 3: locked out" in result.stderr


@needs_aws
def test_a_web_identity_token_is_a_base(prodaccess, moto):
    token = prodaccess.home / "token"
    token.write_text("header.payload.signature\n")
    configure(prodaccess, moto, f'token_file = "{token}"')
    moto.post("/moto-api/reset-auth", "inf")  # its check fails on a request without a signature
    assert identity(prodaccess)["Arn"].endswith(":assumed-role/ops/ana")
    token.unlink()
    result = prodaccess.run("exec", "--once", "--role", "ops", "--", "true", status=125)
    assert f"there is no token file {token}" in result.stderr


@needs_aws
def test_a_grant_serves_many_commands_and_its_store_ends_it(prodaccess, moto):
    configure(prodaccess, moto)
    grant = prodaccess.run("request", "--json", "--role", "ops", status=None)
    if "keyring" in grant.stderr:
        pytest.skip("no store for credentials here: " + grant.stderr.strip())
    assert json.loads(grant.stdout)["grant"]
    for _ in range(2):
        result = prodaccess.run("exec", "--", AWS, "sts", "get-caller-identity")
        assert ":assumed-role/ops/ana" in result.stdout
