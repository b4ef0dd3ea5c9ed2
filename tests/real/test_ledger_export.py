"""What `audit export` and `audit report` print is what other tools read."""

import csv
import io
import json
import os
import pathlib
import subprocess

import pytest

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[1] / "support/ocsf_1_3_0.json").read_text())
TOOL = pathlib.Path(os.environ.get("PRODACCESS_BUILD", "build")) / "bin/ledger_tool"
TYPES = {"integer": int, "string": str, "object": dict, "array": list}

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "ledger"
    subprocess.run([TOOL, "append", folder, "6", "5"], check=True, capture_output=True, timeout=60)
    return folder


def audit(home, *arguments):
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    run = subprocess.run([os.environ["PRODACCESS_BIN"], "audit", *map(str, arguments)], capture_output=True, text=True,
                         timeout=60, env=environment)
    assert run.returncode == 0, run.stderr
    return run.stdout


def faults_of(event):
    shape = SCHEMA["classes"].get(str(event.get("class_uid")))
    if shape is None:
        return ["unknown class"]
    faults = [f"no {name}" for name in shape["required"] if name not in event]
    faults += [f"{name} is no attribute" for name in event if name not in SCHEMA["types"]]
    faults += [f"{name} is no {kind}" for name, kind in SCHEMA["types"].items()
               if name in event and not isinstance(event[name], TYPES[kind])]
    if event["category_uid"] != shape["category_uid"] or event["activity_id"] not in shape["activity_id"]:
        faults.append("category or activity")
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        faults.append("type_uid")
    if event["severity_id"] not in SCHEMA["severity_id"] or event["status_id"] not in SCHEMA["status_id"]:
        faults.append("severity or status")
    if any(name not in event["metadata"] for name in SCHEMA["metadata_required"]):
        faults.append("metadata")
    if event["metadata"]["version"] != SCHEMA["version"] or "vendor_name" not in event["metadata"]["product"]:
        faults.append("version or vendor")
    return faults


def test_every_event_fits_the_released_schema(ledger, tmp_path):
    events = [json.loads(line) for line in audit(tmp_path, "export", "--ledger", ledger, "--format", "ocsf").splitlines()]
    assert {event["class_uid"] for event in events} == {0, 1007}
    for event in events:
        assert faults_of(event) == [], event
    broken = dict(events[1], activity_id=98)
    assert "category or activity" in faults_of(broken)


def test_json_lines_are_the_ledger_and_csv_has_a_row_for_each(ledger, tmp_path):
    lines = audit(tmp_path, "export", "--ledger", ledger).splitlines()
    content = b"".join(path.read_bytes() for path in sorted(ledger.glob("segment-*")))
    assert lines == content.decode().split("\n\n")[0].splitlines()
    rows = list(csv.DictReader(io.StringIO(audit(tmp_path, "export", "--ledger", ledger, "--format", "csv"))))
    assert [row["seq"] for row in rows] == [str(json.loads(line)["seq"]) for line in lines]


def test_pseudonyms_hide_names_and_keep_them_equal(ledger, tmp_path):
    (tmp_path / ".local/state/prodaccess").mkdir(parents=True, mode=0o700)
    text = audit(tmp_path, "export", "--ledger", ledger, "--pseudonyms")
    people = {json.loads(line)["actor"]["person"] for line in text.splitlines()}
    assert len(people) == 1 and people.pop().startswith("p-") and "bastion" not in text


def test_the_report_is_one_page_without_scripts(ledger, tmp_path):
    page = audit(tmp_path, "report", "--framework", "pci", "--from", "1d", "--ledger", ledger)
    assert page.startswith("<!doctype html>") and "<script" not in page and "src=" not in page
    report = json.loads(audit(tmp_path, "report", "--framework", "pci", "--from", "1d", "--ledger", ledger, "--ledger",
                              tmp_path / "missing", "--format", "json"))
    assert report["population"] == 6 and any("missing" in gap for gap in report["gaps"])
