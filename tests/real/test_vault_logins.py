"""How prodaccess logs in to Vault: every method, against OpenBao's own server."""

import json
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

from conftest import wait_until
from local_authority import free_port
from oidc_provider import CLIENT, CLIENT_SECRET, OidcProvider
from vault_server import (VaultServer, approle, approle_login, base, configure, keep,  # noqa: F401
                          mounted_auth, needs_bao, once, printed, vault)

pytestmark = needs_bao

SECRET = 'engine = "kv"\npath = "app"'
WHO = 'env = { WHO = "{user}:{port}" }'


@pytest.fixture
def leaves_no_token(vault):
    before = vault.accessors()
    yield
    wait_until(lambda: vault.accessors() <= before)


@pytest.fixture(scope="module")
def identity_provider():
    provider = OidcProvider()
    yield provider
    provider.stop()


def works(prodaccess, vault, login, **changes):
    configure(prodaccess, vault, SECRET, top=WHO, login=login)
    assert printed(prodaccess, "WHO", **changes) == "u-1:5432"


def test_approle(prodaccess, vault, leaves_no_token):
    auth = mounted_auth(vault, "approle")
    role_id, secret_id = approle(vault, auth)
    keep(prodaccess, "secret-id", secret_id)
    works(prodaccess, vault, approle_login(auth, role_id))
    keep(prodaccess, "secret-id", "WRONG")
    told = once(prodaccess, "true", status=125).stderr
    assert "log us in: 400 invalid role or secret ID" in told and "WRONG" not in told


def test_a_secret_id_for_one_use_serves_a_one_shot_run(prodaccess, vault, leaves_no_token):
    auth = mounted_auth(vault, "approle")
    role_id, secret_id = approle(vault, auth, secret_id_num_uses=1)
    keep(prodaccess, "secret-id", secret_id)
    works(prodaccess, vault, approle_login(auth, role_id))
    assert "invalid" in once(prodaccess, "true", status=125).stderr


def wrapped(vault, path, body=None):
    request = urllib.request.Request(
        f"{vault.address}/v1/{path}", method="POST", data=json.dumps(body or {}).encode(),
        headers={"X-Vault-Token": "root-of-the-tests", "X-Vault-Wrap-TTL": "120"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.loads(reply.read())["wrap_info"]["token"]


def test_a_wrapped_secret_id_is_unwrapped_once_and_kept(prodaccess, vault, leaves_no_token):
    auth = mounted_auth(vault, "approle")
    role_id, _ = approle(vault, auth)
    token = wrapped(vault, f"auth/{auth}/role/ci/secret-id")
    keep(prodaccess, "secret-id", token)
    login = approle_login(auth, role_id, "wrapped = true")
    works(prodaccess, vault, login)
    assert not vault.alive(token), "it is spent"
    assert printed(prodaccess, "WHO") == "u-1:5432", "the secret id was kept"


def test_a_wrapping_token_that_was_made_elsewhere_or_is_spent_is_an_alarm(prodaccess, vault):
    auth = mounted_auth(vault, "approle")
    role_id, secret_id = approle(vault, auth)
    login = approle_login(auth, role_id, "wrapped = true")
    configure(prodaccess, vault, SECRET, login=login)
    forged = wrapped(vault, "sys/wrapping/wrap", {"secret_id": secret_id})
    keep(prodaccess, "secret-id", forged)
    told = once(prodaccess, "true", status=125).stderr
    assert 'it was made by "sys/wrapping/wrap"' in told and "somebody may have unwrapped it" in told
    opened = vault.call("POST", "sys/wrapping/unwrap", token=forged)
    assert opened["data"]["secret_id"] == secret_id, "it was looked at, not opened"
    spent = wrapped(vault, f"auth/{auth}/role/ci/secret-id")
    vault.call("POST", "sys/wrapping/unwrap", token=spent)
    keep(prodaccess, "secret-id", spent)
    assert "not valid any more; somebody may" in once(prodaccess, "true", status=125).stderr


def test_userpass(prodaccess, vault, leaves_no_token):
    auth = mounted_auth(vault, "userpass")
    vault.call("POST", f"auth/{auth}/users/ana", {"password": "p w", "token_policies": ["broker", "reads"]})
    login = f'method = "userpass"\nmount = "{auth}"\nusername = "ana"\npassword_from = '
    works(prodaccess, vault, login + '"env:ANAS_PASSWORD"', ANAS_PASSWORD="p w")
    told = once(prodaccess, "true", status=125, ANAS_PASSWORD="WRONG").stderr
    assert "400 invalid username or password" in told and "WRONG" not in told
    program = prodaccess.home / "ask"
    program.write_text('#!/bin/sh\n[ -z "$ANAS_PASSWORD$VAULT_TOKEN" ] && echo "$1 w"\n')
    program.chmod(0o700)
    works(prodaccess, vault, login + f'"command:{program} p"', ANAS_PASSWORD="rival")
    program.chmod(0o777)
    assert "chmod" in once(prodaccess, "true", status=125).stderr


def test_a_password_is_asked_once_by_login_and_kept(prodaccess, vault):
    auth = mounted_auth(vault, "userpass")
    vault.call("POST", f"auth/{auth}/users/ana", {"password": "p w", "token_policies": ["broker", "reads"]})
    configure(prodaccess, vault, SECRET, top=WHO, login=f'method = "userpass"\nmount = "{auth}"\n'
              'username = "ana"\npassword_from = "stored"\nname = "corp"')
    assert "hint: prodaccess login corp\n" in once(prodaccess, "true", status=125).stderr
    terminal = prodaccess.person("login", "corp")
    try:
        terminal.wait_for(lambda screen: "Password of ana" in screen)
        terminal.type("p w")
        terminal.keys("Enter")
        terminal.wait_for(lambda screen: "corp  signed in" in screen)
    finally:
        terminal.close()
    assert printed(prodaccess, "WHO") == "u-1:5432"
    assert prodaccess.json("logout", "corp", "--json")["logouts"][0]["was_signed_in"] is True
    once(prodaccess, "true", status=125)


def test_the_token_of_a_ci_job(prodaccess, vault, identity_provider, leaves_no_token):
    auth = mounted_auth(vault, "jwt")
    vault.call("POST", f"auth/{auth}/config", {"jwks_url": identity_provider.address + "/keys"})
    vault.call("POST", f"auth/{auth}/role/ci", {
        "role_type": "jwt", "bound_audiences": [CLIENT], "user_claim": "sub",
        "bound_claims": {"ref": "main"}, "token_policies": ["broker", "reads"]})
    login = f'method = "jwt"\nmount = "{auth}"\nrole = "ci"\njwt_from = "env:CI_JOB_JWT"'
    works(prodaccess, vault, login, CI_JOB_JWT=identity_provider.token(ref="main"))
    told = once(prodaccess, "true", status=125, CI_JOB_JWT=identity_provider.token(ref="other")).stderr
    assert "log us in: 400" in told and "eyJ" not in told
    assert "CI_JOB_JWT is not set" in once(prodaccess, "true", status=125).stderr


def browser_mount(vault, identity_provider, port, **more):
    auth = mounted_auth(vault, "jwt")
    vault.call("POST", f"auth/{auth}/config", {
        "oidc_discovery_url": identity_provider.address, "oidc_client_id": CLIENT,
        "oidc_client_secret": CLIENT_SECRET, "default_role": "people"})
    vault.call("POST", f"auth/{auth}/role/people", {
        "role_type": "oidc", "user_claim": "sub", "token_policies": ["broker", "reads"],
        "allowed_redirect_uris": [f"http://localhost:{port}/oidc/callback",
                                  f"{vault.address}/v1/auth/{auth}/oidc/callback"], **more})
    return f'method = "oidc"\nmount = "{auth}"\nrole = "people"\nport = {port}\nname = "corp"'


@pytest.fixture
def browser_role(vault, identity_provider):
    return browser_mount(vault, identity_provider, free_port())


@pytest.mark.parametrize("mode", ["direct", "device"])
def test_a_person_signs_in_where_no_browser_reaches_this_machine(prodaccess, vault, identity_provider,
                                                                 mode):
    login = browser_mount(vault, identity_provider, free_port(), callback_mode=mode)
    configure(prodaccess, vault, SECRET + '\npolicies = ["reads"]', top=WHO,
              login=login + f'\ncallback = "{mode}"')
    process = prodaccess.start("login", "corp")
    try:
        open_page(shown_address(process, "ABCD-1234" if mode == "device" else None))
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0 and "signed in as" in out, err
    assert printed(prodaccess, "WHO") == "u-1:5432"


def open_page(url):
    """What a browser does: it follows every redirect."""
    with urllib.request.urlopen(url, timeout=30) as page:
        text = page.read().decode()
        if 'id="confirm-button"' in text:  # OpenBao asks whether it was really this person
            return open_page(page.url + "&confirmation=1")
        return text


def shown_address(process, code=None):
    """The page that the person is told to open; `code`: and what to enter there."""
    address = None
    for line in process.stderr:
        if line.startswith("prodaccess: http"):
            address = line.split()[1]
        if address and (code is None or code in line):
            return address
    raise AssertionError("no page was shown")


def test_a_person_signs_in_by_browser(prodaccess, vault, browser_role):
    configure(prodaccess, vault, SECRET + '\npolicies = ["reads"]', top=WHO, login=browser_role)
    told = once(prodaccess, "true", status=125).stderr
    assert "prodaccess login" in told
    before = vault.accessors()
    process = prodaccess.start("login", "corp")
    try:
        address = shown_address(process)
        callback = "http://localhost:" + browser_role.split("port = ")[1].split()[0] + "/oidc/callback"
        for forged in ("?state=forged&code=x", "?code=x", ""):
            with pytest.raises(urllib.error.HTTPError):
                open_page(callback + forged)
        assert "You are signed in" in open_page(address)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert out.startswith("corp  signed in as ") and "ana" in out
    assert printed(prodaccess, "WHO") == "u-1:5432"
    mine = vault.accessors() - before
    assert len(mine) == 1, "the login's token, for the next request too"
    prodaccess.run("logout", "corp")
    assert not mine & vault.accessors()
    assert "prodaccess login" in once(prodaccess, "true", status=125).stderr


def test_a_client_certificate_logs_in_and_a_foreign_authority_is_refused(prodaccess, tmp_path):
    folder = tmp_path / "pki"
    folder.mkdir(mode=0o700)
    server = VaultServer(tmp_path / "bao", "-dev-tls", f"-dev-tls-cert-dir={folder}")
    try:
        make_client_certificate(folder)
        server.policy("reads", read=["secret/data/*"])
        server.call("POST", "secret/data/app", {"data": {"user": "u-2", "port": 1}})
        server.call("POST", "sys/auth/cert", {"type": "cert"})
        server.call("POST", "auth/cert/certs/machine", {
            "certificate": (folder / "client.pem").read_text(), "token_policies": ["reads", "default"]})
        keys = (f'{SECRET}\nca_file = "{folder}/vault-ca.pem"\n'
                f'client_certificate = "{folder}/client.pem"\nclient_key = "{folder}/client.key"')
        login = 'method = "cert"\nrole = "machine"'
        configure(prodaccess, server, keys, top=WHO, login=login)
        assert printed(prodaccess, "WHO") == "u-2:1"
        configure(prodaccess, server, SECRET + keys.replace(SECRET, "").replace(
            f"{folder}/vault-ca.pem", "/etc/ssl/certs/ca-certificates.crt"), login=login)
        assert "certificate" in once(prodaccess, "true", status=125).stderr.lower()
    finally:
        server.stop()


def make_client_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=machine", "-addext",
                    "extendedKeyUsage=clientAuth", "-keyout", "client.key", "-out", "client.pem"],
                   cwd=folder, check=True, capture_output=True)
