"""moto's server with its signature check on: STS and IAM that were not written by us."""

import importlib.util
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from exec_fixtures import ALLOW_ALL

ACCOUNT = "123456789012"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
EVERYTHING = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def need_moto():
    for module in ("moto", "flask", "botocore"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"the Python package {module} is not installed")


class Moto:
    def __init__(self, log):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import sys; from moto.server import main; main(sys.argv[1:])",
             "-H", "127.0.0.1", "-p", str(self.port)], stdout=log, stderr=log,
            env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "inf", "AWS_DEFAULT_REGION": "eu-west-1"})

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(self.address + "/moto-api/", timeout=5):
                    return self
            except OSError:
                assert self.process.poll() is None, "moto ended"
                time.sleep(0.1)
        raise AssertionError("moto did not start")

    def post(self, path, body):
        request = urllib.request.Request(self.address + path, data=body.encode(), method="POST",
                                         headers={"Content-Type": "text/plain"})
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.read()

    def client(self, service, key="setup", secret="setup", token=None):
        import boto3
        return boto3.client(service, endpoint_url=self.address, region_name="eu-west-1",
                            aws_access_key_id=key, aws_secret_access_key=secret,
                            aws_session_token=token)

    def populate(self):
        """A user `ana` who may all, roles `ops` and `deploy`; then signatures are checked."""
        self.post("/moto-api/reset-auth", "inf")
        self.post("/moto-api/reset", "")
        iam = self.client("iam")
        iam.create_user(UserName="ana")
        iam.put_user_policy(UserName="ana", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
        self.key = iam.create_access_key(UserName="ana")["AccessKey"]
        for name in ("ops", "deploy"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
            iam.put_role_policy(RoleName=name, PolicyName="all",
                                PolicyDocument=json.dumps(EVERYTHING))
        self.post("/moto-api/reset-auth", "0")
        return self

    def stop(self):
        self.process.kill()
        self.process.wait()


def write_credentials(home: pathlib.Path, text, name="credentials"):
    folder = home / ".aws"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def moto_process(tmp_path_factory):
    need_moto()
    with open(tmp_path_factory.mktemp("moto") / "log", "wb") as log:
        moto = Moto(log)
        try:
            yield moto.wait()
        finally:
            moto.stop()


@pytest.fixture
def moto(moto_process):
    """A fresh account: user `ana`, roles `ops` and `deploy`; signatures are checked."""
    return moto_process.populate()


@pytest.fixture
def whoami(moto, aws):
    """The command that asks moto who it is; version 2 before 2.13 takes no address from the environment."""
    return [aws, "--endpoint-url", moto.address, "--output", "json", "sts", "get-caller-identity"]


CONFIG = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.ops]
provider = "aws"
ttl_default = "30m"
ttl_max = "2h"
hand_out = true
env = { AWS_ENDPOINT_URL = "ADDRESS" }
[roles.ops.aws]
role_arn = "arn:aws:iam::123456789012:role/ops"
region = "eu-west-1"
session_name = "ana"
endpoint = "ADDRESS"
MORE
"""


def configure(prodaccess, moto, more='profile = "ana"'):
    """A role `ops` at moto, and ana's keys in profile `ana`."""
    prodaccess.configure(CONFIG.replace("ADDRESS", moto.address).replace("MORE", more)).policy(ALLOW_ALL)
    write_credentials(prodaccess.home, f"""[ana]
aws_access_key_id = {moto.key["AccessKeyId"]}
aws_secret_access_key = {moto.key["SecretAccessKey"]}
""")
    return prodaccess
