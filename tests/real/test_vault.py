"""The Vault provider against OpenBao's own server, with hvac as an independent client."""

import json
import re
import subprocess
import sys
import textwrap

import pytest

from conftest import ROOT
from provider_conformance import HttpProviderConformance, Subject
from vault_server import (ROOT_TOKEN, base, configure, keep, needs_bao, once, printed,  # noqa: F401
                          vault)

pytestmark = needs_bao


def looked_up(vault, token):
    """What the server says of `token`, asked by hvac."""
    import hvac
    return hvac.Client(url=vault.address, token=ROOT_TOKEN).lookup_token(token)["data"]


LOOK = [sys.executable, "-c", """
import hvac, json, os
client = hvac.Client(url=os.environ["VAULT_ADDR"], token=os.environ["VAULT_TOKEN"])
print(json.dumps(client.lookup_token()["data"]))
"""]


def test_the_childs_token_is_narrow_short_and_dead_afterwards(prodaccess, vault, base):
    configure(prodaccess, vault, 'policies = ["reads"]', base)
    result = once(prodaccess, *LOOK, VAULT_TOKEN="rival", BAO_TOKEN="rival")
    token = json.loads(result.stdout)
    assert token["policies"] == ["default", "reads"]
    assert 0 < token["ttl"] <= 600 and token["explicit_max_ttl"] <= 600
    assert token["renewable"] is False and token["meta"]["prodaccess_role"] == "app"
    assert not vault.alive(token["id"])
    assert vault.alive(base)


def test_a_kept_grant_gives_the_same_token_until_it_is_revoked(prodaccess, vault, base):
    configure(prodaccess, vault, 'policies = ["reads"]\ndefault_policy = false', base)
    grant = prodaccess.json("request", "--json", "--role", "app")
    run = ("exec", "--role", "app", "--", "printenv", "BAO_TOKEN")
    token = prodaccess.run(*run).stdout.strip()
    assert prodaccess.run(*run).stdout.strip() == token
    assert looked_up(vault, token)["policies"] == ["reads"]
    revoked = prodaccess.json("revoke", "--json", "app")
    assert not vault.alive(token), revoked
    assert base not in json.dumps(revoked) and token not in json.dumps(revoked)


def test_a_token_for_a_few_uses(prodaccess, vault, base):
    configure(prodaccess, vault, 'policies = ["reads"]\nuses = 2', base)
    use = ("import hvac, os\nclient = hvac.Client(url=os.environ['VAULT_ADDR'], "
           "token=os.environ['VAULT_TOKEN'])\nworked = 0\n"
           "for _ in range(4):\n  try:\n    client.secrets.kv.v2.read_secret_version(path='app', "
           "raise_on_deleted_version=True); worked += 1\n  except hvac.exceptions.Forbidden: pass\n"
           "print(worked)")
    assert once(prodaccess, sys.executable, "-c", use).stdout.strip() == "2"


def test_a_read_tier_is_held_to_reading(prodaccess, vault, base):
    configure(prodaccess, vault, 'policies = ["reads"]', base, top='narrowed = "read"')
    assert vault.alive(printed(prodaccess, "VAULT_TOKEN")) is False
    before = vault.accessors()
    configure(prodaccess, vault, 'policies = ["writes"]', base, top='narrowed = "read"')
    told = once(prodaccess, "true", status=125).stderr
    assert "may do more than read: create,read,update on secret/data/" in told
    assert vault.accessors() == before, "what was too wide did not stay"


def test_policies_that_our_login_lacks_are_refused(prodaccess, vault, base):
    configure(prodaccess, vault, 'policies = ["somebody-elses"]', base)
    told = once(prodaccess, "true", status=125).stderr
    assert "make a token for the grant: 400" in told and "child policies must be subset" in told


class TestConformance(HttpProviderConformance):
    @pytest.fixture
    def subject(self, prodaccess, vault, base):
        def point_at(address):
            configure(prodaccess, vault, 'policies = ["reads"]', base, name="subject",
                      top='env = { SUBJECT_SECRET = "{token}" }')
            config = prodaccess.config / "config.toml"
            config.write_text(config.read_text().replace(vault.address, address))
        point_at(vault.address)
        return Subject(prodaccess, alive=vault.alive, living=vault.accessors, point_at=point_at,
                       spoil=lambda: keep(prodaccess, "token", "WRONG"))


def manual_examples():
    """The roles in the manual page, as a reader sees them."""
    rendered = subprocess.run(["mandoc", "-Tutf8", ROOT / "man/prodaccess-vault.7"], check=True,
                              capture_output=True, text=True).stdout
    plain = re.sub(".\b", "", rendered)
    blocks = re.findall(r"((?: +\[roles\.[a-z.]+\]\n| +\w+ *= .*\n|\n(?= +\[roles))+)", plain)
    return [textwrap.dedent(block) for block in blocks if block.strip().startswith("[roles.")]


def test_the_manuals_examples_are_whole(prodaccess):
    examples = manual_examples()
    assert len(examples) >= 4
    for example in examples:
        prodaccess.configure(example)
        shown = prodaccess.json("roles", "--json")["roles"]
        assert len(shown) == 1, example
    prodaccess.configure(example.replace("policies", "polices"))
    prodaccess.run("roles", status=1)
