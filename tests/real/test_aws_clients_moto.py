"""The real `aws` and boto3 at moto, which checks their signatures, with what a grant gives them."""

import json
import textwrap

import pytest

from aws_keys_provider import aws, botocore_says  # noqa: F401
from moto_server import (ACCOUNT, configure, moto, moto_process, whoami,  # noqa: F401
                         write_credentials)

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ana"


@pytest.fixture
def ops(prodaccess, moto):
    return configure(prodaccess, moto, f"""profile = "ana"
endpoints = {{ iam = "{moto.address}" }}
revoke = {{ patience = "2s" }}""")


def test_aws_is_the_role_through_the_endpoint(ops, whoami):
    ops.run("request", "--role", "ops")
    result = ops.run("exec", "--aws-endpoint", "--", *whoami, timeout=120)
    assert json.loads(result.stdout)["Arn"] == SESSION


def test_boto3_is_the_role_through_credential_process(ops, moto):
    ops.run("request", "--role", "ops")
    write_credentials(ops.home, textwrap.dedent(f"""\
        [profile ops]
        region = eu-west-1
        credential_process = {ops.argv()[0]} creds --role ops --format aws-credential-process
        """), name="config")
    arn = botocore_says("""
        import boto3, sys
        client = boto3.Session(profile_name="ops").client("sts", endpoint_url=sys.argv[1])
        print(client.get_caller_identity()["Arn"])
        """, moto.address, **ops.environment)
    assert arn == SESSION


def test_imported_keys_sign_as_the_file_did(ops, whoami):
    ops.run("aws", "import-keys")
    result = ops.run("exec", "--once", "--role", "ops", "--", *whoami, timeout=120)
    assert json.loads(result.stdout)["Arn"] == SESSION


def test_the_deny_lands_in_iam(ops, moto):
    """moto evaluates no DateLessThan, so the probe is not refused: which is told."""
    ops.run("request", "--role", "ops")
    outcome = ops.json("revoke", "--json", "--provider", "ops", status=1)["revoked"][0]["provider"]
    assert outcome["state"] == "failed" and "was not refused for it" in outcome["detail"]
    iam = moto.client("iam", moto.key["AccessKeyId"], moto.key["SecretAccessKey"])
    stored = iam.get_role_policy(RoleName="ops", PolicyName="prodaccess-revoke")["PolicyDocument"]
    assert stored["Statement"][0]["Effect"] == "Deny"
