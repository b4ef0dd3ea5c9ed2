"""OpenBao's own Kubernetes engine before a strict API server, and kubectl with what it gives."""

import json
import shutil

import pytest

from fake_kubernetes import cluster  # noqa: F401
from vault_server import (configure, mounted, needs_bao, once, printed, vault)  # noqa: F401

pytestmark = [needs_bao,
              pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl")]


class Engine:
    """The engine's mount, which has a token of the cluster's that may make tokens and accounts."""

    def __init__(self, prodaccess, vault, cluster):
        self.prodaccess, self.vault, self.cluster = prodaccess, vault, cluster
        self.mount = mounted(vault, "kubernetes")
        vault.call("POST", f"{self.mount}/config", {
            "kubernetes_host": cluster.address, "disable_local_ca_jwt": True,
            "kubernetes_ca_cert": (cluster.folder / "ca.crt").read_text(),
            "service_account_jwt": cluster.base_token})
        self.role("editor", service_account_name="editor")
        self.role("viewer", service_account_name="viewer")
        self.role("made", kubernetes_role_name="editing", kubernetes_role_type="Role")
        vault.policy("cluster", update=[f"{self.mount}/creds/*"])
        self.token, self.accessor = vault.token("broker", "cluster", "default")

    def role(self, name, **options):
        self.vault.call("POST", f"{self.mount}/roles/{name}", {
            "allowed_kubernetes_namespaces": ["shop"], "token_default_ttl": "20m", **options})

    def configure(self, role, top=""):
        configure(self.prodaccess, self.vault,
                  f'engine = "kubernetes"\nmount = "{self.mount}"\nrole = "{role}"\n'
                  f'policies = ["cluster"]\nkubernetes_namespace = "shop"\n'
                  f'server = "{self.cluster.address}"\nserver_ca_file = "{self.cluster.folder}/ca.crt"',
                  self.token, top=top)

    def revoked(self):
        """What revoke says of a grant that was just used."""
        grant = self.prodaccess.json("request", "--role", "app", "--json")["grant"]
        token = self.prodaccess.run("exec", "--role", "app", "--", "printenv", "TOKEN").stdout.strip()
        report = self.prodaccess.json("revoke", grant["id"], "--json", status=None)["revoked"][0]
        return token, report["provider"]


@pytest.fixture
def engine(prodaccess, vault, cluster):
    made = Engine(prodaccess, vault, cluster)
    yield made
    vault.call("POST", "auth/token/revoke-accessor", {"accessor": made.accessor})


def test_kubectl_is_the_account_that_the_engine_names(engine):
    engine.configure("editor")
    result = once(engine.prodaccess, "kubectl", "get", "--raw", "/version")
    assert json.loads(result.stdout)["whoami"] == "editor"
    shown = once(engine.prodaccess, "kubectl", "config", "view", "--raw").stdout
    assert not any(token in shown for token in engine.cluster.tokens)


def test_the_token_of_an_account_that_was_there_outlives_its_lease_and_that_is_said(engine):
    engine.configure("editor", top='env = { TOKEN = "{token}" }')
    token, outcome = engine.revoked()
    assert engine.cluster.who(f"Bearer {token}") == "editor", "the engine ends nothing here"
    assert outcome["state"] == "not_revocable" and outcome["alive_until"], outcome
    assert "lease revoked" in outcome["detail"]


def test_an_account_that_the_engine_made_goes_with_the_lease(engine):
    engine.configure("made", top='env = { TOKEN = "{token}" }')
    token, outcome = engine.revoked()
    assert engine.cluster.who(f"Bearer {token}") is None and engine.cluster.bindings == {}
    assert outcome["state"] == "revoked" and not outcome["alive_until"], outcome


def test_a_narrowed_role_must_only_read(engine):
    engine.configure("viewer", top='narrowed = "read"')
    once(engine.prodaccess, "true")
    engine.configure("editor", top='narrowed = "read"')
    told = once(engine.prodaccess, "true", status=125).stderr
    assert "what was issued may do more than read" in told


def test_the_cluster_s_refusal_is_told(engine):
    engine.cluster.refuse_tokens = True
    engine.configure("editor")
    told = once(engine.prodaccess, "true", status=125).stderr
    assert "issue from" in told and len(told.strip().splitlines()) <= 3, told
