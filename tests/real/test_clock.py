"""Clocks that are set forward and back: neither brings an approval or a grant to life again.

libfaketime stands for the changed clock. The time since boot goes on as it is, as it would.
"""

import glob
import json

import pytest

from test_approvals import approve, delete, request_file, site

__all__ = ["site"]

LIBRARY = next(iter(sorted(glob.glob("/usr/lib/*/faketime/libfaketime.so.1"))), None)
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")


def clock(change):
    return {"LD_PRELOAD": LIBRARY, "FAKETIME": change, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1"}


def refused(site, approved, change):
    words = ("exec", "--json", "--approval", approved, "--", "rm", "-rf", site.victim)
    result = site.run(*words, status=None, **clock(change))
    assert result.returncode in (125, 126), result
    assert site.victim.exists()
    return json.loads(result.stdout)["error"]


def test_the_control_uses_an_approval_under_the_library(site, tmp_path):
    approved = approve(site, request_file(site), "bob", tmp_path / "one.approved")
    site.run("exec", "--approval", approved, "--", "rm", "-rf", site.victim, **clock("+1s"))
    assert not site.victim.exists()


@pytest.mark.parametrize("change", ["-1h", "+400d", "-400d"])
def test_an_approval_holds_only_in_its_time(site, tmp_path, change):
    approved = approve(site, request_file(site), "bob", tmp_path / "one.approved")
    assert refused(site, approved, change)["message"]
    # The clock put right again, it still holds: the refusals have not used it up.
    site.run("exec", "--approval", approved, "--", "rm", "-rf", site.victim)
    assert not site.victim.exists()


def test_a_used_approval_stays_used_whatever_the_clock_says(site, tmp_path):
    approved = approve(site, request_file(site), "bob", tmp_path / "one.approved")
    site.run("exec", "--approval", approved, "--", "rm", "-rf", site.victim)
    site.victim.mkdir()
    site.run("approvals", **clock("+400d"))  # time to forget, by that clock
    site.run("exec", "--", "rm", "-rf", site.victim, status=None, **clock("+400d"))
    site.run("request", "--role", "bastion")  # that clock has ended the first grant
    for change in ("-10m", "-30s"):
        refused(site, approved, change)
    for change in ("+0s", "+1s"):
        assert "used already" in refused(site, approved, change)["message"]


def test_a_request_signed_by_another_clock_is_not_extended(site, tmp_path):
    """Asked for under a clock that runs ahead, an approval does not hold before that time has come."""
    error = json.loads(site.run("exec", "--json", "--", "rm", "-rf", site.victim, status=None,
                                **clock("+20m")).stdout)["error"]
    if error["code"] != "approval_required":
        return  # the grant itself does not hold under that clock
    line = next(hint for hint in error["hints"] if hint.startswith("prodaccess approve --file "))
    approved = approve(site, line.split()[3], "bob", tmp_path / "ahead.approved")
    assert "does not hold before" in json.dumps(refused(site, approved, "+0s"))


def test_a_grant_that_ended_does_not_live_again(local):
    local.run("request", "--role", "bastion", "--ttl", "30m")
    assert local.run("exec", "--", "true").returncode == 0
    for change in ("+40m", "+400d"):
        assert local.run("exec", "--", "true", status=125, **clock(change)).stderr
    assert local.run("exec", "--", "true").returncode == 0
    local.run("revoke", "--all")
    for change in ("-10m", "-1d", "+0s"):
        local.run("exec", "--", "true", status=125, **clock(change))
