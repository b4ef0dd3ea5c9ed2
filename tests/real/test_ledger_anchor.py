"""The ledger's anchors: putting an older ledger back, with the anchor beside it, is seen by the one in the kernel's
keyring; what a person must do then works; and where there is no keyring nothing changes."""

import json
import shutil
import subprocess

import pytest
from conftest import BUILD, LOCAL_ROLES


@pytest.fixture
def user(local):
    probe = subprocess.run(["keyctl", "show", "@u"], capture_output=True) if shutil.which("keyctl") else None
    if probe is None or probe.returncode != 0:
        pytest.skip("the kernel's keyring cannot be used here")
    return local


def save(prodaccess, place):
    shutil.copytree(prodaccess.state / "ledger", place / "ledger")
    shutil.copy(prodaccess.state / "ledger.anchor", place / "ledger.anchor")


def put_back(prodaccess, place):
    for path in (prodaccess.state / "ledger").iterdir():
        path.unlink()
    for path in (place / "ledger").iterdir():
        shutil.copy(path, prodaccess.state / "ledger" / path.name)
    shutil.copy(place / "ledger.anchor", prodaccess.state / "ledger.anchor")


def verify(prodaccess, status=0):
    return prodaccess.json("audit", "verify", "--json", status=status)


def test_an_older_ledger_put_back_is_seen_and_repaired_by_a_person(user, tmp_path):
    user.run("request", "--role", "bastion")
    place = tmp_path / "saved"
    place.mkdir()
    save(user, place)
    user.run("request", "--role", "bastion", "--reason", "covered up")
    assert verify(user)["anchor_matches"]
    put_back(user, place)

    refused = user.run("request", "--role", "bastion", "--reason", "next", status=1)
    assert "says the kernel's keyring: its end was cut off" in refused.stderr and "audit repair" in refused.stderr
    report = verify(user, status=1)
    assert report["verdict"] == "broken" and report["finding"]["class"] == "cut"
    assert user.run("exec", "--role", "bastion", "--", "true", status=125)

    user.run("audit", "repair", "--reason", "restored from backup")
    user.run("request", "--role", "bastion", "--reason", "after the repair")
    assert verify(user)["verdict"] != "broken"
    repaired = [json.loads(line) for line in user.run("audit", "export", "--kind", "repaired").stdout.splitlines()]
    assert repaired[0]["data"]["reason"] == "restored from backup" and repaired[0]["data"]["class"] == "cut"


def test_a_ledger_that_was_removed_with_its_anchor_is_missed(user):
    user.run("request", "--role", "bastion")
    shutil.rmtree(user.state / "ledger")
    (user.state / "ledger.anchor").unlink()
    assert "the kernel's keyring names is gone" in user.run("request", "--role", "bastion", "--reason", "2",
                                                           status=1).stderr
    user.run("audit", "repair", "--reason", "somebody removed it")
    user.run("request", "--role", "bastion", "--reason", "3")
    assert verify(user)["verdict"] != "broken"


def test_another_record_in_the_last_ones_place_is_seen(user, tmp_path):
    user.run("request", "--role", "bastion")
    place = tmp_path / "saved"
    place.mkdir()
    save(user, place)
    user.run("request", "--role", "bastion", "--reason", "the true story")
    anchored = (user.state / "ledger.anchor").read_text()
    put_back(user, place)
    with_keyring = user.run("request", "--role", "bastion", "--reason", "x" * 14, status=1)
    assert "cut off" in with_keyring.stderr
    assert anchored != (user.state / "ledger.anchor").read_text()


def test_a_folder_begun_anew_begins_anew(user):
    user.run("request", "--role", "bastion")
    shutil.rmtree(user.state)
    user.run("request", "--role", "bastion")
    assert verify(user)["verdict"] != "broken"


def test_without_a_keyring_the_file_alone_speaks(local):
    tool = BUILD / "bin/no_keyring"
    if not tool.exists():
        pytest.skip("no_keyring is not built")
    local.configure(LOCAL_ROLES.replace("[stores]", '[stores]\nephemeral = "memory"'))
    for number in range(2):
        run = subprocess.run([tool, *local.argv("exec", "--once", "--role", "reader", "--reason", str(number), "--",
                                                "true")], env=local.environment, cwd=local.home, capture_output=True,
                             text=True, timeout=60)
        assert run.returncode == 0, run.stderr
    assert verify(local)["anchor_matches"]
