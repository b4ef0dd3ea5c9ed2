"""Plans of tools that are not at hand, by scripts that stand for them; on which credential a plan is made,
and what the policy says of it."""

import json
import re

import pytest

from aws_keys_provider import KeysProvider
from conftest import LOCAL_ROLES, need

ROLE = """
[roles.runner]
provider = "local"
ttl_max = "2h"
local = { kind = "token", audience = "https://service.example.com" }
"""

# Plans what the file `steps` says, and applies a plan by noting it.
PULUMI = """#!/bin/sh
for word do case $word in --save-plan=*) plan=${word#--save-plan=} ;; --plan=*) given=${word#--plan=} ;;
  --preview-only) only=1 ;; esac; done
case $1 in
  preview) cp steps "$plan" ;;
  up) cp "$given" applied; echo "$*" > words ;;
  destroy) if [ "$only" ]; then cat digest; else echo "$*" > destroyed; fi ;;
esac
"""
TERRAFORM = """#!/bin/sh
for word do case $word in -out=*) plan=${word#-out=} ;; esac; last=$word; done
echo "$*" >> calls
case $1 in
  plan) cp steps "$plan" ;;
  show) cat "$last" ;;
  apply) cp "$last" applied ;;
esac
"""


def pulumi_plan(*steps):
    return json.dumps({"manifest": {}, "resourcePlans": {
        f"urn:pulumi:prod::shop::aws:s3/bucket:Bucket::{number}": {"goal": {"type": "x"}, "steps": [step]}
        for number, step in enumerate(steps)}})


def terraform_plan(*actions):
    return json.dumps({"format_version": "1.2", "resource_changes": [
        {"address": f"thing.n{number}", "type": "thing", "change": {"actions": [action]}}
        for number, action in enumerate(actions)]})


@pytest.fixture
def runner(prodaccess):
    prodaccess.configure(LOCAL_ROLES + ROLE)
    prodaccess.run("request", "--role", "runner")
    prodaccess.steps = prodaccess.home / "steps"
    prodaccess.applied = prodaccess.home / "applied"
    return prodaccess


CASES = [("pulumi", PULUMI, pulumi_plan, ("pulumi", "up", "-s", "prod")),
         ("terragrunt", TERRAFORM, terraform_plan, ("terragrunt", "apply"))]


@pytest.mark.parametrize("name, program, plan, words", CASES)
def test_the_plan_is_counted_and_exactly_it_is_applied(runner, name, program, plan, words):
    need("tmux")
    runner.tool(name, program)
    # What only creates is a write.
    runner.steps.write_text(plan("create", "create"))
    assert "2 to create" in runner.run("exec", "--", *words).stderr
    assert runner.applied.read_text() == plan("create", "create")
    runner.applied.unlink()
    # What deletes needs more, and is what was shown.
    runner.steps.write_text(plan("delete", "delete", "create"))
    refused = runner.json("exec", "--json", "--", *words, status=126)["error"]
    assert refused["effect"] == "destructive" and refused["preview"]["kind"] == "plan"
    assert "2 to delete" in refused["preview"]["result"]
    assert not runner.applied.exists()
    session = runner.person("exec", "--", *words, columns=140)
    try:
        session.wait_for(lambda text: "Type the number of targets to go on" in text)
        runner.steps.write_text(plan("delete", "delete", "delete", "delete"))
        session.type("3")
        session.type(session.wait_for(lambda text: re.search(r"Type  (\S{4})  to run", text)).group(1))
        assert session.exit_status() == 0, session.screen()
    finally:
        session.close()
    assert runner.applied.read_text() == plan("delete", "delete", "create")


@pytest.mark.parametrize("name, program, plan, words", CASES)
def test_a_plan_that_cannot_be_read_is_not_applied(runner, name, program, plan, words):
    runner.tool(name, program)
    for text in ("", "nonsense", '{"resourcePlans": {"urn": {}}}', '{"format_version": "1.2", "resource_changes": {}}'):
        runner.steps.write_text(text)
        assert "plan" in runner.run("exec", "--", *words, status=126).stderr
    assert not runner.applied.exists()


def test_pulumi_applies_the_plan_that_the_line_names(runner):
    runner.tool("pulumi", PULUMI)
    runner.steps.write_text(pulumi_plan("delete"))
    (runner.home / "saved.json").write_text(pulumi_plan("create"))
    assert "1 to create" in runner.run("exec", "--", "pulumi", "up", "--plan=saved.json").stderr
    assert runner.applied.read_text() == pulumi_plan("create")


def test_pulumi_destroy_is_counted(runner):
    need("tmux")
    runner.tool("pulumi", PULUMI)
    (runner.home / "digest").write_text(json.dumps({"steps": [
        {"op": "delete", "urn": f"urn:pulumi:prod::shop::x::{number}"} for number in range(3)]}))
    session = runner.person("exec", "--", "pulumi", "destroy", "-s", "prod", "--yes", columns=140)
    try:
        session.wait_for(lambda text: "Type the number of targets to go on" in text)
        assert "3 to delete" in session.screen()
        assert not (runner.home / "destroyed").exists()
        session.type("3")
        session.type(session.wait_for(lambda text: re.search(r"Type  (\S{4})  to run", text)).group(1))
        assert session.exit_status() == 0, session.screen()
    finally:
        session.close()
    assert (runner.home / "destroyed").read_text() == "destroy -s prod --yes\n"


def test_steps_in_another_tools_preview_are_lines_as_any(runner):
    runner.tool("kubectl", "#!/bin/sh\necho '{\"steps\": [{\"name\": \"build\"}]}'\n")
    shown = runner.run("exec", "--dry-run", "--", "kubectl", "delete", "pod", "api")
    assert "build" in shown.stdout + shown.stderr


@pytest.mark.parametrize("words", [("apply", "--all"), ("run-all", "apply"), ("apply", "--queue-include-dir", "x")])
def test_terragrunt_over_many_units_has_no_plan_and_says_so(runner, words):
    runner.tool("terragrunt", TERRAFORM)
    shown = runner.run("exec", "--dry-run", "--", "terragrunt", *words).stdout
    assert "opaque" in shown and "1 to" not in shown
    assert runner.run("exec", "--", "terragrunt", *words, status=126)
    assert not (runner.home / "calls").exists()


@pytest.fixture
def tiers(prodaccess):
    keys = KeysProvider(prodaccess, tiers=True)
    prodaccess.policy("# the defaults\n")
    keys.request()
    prodaccess.tool("terraform", TERRAFORM)
    (prodaccess.home / "steps").write_text(terraform_plan("delete"))
    return keys


def test_what_nobody_agreed_to_is_planned_on_the_read_tier(tiers):
    refused = tiers.prodaccess.json("exec", "--json", "--", "terraform", "apply", status=126)["error"]
    assert "1 to delete" in refused["preview"]["result"]
    assert "plan -input=false" in (tiers.prodaccess.home / "calls").read_text()
    assert "wide" not in tiers.issued() and "read" in tiers.issued()


def test_for_a_person_a_plan_has_the_rights_of_the_real_call(tiers):
    need("tmux")
    session = tiers.prodaccess.person("exec", "--", "terraform", "apply", columns=140)
    try:
        session.wait_for(lambda text: "to go on" in text)
        assert "wide" in tiers.issued()
        session.keys("C-c")
    finally:
        session.close()


def test_a_rule_can_keep_the_projects_code_waiting(tiers):
    tiers.prodaccess.policy('[[rule]]\nid = "no-project-code"\nidentity = ["agent", "ci"]\nproject_code = true\n'
                            'effect = "read"\nverdict = "approve"\nfrom = { count = 1 }\n')
    said = tiers.prodaccess.run("exec", "--", "terraform", "apply", status=126).stderr
    assert "rule no-project-code does not let the preview run unasked" in said
    assert not (tiers.prodaccess.home / "calls").exists()
