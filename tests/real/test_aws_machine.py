"""Base identities that the machine or the CI job gives: over real HTTP, from strict fakes."""

import socket

import jwt
import pytest

from aws_site import site, sts  # noqa: F401
from fake_machine import ROLE_PATH, FakeMachine


@pytest.fixture
def machine(sts):
    fake = FakeMachine(sts)
    yield fake
    fake.stop()


def container(machine, **changes):
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": machine.address + "/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": machine.authorization, **changes}


def instance(machine, **changes):
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": machine.address, "AWS_METADATA_SERVICE_TIMEOUT": "10",
            **changes}


def job(machine, **changes):
    return {"ACTIONS_ID_TOKEN_REQUEST_URL": machine.address + "/actions/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": machine.bearer, **changes}


def based(site, base):
    return site.without_roles().role(profile=f"base = {base}")


def child_of(site, **environment):
    """The environment of a command under the role."""
    printed = site.once("env", **environment).stdout
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


def the_role_came_from(site, sts, machine, child):
    """The machine's keys assumed the role, and nothing of them reached the child."""
    [(_, fields, key)] = [call for call in sts.calls if call[0] == "AssumeRole"]
    assert key is machine.key and int(fields["DurationSeconds"]) <= 3600, "a chained role lasts an hour"
    assert sts.keys[child["AWS_ACCESS_KEY_ID"]].arn.endswith("assumed-role/ops/ana")
    text = str(child)
    for secret in (machine.key.secret, machine.key.token, machine.authorization, machine.bearer):
        assert secret not in text and not site_files(site, secret)


def site_files(site, text):
    return [path for path in site.prodaccess.home.rglob("*")
            if path.is_file() and not path.is_symlink() and text.encode() in path.read_bytes()]


def test_the_container_endpoint_is_a_base(site, sts, machine):
    child = child_of(based(site, '"container"'), **container(machine))
    the_role_came_from(site, sts, machine, child)
    assert not [name for name in child if name.startswith("AWS_CONTAINER")]


def test_the_container_endpoint_takes_its_word_from_a_file_that_is_swapped(site, sts, machine):
    mount = site.prodaccess.home / "mount"
    (mount / "..2026").mkdir(parents=True)
    (mount / "..2026/token").write_text(machine.authorization)
    (mount / "..data").symlink_to("..2026")
    (mount / "token").symlink_to("..data/token")
    based(site, '"container"')
    from_file = container(machine, AWS_CONTAINER_AUTHORIZATION_TOKEN="another",
                          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(mount / "token"))
    child_of(site, **from_file)
    (mount / "..2026/token").write_text(machine.authorization + "\n")
    refused = site.once(status=125, **from_file)
    assert "has a line end in it" in refused.stderr and machine.authorization not in refused.stderr


def test_a_container_endpoint_that_is_unwell_is_asked_again(site, sts, machine):
    machine.unwell = 2
    child_of(based(site, '"container"'), **container(machine))
    assert len(machine.asked) == 3


@pytest.mark.parametrize("changes, words", [
    ({"AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong"}, "answers HTTP 401"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/v1/credentials"}, "not allowed over plain HTTP"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://0.0.0.0/v1/credentials"}, "not allowed over plain HTTP"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": ""}, "there is no container endpoint"),
])
def test_a_container_endpoint_that_cannot_be_used(site, sts, machine, changes, words):
    result = based(site, '"container"').once(status=125, **container(machine, **changes))
    assert words in result.stderr and machine.authorization not in result.stderr
    assert sts.calls == []


def test_the_instance_is_asked_in_version_2_alone(site, sts, machine):
    child = child_of(based(site, '"instance"'), **instance(machine))
    the_role_came_from(site, sts, machine, child)
    assert machine.asked == [("PUT", "/latest/api/token"), ("GET", ROLE_PATH), ("GET", ROLE_PATH + "node")]
    assert child["AWS_EC2_METADATA_DISABLED"] == "true", "the child does not fall back on the machine's role"
    assert "AWS_EC2_METADATA_SERVICE_ENDPOINT" not in child


def test_an_instance_that_nobody_answers_for(site, sts):
    with socket.socket() as bound:  # and listens not
        bound.bind(("127.0.0.1", 0))
        nowhere = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{bound.getsockname()[1]}"}
        told = based(site, '"instance"').once(status=125, **nowhere).stderr
        assert "no instance metadata service answers" in told and "hop-limit" in told
        told = based(site, '"chain"').once(status=125, **nowhere).stderr
        assert "there is no base identity" in told and "instance role" in told


@pytest.mark.parametrize("status", [403, 404, 405])
def test_an_instance_without_version_2_is_never_asked_in_version_1(site, sts, machine, status):
    machine.no_token = status
    result = based(site, '"instance"').once(status=125, **instance(machine))
    assert f"gives no token (HTTP {status})" in result.stderr
    assert machine.asked == [("PUT", "/latest/api/token")]


def test_an_instance_that_gives_no_keys(site, sts, machine):
    based(site, '"instance"')
    machine.code = "AssumeRoleUnauthorizedAccess"
    assert "AssumeRoleUnauthorizedAccess no trust" in site.once(status=125, **instance(machine)).stderr
    machine.unwell = 2
    assert "AssumeRoleUnauthorizedAccess" in site.once(status=125, **instance(machine)).stderr
    machine.role = ""
    assert "gives no role here" in site.once(status=125, **instance(machine)).stderr
    machine.asked.clear()
    off = instance(machine, AWS_EC2_METADATA_DISABLED="true")
    assert "gives no role here" in site.once(status=125, **off).stderr
    assert machine.asked == [] and sts.calls == []


def test_the_chain_comes_to_the_container_before_the_instance(site, sts, machine):
    based(site, '"chain"')
    child_of(site, **container(machine), **instance(machine))
    assert [path for _, path in machine.asked] == ["/v1/credentials"]
    machine.asked.clear()
    child_of(site, **instance(machine))
    assert machine.asked[0] == ("PUT", "/latest/api/token")


def test_a_github_job_assumes_the_role_with_its_token(site, sts, machine):
    child = child_of(based(site, '"github-actions"'), **job(machine))
    assert len(sts.made("AssumeRoleWithWebIdentity")) == 1 and not sts.made("AssumeRole")
    assert not [name for name in child if name.startswith("ACTIONS_ID_TOKEN")]
    [token] = set(sts.web_tokens) - {"good.token.x"}
    assert token not in str(child) and not site_files(site, token) and not site_files(site, machine.bearer)


@pytest.mark.parametrize("audience, changes, words", [
    ("another", {}, "the identity token is not accepted"),
    ("sts.amazonaws.com", {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "wrong"}, "answers HTTP 401"),
    ("sts.amazonaws.com", {"ACTIONS_ID_TOKEN_REQUEST_URL": ""}, "id-token: write"),
    ("sts.amazonaws.com", {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://192.0.2.1/x"}, "plain HTTP goes to this machine"),
])
def test_a_github_job_that_gets_no_session(site, sts, machine, audience, changes, words):
    based(site, f'"github-actions"\naudience = "{audience}"')
    result = site.once(status=125, **job(machine, **changes))
    assert words in result.stderr and machine.bearer not in result.stderr


def test_a_gitlab_job_assumes_the_role_with_the_variable_it_names(site, sts, machine):
    based(site, '"token-variable"\ntoken_variable = "GITLAB_OIDC_TOKEN"')
    child = child_of(site, GITLAB_OIDC_TOKEN="good.token.x")
    assert len(sts.made("AssumeRoleWithWebIdentity")) == 1 and "good.token.x" not in str(child)
    assert "GITLAB_OIDC_TOKEN is not set" in site.once(status=125).stderr
    sts.web_tokens["good.token.x"] = "https://gitlab.example.com"
    refused = site.once(status=125, GITLAB_OIDC_TOKEN="good.token.x").stderr
    assert "the identity token is not accepted" in refused


def test_doctor_looks_at_a_job_and_issues_nothing(site, sts):
    based(site, '"token-variable"\ntoken_variable = "GITLAB_OIDC_TOKEN"')
    token = jwt.encode({"sub": "project_path:shop/api", "iss": "https://gitlab.example.com"}, "k" * 32)
    report = site.prodaccess.json("doctor", "aws", "--json", GITLAB_OIDC_TOKEN=token)
    found = {finding["subject"]: finding["detail"] for finding in report["findings"]}
    assert found["aws identity"] == "subject project_path:shop/api of https://gitlab.example.com"
    assert found["aws reachability"] == sts.address + "/" and found["aws clock skew"] == "0s"
    assert token not in str(report)
    assert [name for name, _, _ in sts.calls] == ["GetCallerIdentity"]
