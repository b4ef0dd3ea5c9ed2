"""A person's configuration of AWS roles at the strict fake STS."""

import pytest

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

    def without_roles(self):
        self.text = self.text.split("[roles.")[0]
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
        self.prodaccess.tool("aws", '#!/bin/sh\necho "$AWS_ACCESS_KEY_ID"\n')
        return self


@pytest.fixture
def site(prodaccess, sts):
    return Site(prodaccess, sts)


def with_mfa(site, **options):
    return site.role("guarded", f'mfa_serial = "{MFA}"\n' + TIERS, **options)


def asking_script(site, code):
    """A program that prints a code, and notes that it was asked."""
    script = site.prodaccess.home / "code"
    script.write_text(f"#!/bin/sh\necho asked >> $HOME/asked\necho {code}\n")
    script.chmod(0o700)
    return script
