"""What AWS's clients get of a grant: the real kubectl and docker's protocol, checked by strict fakes
that verify every signature; keys that move into the store; sessions that are denied."""

import json
import os
import pathlib
import shutil
import subprocess
import urllib.parse

import pytest

from aws_keys_provider import botocore_says, needs_botocore
from aws_signature import Refused, verify
from conftest import BINARY
from exec_fixtures import ALLOW_ALL
from fake_aws_services import FakeAwsServices, check_eks_token
from fake_kubernetes import FakeKubernetes

REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl")

CONFIG = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.ops]
provider = "aws"
ttl_max = "2h"
hand_out = HANDOUT
[roles.ops.aws]
role_arn = "arn:aws:iam::111122223333:role/ops"
region = "eu-west-1"
profile = "base"
source_identity = "{person}"
tags = { reason = "{reason}", ticket = "{ticket}" }
endpoint = "ADDRESS"
endpoints = { ecr = "ADDRESS", federation = "ADDRESS", iam = "ADDRESS" }
MORE
"""


@pytest.fixture
def services():
    fake = FakeAwsServices()
    yield fake
    fake.stop()


def write_keys(prodaccess, text=None):
    folder = prodaccess.home / ".aws"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "credentials"
    path.write_text(text or "[base]\naws_access_key_id = AKIABASE\n"
                            "aws_secret_access_key = base-secret\n")
    path.chmod(0o600)
    return path


def configure(prodaccess, services, more="", hand_out="true"):
    prodaccess.configure(CONFIG.replace("ADDRESS", services.url).replace("MORE", more)
                         .replace("HANDOUT", hand_out)).policy(ALLOW_ALL)
    write_keys(prodaccess)
    return prodaccess


@pytest.fixture
def ops(prodaccess, services):
    return configure(prodaccess, services)


@pytest.fixture
def granted(ops):
    ops.run("request", "--role", "ops", "--reason", "INC-1 stuck")
    return ops


# EKS.

class FakeEks(FakeKubernetes):
    """An API server that takes EKS tokens for its cluster."""

    def __init__(self, folder, services):
        self.services = services
        super().__init__(folder)

    def who(self, authorization):
        token = (authorization or "").removeprefix("Bearer ")
        try:
            return self.services.arn_of(check_eks_token(token, "prod-eu", self.services.keys))
        except Refused:
            return None


@pytest.fixture
def cluster(tmp_path, services):
    folder = tmp_path / "cluster"
    folder.mkdir(mode=0o700)
    server = FakeEks(folder, services)
    yield server
    server.stop()


def kubeconfig(prodaccess, cluster, name="prod-eu", more=()):
    path = prodaccess.home / "kubeconfig"
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "eks",
        "clusters": [{"name": "eks", "cluster": {
            "server": cluster.address, "certificate-authority": str(cluster.folder / "ca.crt")}}],
        "contexts": [{"name": "eks", "context": {"cluster": "eks", "user": "eks"}}],
        "users": [{"name": "eks", "user": {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never",
            "command": BINARY, "args": ["aws", "eks-token", "--cluster", name, *more]}}}]}))
    return path


def kubectl(prodaccess, config):
    return subprocess.run(["kubectl", "--kubeconfig", str(config), "get", "--raw", "/version"],
                          env=prodaccess.environment, capture_output=True, text=True, timeout=60)


@needs_kubectl
def test_kubectl_is_the_role_at_the_cluster(granted, cluster):
    shown = kubectl(granted, kubeconfig(granted, cluster, more=["--role", "ops"]))
    assert shown.returncode == 0, shown.stderr
    assert ":assumed-role/ops/" in json.loads(shown.stdout)["whoami"]


@needs_kubectl
def test_a_token_for_another_cluster_is_refused(granted, cluster):
    shown = kubectl(granted, kubeconfig(granted, cluster, "staging", ["--role", "ops"]))
    assert shown.returncode != 0


@needs_kubectl
def test_under_exec_kubectl_signs_with_what_exec_gave(ops, cluster):
    """Without hand_out: the command was judged, and has its keys."""
    configure(ops, cluster.services, hand_out="false")
    ops.run("request", "--role", "ops", "--reason", "x")
    config = kubeconfig(ops, cluster)
    shown = ops.run("exec", "--role", "ops", "--", "kubectl", "--kubeconfig", config, "get", "--raw",
                    "/version")
    assert ":assumed-role/ops/" in json.loads(shown.stdout)["whoami"]
    refused = ops.run("aws", "eks-token", "--role", "ops", "--cluster", "prod-eu", status=3)
    assert "does not hand out" in refused.stderr


def test_the_token_is_announced_for_14_minutes_at_most(granted):
    answer = granted.json("aws", "eks-token", "--role", "ops", "--cluster", "prod-eu")
    assert answer["kind"] == "ExecCredential" and answer["status"]["expirationTimestamp"]
    assert granted.run("aws", "eks-token", "--role", "ops", "--cluster", "a/b", status=2)


# RDS.

def test_the_database_password_verifies(granted, services):
    token = granted.run("aws", "rds-token", "--host", "Db.example.com", "--user", "ana m").stdout
    target, query = token.strip().split("/?", 1)
    assert target == "db.example.com:5432"
    given = dict(urllib.parse.parse_qsl(query))
    assert given["DBUser"] == "ana m" and given["Action"] == "connect"
    key = verify("GET", "/?" + query, [("Host", target)], b"", services.keys, "rds-db")
    assert key in services.sessions
    assert granted.json("aws", "rds-token", "--json", "--host", "h", "--user", "u")["token"]


# ECR.

def docker_helper(prodaccess, operation, server, program=None):
    link = prodaccess.home / "docker-credential-prodaccess"
    if not link.exists():
        link.symlink_to(BINARY)
    return subprocess.run([str(program or link), operation], input=server, text=True,
                          capture_output=True, env=prodaccess.environment, timeout=60)


def test_docker_gets_its_login(granted, services):
    result = docker_helper(granted, "get", f"https://{REGISTRY}\n")
    login = json.loads(result.stdout)
    assert login["Username"] == "AWS" and login["ServerURL"] == f"https://{REGISTRY}"
    assert services.passwords[login["Secret"]] in services.sessions
    assert result.returncode == 0 and result.stderr == ""


def test_docker_is_told_in_its_own_words(ops, services):
    other = docker_helper(ops, "get", "docker.io")
    assert (other.returncode, other.stdout) == (1, "credentials not found in native keychain\n")
    assert docker_helper(ops, "get", "").stdout == "no credentials server URL\n"
    none = docker_helper(ops, "get", REGISTRY)
    assert none.returncode == 1 and "no active grant" in none.stdout
    assert docker_helper(ops, "list", "").stdout == "{}\n"
    for operation in ("store", "erase"):
        assert docker_helper(ops, operation, "{}").returncode == 0
    assert services.calls("GetAuthorizationToken") == []


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker command")
def test_the_real_docker_reads_it(granted, services):
    """`docker` finds the helper on PATH; logging out makes it call `erase`."""
    config = granted.home / ".docker"
    config.mkdir()
    (config / "config.json").write_text(json.dumps({"credHelpers": {REGISTRY: "prodaccess"}}))
    docker_helper(granted, "list", "")
    result = subprocess.run(["docker", "logout", REGISTRY], capture_output=True, text=True, timeout=60,
                            env={**granted.environment,
                                 "PATH": f"{granted.home}:{granted.environment['PATH']}"})
    assert result.returncode == 0, result.stderr
    assert "error" not in result.stdout + result.stderr


# The console.

def test_the_console_link_signs_in(granted, services):
    link = granted.run("aws", "console", "--role", "ops", "--destination",
                       "https://eu-west-1.console.aws.amazon.com/ec2/home").stdout.strip()
    url = urllib.parse.urlsplit(link)
    query = dict(urllib.parse.parse_qsl(url.query))
    assert query["Action"] == "login" and query["Issuer"] == "prodaccess"
    assert query["Destination"].endswith("/ec2/home")
    assert services.signin[query["SigninToken"]] in services.sessions
    for secret, token in services.keys.values():
        assert secret not in link and (not token or token not in link)
    refused = granted.run("aws", "console", "--duration", "1h", status=1)
    assert "chained role" in refused.stderr and refused.stdout == ""
    assert granted.run("aws", "console", "--destination", "javascript:alert(1)", status=1)


# What is handed out is judged.

@pytest.mark.parametrize("words", [["eks-token", "--cluster", "c"], ["console"],
                                   ["rds-token", "--host", "h", "--user", "u"]],
                         ids=lambda words: words[0])
def test_what_a_role_does_not_hand_out(prodaccess, services, words):
    configure(prodaccess, services, hand_out="false")
    prodaccess.run("request", "--role", "ops", "--reason", "x")
    refused = prodaccess.run("aws", *words, "--role", "ops", status=3)
    assert "hand_out = true" in refused.stderr and refused.stdout == ""


# Keys that move.

def test_keys_move_into_the_store_and_serve_from_there(ops, services):
    path = write_keys(ops, "# work\n[base]\naws_access_key_id = AKIABASE\n"
                           "aws_secret_access_key = base-secret\nregion = eu-west-1\n")
    moved = ops.json("aws", "import-keys", "--json")
    assert moved["imported"] == [{"profile": "base", "key": "AKIABASE", "store": "stored"}]
    assert path.read_text() == "# work\n[base]\nregion = eu-west-1\n"
    assert path.stat().st_mode & 0o777 == 0o600
    ops.run("exec", "--once", "--role", "ops", "--reason", "x", "--", "true")
    assert services.calls("AssumeRole")
    assert ops.json("aws", "keys", "--json")["keys"] == [{"profile": "base", "key": "AKIABASE"}]
    left = b"\n".join(p.read_bytes() for p in ops.home.rglob("*") if p.is_file())
    assert b"base-secret" not in left
    ops.run("aws", "keys", "--forget", "base")
    assert ops.run("exec", "--once", "--role", "ops", "--reason", "x", "--", "true", status=125)


def test_nothing_is_taken_out_that_cannot_be_kept(ops):
    path = write_keys(ops)
    text = path.read_text()
    (ops.home / "store.key").unlink()
    assert ops.run("aws", "import-keys", status=1).stderr
    assert path.read_text() == text


def test_what_import_keys_refuses(ops):
    path = write_keys(ops, "[s]\naws_access_key_id = ASIA1\naws_secret_access_key = x\n"
                           "aws_session_token = t\n[base]\naws_access_key_id = AKIABASE\n"
                           "aws_secret_access_key = base-secret\n")
    text = path.read_text()
    assert "temporary" in ops.run("aws", "import-keys", "s", status=2).stderr
    assert "no profile nobody" in ops.run("aws", "import-keys", "nobody", status=1).stderr
    path.chmod(0o644)
    assert "chmod" in ops.run("aws", "import-keys", status=1).stderr
    path.chmod(0o600)
    assert path.read_text() == text
    ops.run("aws", "import-keys", "--keep", "base")
    assert path.read_text() == text
    write_keys(ops, "[base]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n")
    refused = ops.run("aws", "import-keys", status=2).stderr
    assert "another key of profile base" in refused and "--replace" in refused
    ops.run("aws", "import-keys", "--replace")
    assert ops.json("aws", "keys", "--json")["keys"][0]["key"] == "AKIA...THER"


# Sessions that are denied.

def revoke(prodaccess, *words, status=0):
    return prodaccess.json("revoke", "--json", *words, "ops", status=status)["revoked"][0]["provider"]


def test_a_plain_revoke_says_what_lives_on(granted):
    outcome = revoke(granted)
    assert outcome["state"] == "not_revocable" and outcome["alive_until"]


def test_revoke_at_the_provider_denies_and_probes(granted, services):
    services.deny_after = 1
    outcome = revoke(granted, "--provider")
    assert outcome["state"] == "revoked" and outcome["alive_until"] is None, outcome
    assert "every session of role ops in 111122223333" in outcome["detail"]
    assert "probe refused after" in outcome["detail"]
    document = json.loads(services.policies["ops", "prodaccess-revoke"])
    statement = document["Statement"][0]
    assert statement["Effect"] == "Deny" and statement["Action"] == ["*"]
    assert set(statement["Condition"]) == {"DateLessThan"}
    # The probe that AWS answers even to the denied is not what it goes by.
    assert services.calls("GetAccessKeyInfo")


def test_revoke_by_source_identity_hits_one_person(prodaccess, services):
    configure(prodaccess, services, more='revoke = { by = "source-identity" }')
    prodaccess.run("request", "--role", "ops", "--reason", "x")
    person = services.calls("AssumeRole")[0]["SourceIdentity"]
    outcome = revoke(prodaccess, "--provider")
    assert f"sessions of source identity {person} before" in outcome["detail"]
    (name, document), = [(key[1], text) for key, text in services.policies.items()]
    assert name.startswith("prodaccess-revoke-")
    assert json.loads(document)["Statement"][0]["Condition"]["StringEquals"] == {
        "aws:SourceIdentity": person}


def test_a_deny_that_does_not_work_in_time_is_told(prodaccess, services):
    configure(prodaccess, services, more='revoke = { patience = "2s" }')
    prodaccess.run("request", "--role", "ops", "--reason", "x")
    services.deny_after = 1000
    outcome = revoke(prodaccess, "--provider", status=1)
    assert outcome["state"] == "failed" and outcome["alive_until"]
    assert "was not refused for it within" in outcome["detail"]


def test_who_may_not_deny_is_told_and_can_try_again(granted, services):
    services.may_put = False
    outcome = revoke(granted, "--provider", status=1)
    assert outcome["state"] == "failed" and "PutRolePolicy" in outcome["detail"]
    told = granted.run("revoke", "--provider", "ops", status=1).stderr
    assert "to try the rest again: prodaccess revoke --provider ops" in told
    services.may_put = True
    again = revoke(granted, "--provider")
    assert "denied by policy prodaccess-revoke" in again["detail"]
    assert "no credential of the grant is at hand" in again["detail"] and again["alive_until"]


# doctor.

def test_doctor_prints_what_makes_the_source_identity_mandatory(ops):
    findings = ops.json("doctor", "aws", "--json")["findings"]
    by_subject = {}
    for finding in findings:
        by_subject.setdefault(finding["subject"], []).append(finding)
    assert by_subject["aws identity"][0]["detail"] == "arn:aws:iam::111122223333:user/base"
    assert by_subject["aws clock skew"] and by_subject["aws base identity"]
    assert by_subject["aws reachability"][0]["detail"].startswith("http://127.0.0.1:")
    assert "sessions of role ops in 111122223333 of up to 1h" in by_subject["aws wide tier"][0]["detail"]
    assert json.loads(by_subject["aws revocation"][0]["hint"]) == {
        "Effect": "Allow", "Action": "iam:PutRolePolicy",
        "Resource": "arn:aws:iam::111122223333:role/ops"}
    statements = [json.loads(finding["hint"]) for finding in by_subject["aws trust policy"]]
    assert statements[0]["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    assert statements[0]["Principal"] == {"AWS": "arn:aws:iam::111122223333:user/base"}
    denied = [next(iter(statement["Condition"]["Null"])) for statement in statements[1:]]
    assert denied == ["sts:SourceIdentity", "aws:RequestTag/reason"]
    assert all(statement["Effect"] == "Deny" for statement in statements[1:])


def test_doctor_of_a_provider_that_no_role_has_is_no_success(ops):
    told = ops.run("doctor", "awz", status=1).stdout
    assert "no role is called awz, or has that provider" in told and "prodaccess doctor aws" in told
    report = ops.json("doctor", "vault", "--json", status=1)
    assert report["good"] is False


@needs_botocore
def test_botocore_signs_the_same_tokens(granted, services):
    """The same keys, the same second or the next: an independent signer's URL has the same parts."""
    keys = granted.json("creds", "--format", "aws-credential-process")
    ours = granted.run("aws", "rds-token", "--host", "h.example", "--user", "u").stdout.strip()
    theirs = botocore_says("""
        import botocore.session, sys
        client = botocore.session.Session().create_client("rds", region_name="eu-west-1")
        print(client.generate_db_auth_token("h.example", 5432, "u"))
        """, AWS_ACCESS_KEY_ID=keys["AccessKeyId"], AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"],
        AWS_SESSION_TOKEN=keys["SessionToken"])
    changing = {"X-Amz-Date", "X-Amz-Signature"}

    def parts(url):
        return {part for part in url.split("?")[1].split("&") if part.split("=")[0] not in changing}
    assert parts(ours) == parts(theirs) and ours.split("?")[0] == theirs.split("?")[0]


def test_no_secret_is_left_behind(granted, services):
    granted.run("aws", "console", "--role", "ops")
    docker_helper(granted, "get", REGISTRY)
    granted.run("aws", "rds-token", "--host", "h", "--user", "u")
    left = b"\n".join(path.read_bytes() for path in pathlib.Path(granted.home).rglob("*")
                      if path.is_file() and path.parent.name != ".aws")
    for key in services.sessions:
        for secret in services.keys[key]:
            assert secret.encode() not in left
    for secret in [*services.signin, *services.passwords]:
        assert secret.encode() not in left
    assert os.path.exists(granted.state)
