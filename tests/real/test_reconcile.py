"""`audit reconcile` against logs as CloudTrail, Vault and Google write them: what ran under a grant is accounted for,
what did not is listed."""

import datetime
import json
import subprocess

import pytest
from conftest import BUILD, Prodaccess

GRANT = "7f3a9b2c44d10e58"
TOOL = BUILD / "bin/ledger_tool"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


@pytest.fixture
def auditor(tmp_path):
    tmp_path.chmod(0o700)
    auditor = Prodaccess(tmp_path)
    auditor.ledger = tmp_path / "copy/ledger"
    auditor.issued = lambda handle, grant=GRANT: subprocess.run([TOOL, "issued", auditor.ledger, handle, grant],
                                                               check=True, timeout=60)

    def reconcile(*logs, status):
        files = []
        for number, log in enumerate(logs):
            files.append(tmp_path / f"log-{number}")
            files[-1].write_text(log)
        return auditor.json("audit", "reconcile", *files, "--ledger", auditor.ledger, "--json", status=status)

    auditor.reconcile = reconcile
    return auditor


def moment(hours=0.0):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def cloudtrail(name, session, key="ASIAIOSFODNN7EXAMPLE", hours=0.0):
    """As in the CloudTrail user guide, "record contents"."""
    return {"eventVersion": "1.09", "userIdentity": {
        "type": "AssumedRole", "principalId": f"AROAEXAMPLEID:{session}",
        "arn": f"arn:aws:sts::111122223333:assumed-role/ops/{session}", "accountId": "111122223333", "accessKeyId": key,
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "ops"}, "attributes": {}}},
        "eventTime": moment(hours), "eventSource": "ec2.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.1", "requestParameters": None, "eventID": "e1", "readOnly": False}


def vault(path, accessor, metadata=None, kind="request"):
    """As in Vault's "audit devices", one entry a line."""
    return json.dumps({"time": moment(), "type": kind, "auth": {
        "client_token": "hmac-sha256:aa", "accessor": accessor, "display_name": "token", "policies": ["default"],
        "metadata": metadata, "token_type": "service"}, "request": {
            "id": "d4c1", "operation": "read", "path": path, "client_token_accessor": accessor}})


def google(method, email):
    """As Cloud Logging exports it (AuditLog)."""
    return {"protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                             "authenticationInfo": {"principalEmail": email}, "serviceName": "compute.googleapis.com",
                             "methodName": method}, "timestamp": moment(), "severity": "NOTICE", "logName": "l"}


def test_cloudtrail(auditor):
    auditor.issued("prodaccess-ana-7f3a")
    log = json.dumps({"Records": [cloudtrail("DescribeInstances", "prodaccess-ana-7f3a"),
                                  cloudtrail("TerminateInstances", "prodaccess-ana-7f3a"),
                                  cloudtrail("TerminateInstances", "prodaccess-ana-7f3ab"),
                                  cloudtrail("DeleteBucket", "console-login"),
                                  cloudtrail("RunInstances", "prodaccess-ana-7f3a", hours=5)]})
    told = auditor.reconcile(log, status=3)
    assert (told["events"], told["accounted"]) == (5, 2)
    assert [each["action"] for each in told["without_us"]] == [
        "ec2.amazonaws.com TerminateInstances", "ec2.amazonaws.com DeleteBucket", "ec2.amazonaws.com RunInstances"]
    assert "console-login" in told["without_us"][1]["identity"]
    only_ours = json.dumps({"Records": [cloudtrail("DescribeInstances", "prodaccess-ana-7f3a")]})
    assert auditor.reconcile(only_ours, status=0)["without_us"] == []


def test_vault(auditor):
    auditor.issued("accessor:bKmn3Example lease:database/creds/app/x7K until:2031-01-01T00:00:00Z")
    log = "\n".join([vault("secret/data/app", "bKmn3Example"), vault("secret/data/app", "bKmn3Example", kind="response"),
                     vault("secret/data/other", "stranger-accessor"),
                     vault("secret/data/app", "hmac-sha256:11aa", {"grant": GRANT}),
                     vault("secret/data/app", "hmac-sha256:22bb"), "not json"])
    told = auditor.reconcile(log, status=3)
    assert (told["events"], told["accounted"], told["hashed"], told["unreadable"]) == (4, 2, 1, 1)
    assert "hmac_accessor=false" in auditor.run("audit", "reconcile", auditor.home / "log-0", "--ledger",
                                               auditor.ledger, status=3).stderr


def test_google(auditor):
    auditor.issued("impersonated-account deployer@shop.iam.gserviceaccount.com 2031-01-01T00:00:00Z")
    ours = google("v1.compute.instances.list", "deployer@shop.iam.gserviceaccount.com")
    strange = google("v1.compute.instances.delete", "eve@example.com")
    for log in (json.dumps([ours, strange]), json.dumps(ours) + "\n" + json.dumps(strange) + "\n"):
        told = auditor.reconcile(log, status=3)
        assert (told["events"], told["accounted"]) == (2, 1)
        assert told["without_us"][0]["identity"] == "eve@example.com"


def test_several_logs_and_a_span(auditor):
    auditor.issued("prodaccess-ana-7f3a")
    strange = json.dumps({"Records": [cloudtrail("DeleteBucket", "console-login")]})
    told = auditor.reconcile(strange, json.dumps(google("x", "eve@example.com")), status=3)
    assert {each["source"] for each in told["without_us"]} == {"cloudtrail", "gcp"}
    later = auditor.json("audit", "reconcile", auditor.home / "log-0", "--ledger", auditor.ledger, "--from",
                         "2031-01-01", "--json")
    assert later["events"] == 0
    (auditor.home / "log-2").write_text("<html>\n")
    assert "no log of a known form" in auditor.run("audit", "reconcile", auditor.home / "log-2", "--ledger",
                                                   auditor.ledger, status=2).stderr
