"""`audit prune` removes what is old and keeps what proves the rest; a copy of it is verified without configuration,
with the public key alone."""

import json
import shutil
import subprocess

import pytest
from conftest import BUILD, LOCAL_ROLES, wait_until

TOOL = BUILD / "bin/ledger_tool"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="ledger_tool is not built")


@pytest.fixture
def user(prodaccess):
    prodaccess.configure(LOCAL_ROLES)
    prodaccess.state.mkdir(parents=True, mode=0o700)
    subprocess.run([TOOL, "append", prodaccess.state / "ledger", "30", "5", "4000"], check=True, timeout=60,
                   capture_output=True)
    return prodaccess


def prune(user):
    return wait_until(lambda: (told := user.json("audit", "prune", "--keep", "1s", "--json"))["segments"] and told)


def test_proofs_made_before_and_after_hold(user):
    key = user.run("audit", "key").stdout.strip()
    proof = user.home / "proof.json"
    early = user.run("audit", "verify", "--proof", "3").stdout
    checkpoint = user.home / "kept"
    checkpoint.write_text(user.run("audit", "checkpoint").stdout)

    told = prune(user)
    assert told["first"] == 1 and told["last"] > 5
    report = user.json("audit", "verify", "--json")
    assert report["verdict"] == "proven" and report["pruned"] == told["last"]
    assert "only their hashes are left" in user.run("audit", "verify").stdout
    assert user.json("audit", "verify", "--checkpoint", checkpoint, "--json")["verdict"] == "proven"

    for text in (early, user.run("audit", "verify", "--proof", told["last"] + 2).stdout,
                 user.run("audit", "verify", "--proof", "size:20").stdout):
        proof.write_text(text)
        answer = user.json("audit", "verify", "--check-proof", proof, "--key", key, "--json")
        assert answer["holds"] and answer["trusted"]
        forged = json.loads(text)
        proof.write_text(text.replace(forged["path"][0][:8], "00000000") if "path" in forged
                         else text.replace('"size":', '"size":1'))
        result = user.run("audit", "verify", "--check-proof", proof, "--key", key, status=None)
        assert result.returncode != 0

    hashes = sorted((user.state / "ledger").glob("pruned-*"))[0]
    lines = hashes.read_text().split("\n")
    lines[0] = "0" * 64
    hashes.write_text("\n".join(lines))
    assert user.json("audit", "verify", "--json", status=1)["verdict"] == "broken"


def test_the_pruning_is_on_record_and_nothing_is_pruned_that_is_young(user):
    assert user.json("audit", "prune", "--keep", "365d", "--json")["segments"] == []
    told = prune(user)
    record = [json.loads(line) for line in user.run("audit", "export", "--kind", "pruned").stdout.splitlines()][-1]
    assert (record["data"]["first"], record["data"]["last"]) == (told["first"], told["last"])
    assert "how long" in user.run("audit", "prune", status=2).stderr
    user.configure(LOCAL_ROLES + '[audit]\nkeep = "365d"\n')
    assert user.json("audit", "prune", "--json")["segments"] == []


def test_a_copy_is_verified_without_configuration(user, tmp_path):
    key = tmp_path / "ledger.pub"
    key.write_text(user.run("audit", "key").stdout)
    copy = tmp_path / "elsewhere/copy"
    shutil.copytree(user.state / "ledger", copy)
    empty = tmp_path / "nobody"
    empty.mkdir()
    verify = lambda *words: json.loads(user.run("audit", "verify", "--json", "--ledger", copy, *words, status=None,
                                                HOME=str(empty)).stdout)
    assert verify()["verdict"] == "consistent"
    assert verify("--key", key)["verdict"] == "proven"
    user.config.joinpath("config.toml").write_text("nonsense = [")
    assert verify("--key", key)["verdict"] == "proven"
    assert not list(empty.iterdir()), "it wrote into the home of whoever verifies"
    for path in copy.iterdir():
        path.chmod(0o444)
    assert verify("--key", key)["verdict"] == "proven"
    result = user.run("audit", "verify", "--ledger", copy, "--key", "nonsense", status=2)
    assert "neither a public key" in result.stderr
