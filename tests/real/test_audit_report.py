"""`audit report`: every kind of gap is found and said, the criteria name tables that are there, and the page is safe,
alone and printable."""

import json
import os
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, need

TOOL = BUILD / "bin/ledger_tool"
BINARY = os.environ.get("PRODACCESS_BIN", str(BUILD / "bin/prodaccess"))
FRAMEWORKS = ["soc2", "hipaa", "gdpr", "pci", "iso27001"]
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


def write(folder, *words, before=()):
    return subprocess.run([*before, TOOL, "append", folder, *map(str, words)], capture_output=True, text=True,
                          timeout=60)


@pytest.fixture
def ledger(tmp_path):
    folder = tmp_path / "one/ledger"
    assert write(folder, 6, 3, 3000).returncode == 0
    return folder


def page(home, *ledgers, framework="soc2", words=(), kind="json"):
    argv = [BINARY, "audit", "report", "--framework", framework, "--format", kind, *words]
    argv += [] if "--from" in words else ["--from", "1d"]
    for each in ledgers:
        argv += ["--ledger", str(each)]
    run = subprocess.run(argv, capture_output=True, text=True, timeout=60,
                         env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
    assert run.returncode == 0, run.stderr
    return run.stdout


def gaps(home, *ledgers, words=()):
    return json.loads(page(home, *ledgers, words=words))["gaps"]


def test_a_whole_ledger_has_only_the_gap_behind_its_last_checkpoint(ledger, tmp_path):
    found = gaps(tmp_path, ledger)
    assert len(found) == 1 and "not covered by a trusted checkpoint" in found[0]


def test_a_missing_and_an_empty_ledger(ledger, tmp_path):
    (tmp_path / "empty").mkdir()
    found = gaps(tmp_path, ledger, tmp_path / "nowhere", tmp_path / "empty")
    assert any("nowhere" in gap and "No such file" in gap for gap in found)
    assert any("empty" in gap and "missing or empty" in gap for gap in found)


def test_a_missing_segment(ledger, tmp_path):
    sorted(ledger.glob("segment-*"))[1].unlink()
    assert any("broken at record" in gap and "missing" in gap for gap in gaps(tmp_path, ledger))


def test_a_changed_record_and_a_cut_end(ledger, tmp_path):
    shutil.copytree(ledger, tmp_path / "two")
    shutil.copy(str(ledger) + ".anchor", tmp_path / "two.anchor")
    last = sorted(ledger.glob("segment-*"))[-1]
    content = last.read_bytes()
    last.write_bytes(content.replace(b'"role":"ops"', b'"role":"xps"', 1))
    assert any("(changed): nothing behind it is evidence" in gap for gap in gaps(tmp_path, ledger))
    cut = sorted((tmp_path / "two").glob("segment-*"))[-1]
    lines = cut.read_bytes().rstrip(b"\n").split(b"\n")
    cut.write_bytes(b"\n".join(lines[:-1]) + b"\n")
    assert any("(cut)" in gap for gap in gaps(tmp_path, tmp_path / "two"))


def test_unsigned_spans_and_foreign_keys(ledger, tmp_path):
    (tmp_path / "one/ledger.anchor").unlink()
    assert any("records 1 to" in gap and "not covered" in gap for gap in gaps(tmp_path, ledger))
    other = tmp_path / "other/ledger"
    write(other, 3, 3)
    key = subprocess.run([BINARY, "audit", "key", "--ledger", other], capture_output=True, text=True, timeout=60,
                         env={"HOME": str(tmp_path), "PATH": "/usr/bin"}, check=True).stdout.strip()
    assert any("(unsigned)" in gap for gap in gaps(tmp_path, ledger, words=["--key", key]))


def test_a_torn_end(ledger, tmp_path):
    last = sorted(ledger.glob("segment-*"))[-1]
    content = last.read_bytes().rstrip(b"\n") + b'\n{"actor":{"class":"hum'
    last.write_bytes(content)
    assert any("cut short while being written" in gap for gap in gaps(tmp_path, ledger))


def test_records_set_aside_after_a_failed_sync(ledger, tmp_path):
    need("strace")
    failed = write(ledger, 3, before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                                      "inject=fdatasync:error=EIO:when=2"])
    if "ptrace" in failed.stderr:
        pytest.skip("strace cannot trace here")
    assert failed.returncode == 1
    assert write(ledger, 1).returncode == 0
    assert any("set aside after a failed sync" in gap for gap in gaps(tmp_path, ledger))


def test_pruned_records_and_nothing_in_the_span(ledger, tmp_path):
    first = sorted(ledger.glob("segment-*"))[0]
    hashes = [json.loads(line)["hash"] for line in first.read_text().split("\n") if line]
    (ledger / "pruned-00000001.hashes").write_text("\n".join(hashes) + "\n")
    first.unlink()
    assert any("only their hashes are left" in gap for gap in gaps(tmp_path, ledger))
    assert any("no record in the span" in gap
               for gap in gaps(tmp_path, ledger, words=["--from", "2020-01-01", "--to", "2020-02-01"]))


def test_commands_without_an_end_and_keys_of_one_boot(local):
    process = local.start("exec", "--once", "--role", "reader", "--", "sleep", "60")
    lines = lambda: local.run("audit", "export", status=None).stdout
    try:
        for _ in range(2000):
            if '"kind":"started"' in lines():
                break
        found = json.loads(local.run("audit", "report", "--framework", "pci", "--format", "json").stdout)["gaps"]
        assert any("commands without a known outcome" in gap for gap in found)
    finally:
        process.terminate()
        process.communicate(timeout=30)
    local.configure('[roles.reader]\nprovider = "local"\neffects = ["read"]\n'
                    'local = { kind = "token", audience = "x" }\n[stores]\ndurable = "secret-service"\n')
    shutil.rmtree(local.state / "ledger")
    (local.state / "ledger.anchor").unlink()
    local.run("audit", "repair", "--reason", "begun anew", status=None)
    local.run("exec", "--once", "--role", "reader", "--", "true", status=None)
    found = json.loads(local.run("audit", "report", "--framework", "pci", "--format", "json").stdout)["gaps"]
    assert any("signed by a key of one" in gap for gap in found), found


def test_several_machines_in_one_report(ledger, tmp_path):
    other = tmp_path / "other/ledger"
    write(other, 4, 3)
    report = json.loads(page(tmp_path, ledger, other))
    assert report["population"] == 10 and len(report["tables"]["Integrity"]["rows"]) == 2
    places = {row["record"].split(" #")[0] for row in report["tables"]["Sample of commands"]["rows"]}
    assert len(places) == 2, "a record's place must say which of two ledgers of one host is meant"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_criteria_name_tables_that_are_there(ledger, tmp_path, framework):
    subprocess.run([TOOL, "issued", ledger, "handle-1", "7f3a9b2c44d10e58"], check=True, timeout=60)
    report = json.loads(page(tmp_path, ledger, framework=framework))
    tables = report["tables"]
    for row in tables["Criteria"]["rows"]:
        for shown in row["shown by"].split("; "):
            title, _, details = shown.partition(": ")
            assert title in tables, row
            if details and title in ("Grants", "Population", "Sample of commands"):
                for column in details.split(", "):
                    assert column.split(" ci")[0] in tables[title]["rows"][0], (title, column)
    assert report["not_covered"]


def test_the_sample_is_drawn_again_from_its_seed(ledger, tmp_path):
    once = page(tmp_path, ledger, words=["--sample", "3", "--seed", "7", "--to", "2031-01-01"])
    again = page(tmp_path, ledger, words=["--sample", "3", "--seed", "7", "--to", "2031-01-01"])
    other = page(tmp_path, ledger, words=["--sample", "3", "--seed", "8", "--to", "2031-01-01"])
    rows = lambda text: json.loads(text)["tables"]["Sample of commands"]["rows"]
    assert len(rows(once)) == 3 and rows(once) == rows(again) != rows(other)


def test_the_page_stands_alone_and_shows_no_markup_of_others(local):
    local.run("request", "--role", "bastion", "--reason", "<script>alert(1)</script>\x1b[31m")
    text = local.run("audit", "report", "--framework", "gdpr", "--from", "1d").stdout
    assert text.startswith("<!doctype html>") and "default-src 'none'" in text and "@media print" in text
    assert "<script" not in text and "&lt;script&gt;" in text and "\x1b" not in text
    assert not re.search(r"(src|href)\s*=", text) and "url(" not in text and "@import" not in text
    assert "<svg" in text or "Commands by effect" not in text
    markdown = local.run("audit", "report", "--framework", "gdpr", "--from", "1d", "--format", "md").stdout
    assert "\\<script\\>" in markdown


def test_a_browser_shows_it(ledger, tmp_path):
    need("chromium")
    path = tmp_path / "report.html"
    path.write_text(page(tmp_path, ledger, kind="html"))
    text = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
                           f"--user-data-dir={tmp_path}/profile", path.as_uri()], capture_output=True, text=True,
                          timeout=120).stdout
    assert "Sample of commands" in text and "</table>" in text


def test_a_browser_prints_every_column_whole(ledger, tmp_path):
    need("chromium", "pdftotext")
    html, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    html.write_text(page(tmp_path, ledger, kind="html"))
    printed = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                              f"--user-data-dir={tmp_path}/browser", f"--print-to-pdf={pdf}", html.as_uri()],
                             capture_output=True, text=True, timeout=120,
                             env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert pdf.exists(), printed.stderr
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True,
                          timeout=60).stdout
    sample = json.loads(page(tmp_path, ledger))["tables"]["Sample of commands"]["rows"]
    assert len(sample) == 6
    for row in sample:
        whole = [line for line in text.splitlines() if line.rstrip().endswith(row["record"])]
        assert whole and whole[0].split()[0] == row["time"], (row, text)
