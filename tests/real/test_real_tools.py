"""The guard around real tools: terraform with a local state, kubectl against a fake API server, aws
against moto. What the prompt says is what happens."""

import json
import os
import re
import subprocess

import pytest

from conftest import LOCAL_ROLES, need
from fake_kubernetes import FakeKubernetes

ROLE = """
[roles.runner]
provider = "local"
ttl_max = "2h"
local = { kind = "token", audience = "https://service.example.com" }
"""

TERRAFORM = 'resource "terraform_data" "{0}" {{\n  input = "{1}"\n}}\n'


def question(session, pattern):
    return session.wait_for(lambda text: re.search(pattern, text)).group(1)


@pytest.fixture
def terraform(prodaccess):
    need("tmux", "terraform")
    prodaccess.environment.update(CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")
    prodaccess.configure(LOCAL_ROLES + ROLE)
    prodaccess.run("request", "--role", "runner")
    prodaccess.main = prodaccess.home / "main.tf"
    prodaccess.main.write_text("".join(TERRAFORM.format(name, 1) for name in "abc"))
    subprocess.run(["terraform", "init", "-input=false"], cwd=prodaccess.home, env=prodaccess.environment,
                   check=True, capture_output=True, timeout=120)
    return prodaccess


def state(prodaccess):
    file = prodaccess.home / "terraform.tfstate"
    return sorted(resource["name"] for resource in json.loads(file.read_text())["resources"]) if file.exists() else []


def test_terraform_applies_exactly_the_plan_that_was_counted(terraform):
    # What only creates is a write: nobody is asked.
    session = terraform.person("exec", "--", "terraform", "apply", columns=140)
    try:
        assert session.exit_status(120) == 0, session.screen()
    finally:
        session.close()
    assert state(terraform) == ["a", "b", "c"]
    # Two go: the plan says so, and is what must be typed.
    terraform.main.write_text(TERRAFORM.format("a", 1))
    session = terraform.person("exec", "--", "terraform", "apply", columns=140)
    try:
        session.wait_for(lambda text: "Type the number of targets to go on" in text, 120)
        assert "exactly this plan is applied" in session.screen()
        terraform.main.write_text("")  # meanwhile the last one is taken out too
        session.type("2")
        session.type(question(session, r"Type  (\S{4})  to run"))
        assert session.exit_status(120) == 0, session.screen()
    finally:
        session.close()
    assert state(terraform) == ["a"]


def test_terraform_without_an_answer_or_a_plan_changes_nothing(terraform):
    subprocess.run(["terraform", "apply", "-auto-approve", "-input=false"], cwd=terraform.home,
                   env=terraform.environment, check=True, capture_output=True, timeout=120)
    assert "approval" in terraform.run("exec", "--", "terraform", "destroy", "-auto-approve", status=126).stderr
    shown = terraform.run("exec", "--dry-run", "--", "terraform", "destroy").stdout
    assert "destructive" in shown and "nothing was run" in shown
    terraform.main.write_text("resource {")
    assert "nothing was run" in terraform.run("exec", "--", "terraform", "destroy", status=126).stderr
    assert state(terraform) == ["a", "b", "c"]


def test_a_saved_plan_is_counted_and_applied_as_it_was_shown(terraform):
    folder = terraform.home / "infra"
    folder.mkdir()
    terraform.main.rename(folder / "main.tf")
    quietly = {"cwd": folder, "env": terraform.environment, "check": True, "capture_output": True, "timeout": 120}
    subprocess.run(["terraform", "init", "-input=false"], **quietly)
    subprocess.run(["terraform", "apply", "-auto-approve", "-state=s.tfstate"], **quietly)
    (folder / "main.tf").write_text(TERRAFORM.format("a", 1))
    subprocess.run(["terraform", "plan", "-input=false", "-state=s.tfstate", "-out=saved"], **quietly)
    words = ("exec", "--", "terraform", "-chdir=infra", "apply", "-state=s.tfstate", "saved")

    def names():
        return sorted(one["name"] for one in json.loads((folder / "s.tfstate").read_text())["resources"])

    shown = terraform.json("exec", "--dry-run", "--json", *words[1:])
    assert shown["effect"] == "destructive" and "sha256:" in shown["preview"]["summary"]
    session = terraform.person(*words, columns=140)
    try:
        session.wait_for(lambda text: "Type the number of targets to go on" in text, 120)
        (folder / "saved").write_text("no plan")  # what was shown is what is applied
        session.type("2")
        session.type(question(session, r"Type  (\S{4})  to run"))
        assert session.exit_status(120) == 0, session.screen()
    finally:
        session.close()
    assert names() == ["a"]
    assert "nothing was run" in terraform.run(*words, status=126).stderr
    assert "there is no plan" in terraform.run("exec", "--", "terraform", "apply", "missing", status=126).stderr
    assert "by itself" in terraform.run("exec", "--", "sh", "-c", "true; terraform apply", status=126).stderr


def test_variables_that_add_options_count_once_and_a_wrapper_stays(terraform):
    added = {"TF_CLI_ARGS_apply": "-target=terraform_data.a -auto-approve", "TF_CLI_ARGS_plan": "-destroy"}
    assert "1 to create" in terraform.run("exec", "--", "timeout", "60", "terraform", "apply", **added).stderr
    assert state(terraform) == ["a"]


# A terraform whose plans are larger than what is judged of a file, and that says LONG bytes of them.
LARGE_PLANS = """#!/bin/sh
for word do case $word in -out=*) plan=${word#-out=} ;; esac; last=$word; done
case $1 in
  plan) head -c 2000000 /dev/zero > "$plan"; echo "Plan: 0 to add, 0 to change, 1 to destroy." ;;
  show) printf '{"format_version": "1.2", "resource_changes": [{"address": "thing.a", "type": "thing", "name": "a",
    "change": {"actions": ["delete"]}}], "rest": "error '; head -c "${LONG:-1}" /dev/zero | tr '\\0' 0; printf '"}' ;;
  apply) [ "$(wc -c < "$last")" = 2000000 ] && touch applied ;;
esac
"""


@pytest.fixture
def large_plans(prodaccess):
    need("tmux")
    prodaccess.tool("terraform", LARGE_PLANS)
    prodaccess.configure(LOCAL_ROLES + ROLE)
    prodaccess.run("request", "--role", "runner")
    return prodaccess


def test_a_plan_of_megabytes_is_compared_whole_before_it_is_applied(large_plans):
    session = large_plans.person("exec", "--", "terraform", "destroy", columns=140, LONG="4000000")
    try:
        session.type(question(session, r"Type the name of the target,  (\S+)  ,"))
        session.type(question(session, r"Type  (\S{4})  to run"))
        assert session.exit_status(60) == 0, session.screen()
    finally:
        session.close()
    assert (large_plans.home / "applied").exists()


def test_a_plan_that_says_too_much_is_refused_in_a_line(large_plans):
    result = large_plans.run("exec", "--", "terraform", "destroy", status=126, LONG="70000000")
    assert "wrote more than" in result.stderr and "nothing was run" in result.stderr
    assert len(result.stderr) < 2000
    assert not (large_plans.home / "applied").exists()


class FakeCluster(FakeKubernetes):
    """Deployments that can be read and deleted, a deletion perhaps only tried (dryRun=All)."""

    def __init__(self, folder):
        self.deployments = {"api", "web"}
        super().__init__(folder)

    def answer(self, method, path, who, body):
        plain, _, query = path.partition("?")
        name = plain.rpartition("/")[2]
        thing = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}}
        if plain == "/api":
            return 200, {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        if plain == "/apis":
            group = {"groupVersion": "apps/v1", "version": "v1"}
            return 200, {"kind": "APIGroupList", "apiVersion": "v1",
                         "groups": [{"name": "apps", "versions": [group], "preferredVersion": group}]}
        if plain == "/api/v1":
            return 200, {"kind": "APIResourceList", "groupVersion": "v1", "resources": []}
        if plain == "/apis/apps/v1":
            return 200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "apps/v1", "resources": [
                {"name": "deployments", "singularName": "deployment", "namespaced": True, "kind": "Deployment",
                 "verbs": ["get", "list", "delete"], "shortNames": ["deploy"]}]}
        if plain.startswith("/apis/apps/v1/namespaces/shop/deployments/"):
            if name not in self.deployments:
                return 404, "NotFound", f'deployments.apps "{name}" not found'
            if method == "DELETE":
                tried = "dryRun" in query or (body or {}).get("dryRun")
                if not tried:
                    self.deployments.discard(name)
                return 200, {"kind": "Status", "apiVersion": "v1", "status": "Success",
                             "details": {"name": name, "kind": "deployments"}}
            return 200, thing
        return super().answer(method, path, who, body)


@pytest.fixture
def cluster(prodaccess, tmp_path):
    need("tmux", "kubectl", "openssl")
    fake = FakeCluster(tmp_path)
    config = prodaccess.home / "kubeconfig"
    config.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "prod-eu",
        "clusters": [{"name": "c", "cluster": {"server": fake.address, "certificate-authority": str(tmp_path / "ca.crt")}}],
        "users": [{"name": "u", "user": {"token": fake.base_token}}],
        "contexts": [{"name": "prod-eu", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}]}))
    config.chmod(0o600)
    prodaccess.configure(LOCAL_ROLES + ROLE + f'env = {{ KUBECONFIG = "{config}" }}\n')
    prodaccess.run("request", "--role", "runner")
    yield prodaccess, fake
    fake.stop()


def test_kubectl_deletes_what_was_previewed_and_named(cluster):
    prodaccess, fake = cluster
    assert "api" in prodaccess.run("exec", "--", "kubectl", "get", "deployment", "api", "-n", "shop").stdout
    words = ("exec", "--", "kubectl", "delete", "deployment", "api", "-n", "shop", "--wait=false")
    assert "approval" in prodaccess.run(*words, status=126).stderr
    assert fake.deployments == {"api", "web"}
    session = prodaccess.person(*words, columns=140)
    try:
        assert question(session, r"Type the name of the target,  (\S+)  ") == "api"
        assert fake.deployments == {"api", "web"}  # previewed, not done
        session.type("api")
        session.type(question(session, r"Type  (\S{4})  to run"))
        assert session.exit_status() == 0, session.screen()
    finally:
        session.close()
    assert fake.deployments == {"web"}
    # The preview of what is not there stops.
    assert "nothing was run" in prodaccess.run(*words, status=126).stderr


@pytest.fixture
def moto(prodaccess):
    server = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    need("tmux", "aws")
    thread = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    thread.start()
    host, port = thread.get_host_and_port()
    url = f"http://{host}:{port}"
    credential = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x",
                  "region_name": "eu-west-1", "endpoint_url": url}
    ec2 = boto3.client("ec2", **credential)
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2)["Instances"]
    prodaccess.configure(LOCAL_ROLES + ROLE + 'env = { AWS_ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE", '
                         'AWS_SECRET_ACCESS_KEY = "x", AWS_DEFAULT_REGION = "eu-west-1", '
                         f'AWS_ENDPOINT_URL = "{url}" }}\n')
    prodaccess.environment["PATH"] += ":" + os.path.dirname(subprocess.run(
        ["sh", "-c", "command -v aws"], capture_output=True, text=True).stdout.strip())
    prodaccess.run("request", "--role", "runner")
    yield prodaccess, ec2, [one["InstanceId"] for one in made]
    thread.stop()


def test_aws_terminates_what_was_tried_and_counted(moto):
    prodaccess, ec2, ids = moto

    def states():
        found = ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"]
        return {one["State"]["Name"] for one in found}

    session = prodaccess.person("exec", "--", "aws", "ec2", "terminate-instances", "--instance-ids", *ids,
                                columns=140)
    try:
        session.wait_for(lambda text: "Type the number of targets to go on" in text, 90)
        assert "DryRunOperation" in session.screen()
        assert states() == {"running"}
        session.type("2")
        session.type(question(session, r"Type  (\S{4})  to run"))
        assert session.exit_status(90) == 0, session.screen()
    finally:
        session.close()
    assert states() == {"terminated"}
