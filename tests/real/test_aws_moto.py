"""The AWS provider against moto with its signature check on, and the real `aws` as its client."""

import json

import pytest

from aws_keys_provider import aws  # noqa: F401
from moto_server import (ACCOUNT, configure, moto, moto_process, whoami,  # noqa: F401
                         write_credentials)


def identity(prodaccess, whoami, **options):
    result = prodaccess.run("exec", "--once", "--role", "ops", "--", *whoami, **options)
    return json.loads(result.stdout)


def test_the_aws_command_is_the_role(prodaccess, moto, whoami):
    configure(prodaccess, moto)
    assert identity(prodaccess, whoami)["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ana"


def test_what_would_make_the_child_another_is_taken_out(prodaccess, moto, whoami):
    configure(prodaccess, moto)
    rivals = {"AWS_PROFILE": "nobody", "AWS_SECURITY_TOKEN": "stale", "AWS_ROLE_ARN": "arn:aws:iam::1:role/x",
              "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1", "AWS_SESSION_TOKEN": "stale",
              "AWS_ACCESS_KEY_ID": "AKIARIVAL", "AWS_SECRET_ACCESS_KEY": "rival",
              "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
              "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"}
    assert identity(prodaccess, whoami, **rivals)["Arn"].endswith(":assumed-role/ops/ana")
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


@pytest.mark.parametrize("profile,arn", [("chain", "ops/ana")])
def test_a_profile_that_assumes_a_role_is_a_base(prodaccess, moto, whoami, profile, arn):
    configure(prodaccess, moto, f'profile = "{profile}"')
    write_credentials(prodaccess.home, f"""[profile chain]
role_arn = arn:aws:iam::{ACCOUNT}:role/deploy
source_profile = ana
""", "config")
    assert identity(prodaccess, whoami)["Arn"].endswith(f":assumed-role/{arn}")


def test_dotfiles_that_are_kept_elsewhere_are_read_through_their_links(prodaccess, moto, whoami):
    configure(prodaccess, moto, 'profile = "chain"')
    write_credentials(prodaccess.home, f"[profile chain]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/deploy\n"
                                       "source_profile = ana\n", "config")
    kept = prodaccess.home / "dotfiles"
    kept.mkdir(mode=0o700)
    shared = prodaccess.home / ".aws"
    (shared / "config").rename(kept / "config")
    (shared / "config").symlink_to("../dotfiles/config")
    assert identity(prodaccess, whoami)["Arn"].endswith(":assumed-role/ops/ana")
    shared.rename(kept / "aws")
    shared.symlink_to(kept / "aws")
    (kept / "aws/config").unlink()
    (kept / "aws/config").symlink_to(kept / "config")
    assert identity(prodaccess, whoami)["Arn"].endswith(":assumed-role/ops/ana")
    kept.chmod(0o777)
    refused = prodaccess.run("exec", "--once", "--role", "ops", "--", "true", status=125)
    assert "may be changed by others" in refused.stderr and f"chmod go-w {kept}" in refused.stderr


def test_keys_are_taken_out_of_the_file_behind_the_link(prodaccess, moto):
    configure(prodaccess, moto)
    link = prodaccess.home / ".aws/credentials"
    kept = link.rename(prodaccess.home / "kept")
    link.symlink_to(kept)
    prodaccess.run("aws", "import-keys")
    assert link.is_symlink() and moto.key["SecretAccessKey"] not in kept.read_text()
    prodaccess.run("exec", "--once", "--role", "ops", "--", "true")


def test_the_environment_is_a_base_and_never_reaches_the_child(prodaccess, moto, whoami):
    configure(prodaccess, moto, 'base = "environment"')
    keys = {"AWS_ACCESS_KEY_ID": moto.key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": moto.key["SecretAccessKey"]}
    assert identity(prodaccess, whoami, **keys)["Arn"].endswith(":assumed-role/ops/ana")
    shown = prodaccess.run("exec", "--once", "--role", "ops", "--", "env", **keys).stdout
    assert moto.key["SecretAccessKey"] not in shown


def test_a_credential_process_is_a_base(prodaccess, moto, whoami):
    script = prodaccess.home / "keys"
    script.write_text("#!/bin/sh\ncat <<'END'\n" + json.dumps(
        {"Version": 1, "AccessKeyId": moto.key["AccessKeyId"],
         "SecretAccessKey": moto.key["SecretAccessKey"]}) + "\nEND\n")
    script.chmod(0o700)
    configure(prodaccess, moto, 'profile = "outside"')
    write_credentials(prodaccess.home, f"[profile outside]\ncredential_process = '{script}'\n", "config")
    assert identity(prodaccess, whoami)["Arn"].endswith(":assumed-role/ops/ana")
    script.write_text("#!/bin/sh\necho locked out >&2\nexit 3\n")
    result = prodaccess.run("exec", "--once", "--role", "ops", "--", "true", status=125)
    assert "exited with status 3: locked out" in result.stderr


def test_a_web_identity_token_is_a_base(prodaccess, moto, whoami):
    token = prodaccess.home / "token"
    token.write_text("header.payload.signature\n")
    configure(prodaccess, moto, f'token_file = "{token}"')
    moto.post("/moto-api/reset-auth", "inf")  # its check fails on a request without a signature
    assert identity(prodaccess, whoami)["Arn"].endswith(":assumed-role/ops/ana")
    token.unlink()
    result = prodaccess.run("exec", "--once", "--role", "ops", "--", "true", status=125)
    assert f"there is no token file {token}" in result.stderr


def test_a_reason_of_several_words_is_signed_as_it_is_sent(prodaccess, moto, whoami):
    configure(prodaccess, moto, 'profile = "ana"\ntags = { Reason = "{reason}" }')
    result = prodaccess.run("exec", "--once", "--role", "ops", "--reason", "disk full: 100% & ~tmp", "--",
                            *whoami)
    assert ":assumed-role/ops/ana" in result.stdout


def test_a_grant_serves_many_commands_and_its_store_ends_it(prodaccess, moto, whoami):
    configure(prodaccess, moto)
    grant = prodaccess.run("request", "--json", "--role", "ops", status=None)
    if "keyring" in grant.stderr:
        pytest.skip("no store for credentials here: " + grant.stderr.strip())
    assert json.loads(grant.stdout)["grant"]
    for _ in range(2):
        result = prodaccess.run("exec", "--", *whoami)
        assert ":assumed-role/ops/ana" in result.stdout
