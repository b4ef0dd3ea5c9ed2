"""The Vault provider against OpenBao's own server, with hvac as an independent client."""

import json
import subprocess
import sys

import pytest

from conftest import need
from exec_fixtures import ALLOW_ALL
from provider_conformance import ProviderConformance, Subject
from vault_server import BROKER_PATHS, ROOT_TOKEN, VaultServer, needs_bao

pytestmark = needs_bao

STORES = '[stores]\ndurable = "file"\npassphrase_from = "key-file:{home}/store.key"\n'


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    server = VaultServer(tmp_path_factory.mktemp("bao") / "server")
    server.policy("broker", **BROKER_PATHS)
    server.policy("reads", read_list=["secret/data/*", "secret/metadata/*"])
    server.policy("writes", create_read_update=["secret/data/*"])
    server.call("POST", "secret/data/app", {"data": {"user": "u-1", "password": "p-1", "port": 5432}})
    yield server
    server.stop()


@pytest.fixture
def base(vault):
    """A token for prodaccess's own login, which a test's home keeps in a file."""
    token, accessor = vault.token("broker", "reads", "writes", "default")
    yield token
    vault.call("POST", "auth/token/revoke-accessor", {"accessor": accessor})


def role(vault, keys, login='method = "token"\ntoken_from = "file:{home}/token"', top="", name="app"):
    return (f'{STORES}[roles.{name}]\nprovider = "vault"\nttl_default = "10m"\nttl_max = "1h"\n{top}\n'
            f'[roles.{name}.vault]\naddress = "{vault.address}"\n{keys}\n'
            f'[roles.{name}.vault.login]\n{login}\n')


def configure(prodaccess, vault, keys, base=None, **more):
    if base is not None:
        keep(prodaccess, "token", base)
    return prodaccess.configure(role(vault, keys, **more)).policy(ALLOW_ALL)


def keep(prodaccess, name, text):
    path = prodaccess.home / name
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def once(prodaccess, *words, status=0, **changes):
    return prodaccess.run("exec", "--once", "--role", "app", "--", *words, status=status, **changes)


def printed(prodaccess, variable, **changes):
    return once(prodaccess, "printenv", variable, **changes).stdout.strip()


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


# --- logins ---

def test_approle_logs_in_and_leaves_no_token(prodaccess, vault):
    auth = mounted_auth(vault, "approle")
    role_id, secret_id = approle(vault, auth)
    before = vault.accessors()
    keep(prodaccess, "secret-id", secret_id)
    configure(prodaccess, vault, 'engine = "kv"\npath = "app"', top='env = { WHO = "{user}:{port}" }',
              login=approle_login(auth, role_id))
    assert printed(prodaccess, "WHO") == "u-1:5432"
    assert vault.accessors() == before
    keep(prodaccess, "secret-id", "wrong")
    told = once(prodaccess, "true", status=125).stderr
    assert "log us in: 400 invalid role or secret ID" in told and "wrong" not in told


_count = iter(range(10_000))


def mounted_auth(vault, kind):
    name = f"{kind}-{next(_count)}"
    vault.call("POST", f"sys/auth/{name}", {"type": kind})
    return name


def mounted(vault, kind, **options):
    name = f"{kind}-{next(_count)}"
    vault.call("POST", f"sys/mounts/{name}", {"type": kind, **options})
    return name


def approle(vault, auth, **more):
    vault.call("POST", f"auth/{auth}/role/ci",
               {"token_policies": ["broker", "reads"], "token_ttl": "5m", "token_max_ttl": "2h", **more})
    role_id = vault.call("GET", f"auth/{auth}/role/ci/role-id")["data"]["role_id"]
    return role_id, vault.call("POST", f"auth/{auth}/role/ci/secret-id", {})["data"]["secret_id"]


def approle_login(auth, role_id, more=""):
    return (f'method = "approle"\nmount = "{auth}"\nrole_id = "{role_id}"\n'
            f'secret_id_from = "file:{{home}}/secret-id"\n{more}')


class TestConformance(ProviderConformance):
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
