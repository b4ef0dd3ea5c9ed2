"""The AWS provider held to the conformance suite, at the strict fake STS."""

import pytest

from aws_site import site, sts  # noqa: F401
from moto_server import write_credentials
from provider_conformance import HttpProviderConformance, Subject


class TestConformance(HttpProviderConformance):
    @pytest.fixture
    def subject(self, site, sts):
        def point_at(address):
            site.without_roles().role(
                "subject", general='env = { SUBJECT_SECRET = "{session_token}" }',
                endpoint=f'endpoint = "{address}"',
                role_arn='role_arn = "arn:aws:iam::123456789012:role/ops"')
        point_at(sts.address)
        return Subject(site.prodaccess, alive=lambda token: token in {key.token for key in sts.keys.values()},
                       point_at=point_at, revocable=False, ends_in=None,  # STS's shortest is 15 minutes
                       spoil=lambda: write_credentials(site.prodaccess.home, "[ana]\n"
                                                       f"aws_access_key_id = {sts.user.id}\n"
                                                       "aws_secret_access_key = WRONG\n"))
