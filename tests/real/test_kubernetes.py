"""The Kubernetes provider against a strict fake API server, with the real kubectl as its client."""

import json
import re
import shutil

import pytest

from conftest import ROOT, wait_until
from exec_fixtures import ALLOW_ALL
from fake_kubernetes import cluster  # noqa: F401
from provider_conformance import HttpProviderConformance, Subject

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl")

CONFIG = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.NAME]
provider = "kubernetes"
ttl_default = "30m"
ttl_max = "2h"
ROLE
[roles.NAME.kubernetes]
server = "ADDRESS"
ca_file = "CA"
context = "prod-eu"
namespace = "shop"
service_account = "ACCOUNT"
auth = "token-file"
token_file = "{home}/token"
"""


def configure(prodaccess, cluster, account="editor", role="", name="shop", address=None):
    prodaccess.configure(
        CONFIG.replace("NAME", name).replace("ADDRESS", address or cluster.address).replace("ACCOUNT", account)
        .replace('"CA"', f'"{cluster.folder}/ca.crt"').replace("ROLE", role)).policy(ALLOW_ALL)
    token = prodaccess.home / "token"
    token.write_text(cluster.base_token + "\n")
    token.chmod(0o600)
    return prodaccess


def raw_version(prodaccess, **options):
    return prodaccess.run("exec", "--once", "--role", "shop", "--",
                          "kubectl", "get", "--raw", "/version", **options)


@needs_kubectl
def test_kubectl_runs_as_the_service_account_and_the_token_dies_with_it(prodaccess, cluster):
    result = raw_version(configure(prodaccess, cluster))
    assert json.loads(result.stdout)["whoami"] == "editor"
    assert cluster.secrets == {}, "the secret that the token was bound to is gone"
    token = next(iter(cluster.tokens))
    assert cluster.who(f"Bearer {token}") is None
    assert token not in result.stdout + result.stderr
    assert not list(prodaccess.home.rglob("kubeconfig")), "nothing is left behind"


@needs_kubectl
def test_the_childs_kubeconfig_holds_no_secret(prodaccess, cluster):
    configure(prodaccess, cluster)
    shown = prodaccess.run("exec", "--once", "--role", "shop", "--",
                           "kubectl", "config", "view", "--raw", KUBECONFIG="/rival").stdout
    assert "current-context: prod-eu" in shown and "exec-credential" in shown
    assert next(iter(cluster.tokens)) not in shown and cluster.base_token not in shown


@needs_kubectl
def test_a_long_command_gets_the_next_token_within_its_grant(prodaccess, cluster):
    configure(prodaccess, cluster)
    cluster.longest = 15  # as an API server may cut it
    prodaccess.run("request", "--role", "shop")
    enough = prodaccess.home / "enough"
    child = prodaccess.start("exec", "--role", "shop", "--", "sh", "-c", f"""
        for i in $(seq 300); do
            kubectl get --raw /version || exit 9
            [ -e {enough} ] && exit 0
            sleep 0.2
        done""")
    wait_until(lambda: len(cluster.tokens) >= 2, seconds=60)
    enough.touch()
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0 and '"editor"' in out, err


@needs_kubectl
def test_a_preview_reaches_the_cluster_of_the_role(prodaccess, cluster):
    """Not the one of the person's own configuration."""
    (prodaccess.home / ".kube").mkdir()
    (prodaccess.home / ".kube/config").write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "own",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "contexts": [{"name": "own", "context": {"cluster": "c", "user": ""}}]}))
    configure(prodaccess, cluster)
    (prodaccess.config / "policy.d/50-test.toml").unlink()  # the built-in rules ask for a preview
    result = prodaccess.run("exec", "--once", "--role", "shop", "--", "kubectl", "delete", "pod", "api", status=126)
    assert "previewing" in result.stderr and "Forbidden" in result.stderr, result.stderr
    assert any(who == "editor" for _, _, who in cluster.log), cluster.log


def test_a_refused_token_leaves_no_secret(prodaccess, cluster):
    cluster.refuse_tokens = True
    result = raw_version(configure(prodaccess, cluster), status=125)
    assert "403 Forbidden: no token for you" in result.stderr
    assert cluster.secrets == {}


def test_a_role_narrowed_to_read_is_checked_at_the_server(prodaccess, cluster):
    configure(prodaccess, cluster, role='narrowed = "read"')
    result = raw_version(prodaccess, status=125)
    assert "may do more than read: * on pods" in result.stderr
    assert cluster.secrets == {} and all(not token_alive(cluster, t) for t in cluster.tokens)


def token_alive(cluster, token):
    return cluster.who(f"Bearer {token}") is not None


@needs_kubectl
def test_a_read_only_account_passes_that_check(prodaccess, cluster):
    configure(prodaccess, cluster, account="viewer", role='narrowed = "read"')
    assert json.loads(raw_version(prodaccess).stdout)["whoami"] == "viewer"


def test_a_wrong_base_token_and_a_wrong_ca_are_said(prodaccess, cluster):
    configure(prodaccess, cluster)
    (prodaccess.home / "token").write_text("wrong")
    result = raw_version(prodaccess, status=125)
    assert "401 Unauthorized" in result.stderr and "base identity" in result.stderr
    prodaccess.configure((prodaccess.config / "config.toml").read_text()
                         .replace(str(cluster.folder / "ca.crt"), "/etc/ssl/certs/ca-certificates.crt"))
    assert "certificate" in raw_version(prodaccess, status=125).stderr.lower()
    assert cluster.tokens == {}


def test_a_kubeconfig_is_written_on_request(prodaccess, cluster):
    configure(prodaccess, cluster)
    path = prodaccess.home / "shop.kubeconfig"
    prodaccess.run("kubernetes", "kubeconfig", "--role", "shop", "--api-version", "v1",
                   "--output", path)
    text = path.read_text()
    assert "client.authentication.k8s.io/v1\"" in text and "exec-credential" in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert cluster.base_token not in text


@needs_kubectl
def test_the_manual_s_example_works(prodaccess, cluster):
    page = (ROOT / "man/prodaccess-kubernetes.7").read_text().replace("\\-", "-")
    example = re.search(r"^\[roles\.shop-debug\]\n.*?(?=^\.Ed)", page, re.S | re.M)[0]
    for name, value in (("server", cluster.address), ("ca_file", cluster.folder / "ca.crt"),
                        ("token_file", prodaccess.home / "token")):
        example, changed = re.subn(rf'^({name} *= )".*"$', rf'\g<1>"{value}"', example, flags=re.M)
        assert changed == 1, name
    configure(prodaccess, cluster).configure(CONFIG.split("[roles.")[0] + example)
    assert prodaccess.json("doctor", "kubernetes", "--json")["good"]
    shown = prodaccess.run("exec", "--once", "--role", "shop-debug", "--", "kubectl", "get", "--raw",
                           "/version").stdout
    assert json.loads(shown)["whoami"] == "viewer", "reads run on the read tier"


class TestConformance(HttpProviderConformance):
    @pytest.fixture
    def subject(self, prodaccess, cluster):
        def point_at(address):
            configure(prodaccess, cluster, name="subject", address=address,
                      role='env = { SUBJECT_SECRET = "{token}" }')
        point_at(cluster.address)
        return Subject(prodaccess, alive=lambda token: token_alive(cluster, token),
                       living=lambda: set(cluster.secrets), point_at=point_at,
                       spoil=lambda: (prodaccess.home / "token").write_text("WRONG"),
                       tls=(cluster.folder / "server.pem", cluster.folder / "server.key"),
                       ends_in=None)  # the API's shortest token lives for ten minutes
