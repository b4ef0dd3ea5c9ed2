"""MFA codes, and many commands at once: a code is asked once, and a session is fetched once."""

import os
import re
import signal
import time

from aws_site import MFA, TIERS, asking_script, site, sts, with_mfa  # noqa: F401
from conftest import wait_until

def test_a_code_from_a_command_serves_both_tiers_of_a_grant(site, sts):
    script = site.prodaccess.home / "code"
    script.write_text("#!/bin/sh\necho 246801\n")
    script.chmod(0o700)
    with_mfa(site, session_name=f'session_name = "ana"\nmfa_command = ["{script}"]').fake_aws()
    site.request("guarded")
    for words in (("s3", "ls"), ("s3", "mb", "s3://a"), ("s3", "mb", "s3://b")):
        site.prodaccess.run("exec", "--role", "guarded", "--", "aws", *words)
    assert len(sts.made("GetSessionToken")) == 1 and len(sts.made("AssumeRole")) == 3
    script.write_text("#!/bin/sh\necho 654321\n")
    result = site.once(role="guarded", status=125)
    assert "invalid MFA one time pass code" in result.stderr
    script.write_text("#!/bin/sh\necho none\n")
    assert "does not print a code of six digits" in site.once(role="guarded", status=125).stderr


def test_without_a_terminal_no_code_can_be_asked(site, sts):
    result = with_mfa(site).request("guarded", status=None)
    assert result.returncode != 0 and "needs a terminal" in result.stderr
    assert sts.calls == []


def test_a_code_is_typed_once_at_the_terminal(site, sts):
    with_mfa(site).fake_aws()
    session = site.prodaccess.person("request", "--role", "guarded")
    try:
        session.wait_for(lambda text: f"MFA code of {MFA}" in text)
        session.type("12345")
        session.wait_for(lambda text: "a code has six digits" in text)
        session.type("246801")
        assert session.exit_status() == 0
        assert "246801" not in session.screen()
    finally:
        session.close()
    site.prodaccess.run("exec", "--role", "guarded", "--", "aws", "s3", "mb", "s3://a")
    assert len(sts.made("GetSessionToken")) == 1 and len(sts.made("AssumeRole")) == 2


def test_who_waits_hears_where_the_code_is_asked(site, sts):
    with_mfa(site)
    session = site.prodaccess.person("request", "--role", "guarded")
    try:
        session.wait_for(lambda text: f"MFA code of {MFA}" in text)
        waiting = site.prodaccess.start("request", "--role", "guarded")
        line = waiting.stderr.readline()
        assert re.search(r"waiting for pid \d+ \(asks for MFA on pts/\d+\)", line), line
        session.type("246801")
        assert session.exit_status() == 0
        assert waiting.wait(60) == 0
        waiting.communicate()
    finally:
        session.close()
    assert len(sts.made("GetSessionToken")) == 1 and len(site.grants()) == 1


def test_a_source_that_is_temporary_takes_no_code(site, sts):
    with_mfa(site, profile='base = "environment"')
    result = site.once(role="guarded", status=125, AWS_ACCESS_KEY_ID=sts.user.id,
                       AWS_SECRET_ACCESS_KEY=sts.user.secret, AWS_SESSION_TOKEN="temporary")
    assert "an MFA code goes with long-term keys" in result.stderr


# Crowds.


def crowd(site, count, role):
    return [site.prodaccess.start("exec", "--role", role, "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID")
            for _ in range(count)]


def outputs(processes):
    results = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), results
    return {out.strip() for out, _ in results}


def expired_grant(site, sts, role="ops"):
    """A grant whose one credential has ended."""
    sts.lifetime = 4
    site.request(role)
    sts.lifetime = None
    end = time.time() + 5
    wait_until(lambda: time.time() > end)
    sts.calls.clear()


def test_sixty_four_at_once_make_one_call(site, sts):
    site.role()
    expired_grant(site, sts)
    assert len(outputs(crowd(site, 64, "ops"))) == 1
    assert len(sts.made("AssumeRole")) == 1


def killed_half_way(site, sts, action, role, count, meanwhile=lambda: None):
    """A crowd whose first has asked `action` of STS and is killed before the answer."""
    sts.delay.clear()
    first = crowd(site, 1, role)[0]
    wait_until(lambda: len(sts.made(action)) == 1, 60)
    others = crowd(site, count - 1, role)
    meanwhile()
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: len(sts.made(action)) == 2, 120)
    sts.delay.set()
    return outputs(others)


def test_a_fetcher_that_is_killed_is_followed_by_one_other(site, sts):
    site.role()
    expired_grant(site, sts)
    assert len(killed_half_way(site, sts, "AssumeRole", "ops", 16)) == 1
    assert len(sts.made("AssumeRole")) == 2


def with_a_counted_code(site, code):
    script = asking_script(site, code)
    return site.role("guarded", f'mfa_serial = "{MFA}"\nmfa_command = ["{script}"]\n')


def test_sixty_four_whose_fetcher_is_killed_ask_for_no_code_again(site, sts):
    with_a_counted_code(site, "246801")
    expired_grant(site, sts, "guarded")
    assert len(killed_half_way(site, sts, "AssumeRole", "guarded", 64)) == 1
    assert len(sts.made("AssumeRole")) == 2 and not sts.made("GetSessionToken")
    assert (site.prodaccess.home / "asked").read_text() == "asked\n", "the first request's"


def test_a_fetcher_that_is_killed_with_its_code_is_followed_by_one_that_asks(site, sts):
    with_a_counted_code(site, "246801")
    sts.base_lifetime = 4
    expired_grant(site, sts, "guarded")
    sts.base_lifetime = None
    asking_script(site, "975310")
    # The code that went with it has served: the next one is asked for.
    assert len(killed_half_way(site, sts, "GetSessionToken", "guarded", 16,
                               lambda: asking_script(site, "864209"))) == 1
    assert len(sts.made("GetSessionToken")) == 2 and len(sts.made("AssumeRole")) == 1
    assert (site.prodaccess.home / "asked").read_text() == "asked\n" * 3


def test_a_crowd_with_a_code_asks_once(site, sts):
    script = asking_script(site, "246801")
    with_mfa(site, session_name=f'session_name = "ana"\nmfa_command = ["{script}"]').fake_aws()
    starts = [site.prodaccess.start("request", "--role", "guarded") for _ in range(8)]
    assert [process.wait(120) for process in starts] == [0] * 8
    assert len(site.grants()) == 1 and len(sts.made("GetSessionToken")) == 1
    wide = [site.prodaccess.start("exec", "--role", "guarded", "--", "aws", "s3", "mb", "s3://a")
            for _ in range(16)]
    assert len(outputs(wide)) == 16, "each has a session of its own"
    assert len(sts.made("GetSessionToken")) == 1
    assert (site.prodaccess.home / "asked").read_text() == "asked\n"


def test_a_crowd_whose_base_session_has_ended_asks_once(site, sts):
    script = asking_script(site, "246801")
    with_mfa(site, session_name=f'session_name = "ana"\nmfa_command = ["{script}"]').fake_aws()
    sts.base_lifetime = 4
    site.request("guarded")
    sts.base_lifetime = None
    end = time.time() + 5
    wait_until(lambda: time.time() > end)
    asking_script(site, "975310")
    wide = [site.prodaccess.start("exec", "--role", "guarded", "--", "aws", "s3", "mb", "s3://a")
            for _ in range(16)]
    assert len(outputs(wide)) == 16
    assert len(sts.made("GetSessionToken")) == 2
    assert (site.prodaccess.home / "asked").read_text() == "asked\n" * 2
