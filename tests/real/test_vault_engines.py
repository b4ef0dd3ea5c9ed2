"""What Vault's secrets engines give to commands: OpenBao's own, with a real PostgreSQL and sshd behind
them; and a small fake for those that only Vault has (aws, gcp)."""

import http.server
import json
import os
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

from conftest import need, wait_until
from local_authority import USER, Sshd, needs_sshd
from postgres_server import PostgresServer, server_programs
from provider_conformance import HttpProviderConformance, Subject
from vault_server import (approle, approle_login, base, configure, keep, mounted,  # noqa: F401
                          mounted_auth, needs_bao, once, printed, vault)

pytestmark = needs_bao
needs_postgres = pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server")

READER = ("CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; "
          'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}"; '
          'ALTER ROLE "{{name}}" SET default_transaction_read_only = on;')
WRITER = ("CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; "
          'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{{name}}";')


class Database:
    """A PostgreSQL that asks for passwords, and the engine's mount before it."""

    def __init__(self, vault, postgres):
        self.vault = vault
        self.postgres = postgres
        postgres.sql("CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2), (3);")
        hba = postgres.data / "pg_hba.conf"
        hba.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        postgres.sql("SELECT pg_reload_conf();")
        self.mount = mounted(vault, "database")
        vault.call("POST", f"{self.mount}/config/orders", {
            "plugin_name": "postgresql-database-plugin", "allowed_roles": "*", "username": "postgres",
            "password": "unused", "connection_url":
            f"postgresql://{{{{username}}}}:{{{{password}}}}@/postgres?host={postgres.folder}"})
        self.role("reader", READER)
        self.role("writer", WRITER)
        vault.policy("orders", read=[f"{self.mount}/creds/*", f"{self.mount}/roles/*"])

    def role(self, name, statements, default="2m", longest="2h"):
        self.vault.call("POST", f"{self.mount}/roles/{name}", {
            "db_name": "orders", "creation_statements": [statements], "default_ttl": default,
            "max_ttl": longest})

    def users(self):
        return set(self.postgres.sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%';"))

    def lets_in(self, user, password):
        return subprocess.run(
            ["psql", "-XAtqc", "SELECT count(*) FROM orders"], capture_output=True, text=True, timeout=30,
            env={**os.environ, **self.postgres.environment(), "PGUSER": user,
                 "PGPASSWORD": password}).stdout.strip() == "3"

    def keys(self, role="reader"):
        return f'engine = "database"\nmount = "{self.mount}"\nrole = "{role}"\npolicies = ["orders"]'


@pytest.fixture(scope="module")
def database(vault):
    if server_programs() is None:
        pytest.skip("no PostgreSQL server")
    with PostgresServer() as postgres:
        yield Database(vault, postgres)


@pytest.fixture
def orders(vault, database):
    """A token for prodaccess's own login that may give the policy orders."""
    token, accessor = vault.token("broker", "orders", "default")
    yield token
    vault.call("POST", "auth/token/revoke-accessor", {"accessor": accessor})


def env(database, *more):
    where = database.postgres.environment()
    return (f'env = {{ PGHOST = "{where["PGHOST"]}", PGDATABASE = "postgres", PGUSER = "{{username}}", '
            f'PGPASSWORD = "{{password}}"{"".join(", " + text for text in more)} }}')


COUNT = ("psql", "-XAtqc", "SELECT count(*) FROM orders")


def test_psql_runs_as_a_user_of_the_grants_own(prodaccess, vault, database, orders):
    configure(prodaccess, vault, database.keys(), orders, top=env(database))
    assert once(prodaccess, *COUNT).stdout.strip() == "3"
    assert database.users() == set(), "dropped, not only queued"
    result = once(prodaccess, "psql", "-XAtqc", "DELETE FROM orders", status=1)
    assert "read-only transaction" in result.stderr
    without = configure(prodaccess, vault, database.keys(), orders)
    shown = once(without, "sh", "-c", "echo $PGUSER $PGPASSWORD").stdout.split()
    assert shown[0].startswith("v-") and len(shown) == 2


def test_the_engines_short_default_life_becomes_the_grants(prodaccess, vault, database, orders):
    configure(prodaccess, vault, database.keys(), orders, top=env(database))
    grant = prodaccess.json("request", "--role", "app", "--ttl", "30m", "--json")["grant"]
    lease = next(record["data"]["handle"] for record in
                 reversed(json.loads(prodaccess.run("audit", "show", "--json").stdout))
                 if record["kind"] == "issued").split("lease:")[1].split()[0]
    life = vault.call("POST", "sys/leases/lookup", {"lease_id": lease})["data"]["ttl"]
    assert 1700 < life <= 1801, "renewed beyond the role's two minutes, not beyond the grant"
    report = prodaccess.json("revoke", grant["id"], "--json")["revoked"][0]["provider"]
    assert report["state"] == "revoked" and "seen to be gone" in report["detail"]
    vault.call("POST", "sys/leases/lookup", {"lease_id": lease}, status=400)


def test_a_read_tier_is_judged_by_what_the_engine_would_run(prodaccess, vault, database, orders):
    configure(prodaccess, vault, database.keys(), orders, top=env(database) + '\nnarrowed = "read"')
    assert once(prodaccess, *COUNT).stdout.strip() == "3"
    configure(prodaccess, vault, database.keys("writer"), orders,
              top=env(database) + '\nnarrowed = "read"')
    told = once(prodaccess, *COUNT, status=125).stderr
    assert "may do more than read: the statement" in told and "INSERT" in told
    wait_until(lambda: database.users() == set())


def test_reads_and_writes_have_users_of_their_own(prodaccess, vault, database, orders):
    keys = database.keys("writer") + '\ntiers = { read = { role = "reader" } }'
    configure(prodaccess, vault, keys, orders, top=env(database))
    assert once(prodaccess, *COUNT).stdout.strip() == "3"
    prodaccess.run("request", "--role", "app")
    assert all("-reader-" in name for name in database.users()), database.users()
    prodaccess.run("revoke", "--all")
    assert database.users() == set()


def test_an_engine_that_cannot_drop_the_user_is_told(prodaccess, vault, database, orders):
    configure(prodaccess, vault, database.keys(), orders, top=env(database))
    grant = prodaccess.json("request", "--role", "app", "--json")["grant"]
    user = database.users().pop()
    database.postgres.sql(f'CREATE TABLE kept_{grant["id"]} (i int); '
                          f'ALTER TABLE kept_{grant["id"]} OWNER TO "{user}";')
    report = prodaccess.json("revoke", grant["id"], "--json", status=1)["revoked"][0]
    assert report["provider"]["state"] == "failed" and not report["complete"]
    assert "revoke the lease: 500" in report["provider"]["detail"] or "400" in report["provider"]["detail"]
    database.postgres.sql(f'DROP TABLE kept_{grant["id"]};')
    wait_until(lambda: database.users() == set(), seconds=60)


@needs_postgres
class TestDatabaseConformance(HttpProviderConformance):
    @pytest.fixture
    def subject(self, prodaccess, vault, database, orders):
        def point_at(address):
            configure(prodaccess, vault, database.keys(), orders, name="subject",
                      top=env(database, 'SUBJECT_SECRET = "{username}:{password}"'))
            config = prodaccess.config / "config.toml"
            config.write_text(config.read_text().replace(vault.address, address))
        point_at(vault.address)
        return Subject(prodaccess, alive=lambda secret: database.lets_in(*secret.split(":")),
                       living=database.users, point_at=point_at,
                       spoil=lambda: keep(prodaccess, "token", "WRONG"))


class TestApproleConformance(HttpProviderConformance):
    """The same with a login of its own for each credential, and no token beneath it."""

    @pytest.fixture
    def subject(self, prodaccess, vault, database):
        auth = mounted_auth(vault, "approle")
        role_id, secret_id = approle(vault, auth, token_policies=["broker", "orders"])
        keys = database.keys().replace('policies = ["orders"]', "")

        def point_at(address):
            keep(prodaccess, "secret-id", secret_id)
            configure(prodaccess, vault, keys, name="subject", login=approle_login(auth, role_id),
                      top=env(database, 'SUBJECT_SECRET = "{username}:{password}"'))
            config = prodaccess.config / "config.toml"
            config.write_text(config.read_text().replace(vault.address, address))
        point_at(vault.address)
        return Subject(prodaccess, alive=lambda secret: database.lets_in(*secret.split(":")),
                       living=database.users, point_at=point_at,
                       spoil=lambda: keep(prodaccess, "secret-id", "WRONG"))


@needs_sshd
def test_ssh_logs_in_with_a_certificate_that_vault_signed(prodaccess, vault, tmp_path):
    need("ssh", "ssh-keygen")
    mount = mounted(vault, "ssh")
    authority = vault.call("POST", f"{mount}/config/ca", {"generate_signing_key": True,
                                                          "key_type": "ed25519"})["data"]["public_key"]
    vault.call("POST", f"{mount}/roles/debug", {
        "key_type": "ca", "allow_user_certificates": True, "allowed_users": "debug,deploy",
        "default_extensions": {"permit-pty": ""}, "max_ttl": "1h"})
    vault.policy("sign", update=[f"{mount}/sign/*"])
    token, _ = vault.token("broker", "sign", "default")
    (tmp_path / "ca.pub").write_text(authority)
    (tmp_path / "revoked").write_text("")
    keys = (f'engine = "ssh"\nmount = "{mount}"\nrole = "debug"\npolicies = ["sign"]\n'
            'principals = ["debug"]')
    configure(prodaccess, vault, keys, token)
    server = Sshd(tmp_path / "sshd", tmp_path / "ca.pub", tmp_path / "revoked")
    try:
        login = server.ssh("-o", "PasswordAuthentication=no")
        assert once(prodaccess, *login, "echo", "in").stdout == "in\n"
        assert f"Accepted publickey for {USER}" in server.log()
        listed = once(prodaccess, "ssh-add", "-L").stdout.split()
        assert listed[0] == "ssh-ed25519-cert-v01@openssh.com"
        configure(prodaccess, vault, keys.replace('["debug"]', '["root-of-all"]'), token)
        assert "root-of-all is not a valid value for valid_principals" in once(
            prodaccess, "true", status=125).stderr
    finally:
        server.stop()
    prodaccess.configure((prodaccess.config / "config.toml").read_text().replace("root-of-all", "debug"))
    grant = prodaccess.json("request", "--role", "app", "--json")["grant"]
    outcome = prodaccess.json("revoke", grant["id"], "--json", status=None)["revoked"][0]["provider"]
    assert outcome["state"] == "not_revocable" and outcome["alive_until"]


def test_a_certificate_of_the_pki_engine_is_on_its_list_afterwards(prodaccess, vault, tmp_path):
    need("openssl")
    mount = mounted(vault, "pki")
    vault.call("POST", f"{mount}/root/generate/internal", {"common_name": "test root", "ttl": "24h"})
    vault.call("POST", f"{mount}/roles/web", {"allow_any_name": True, "max_ttl": "2h"})
    vault.policy("web", update=[f"{mount}/issue/web"])
    vault.policy("pki-broker", update=[f"{mount}/revoke"])
    token, _ = vault.token("broker", "web", "pki-broker", "default")
    configure(prodaccess, vault, f'engine = "pki"\nmount = "{mount}"\nrole = "web"\n'
              'policies = ["web"]\ndata = { common_name = "app.example.com" }', token,
              top='env = { CERT = "{certificate}", SERIAL = "{serial_number}", KEY = "{private_key}" }')
    shown = once(prodaccess, "sh", "-c",
                 'echo "$SERIAL"; echo "$CERT" | openssl x509 -noout -subject -enddate; '
                 'echo "$KEY" | openssl pkey -noout -text | head -1').stdout.splitlines()
    assert shown[1].replace(" ", "") == "subject=CN=app.example.com"
    assert "Private-Key" in shown[3]
    revoked = vault.call("GET", f"{mount}/cert/{shown[0]}")["data"]["revocation_time"]
    assert revoked > 0


def test_stored_secrets_and_paths_of_ones_own(prodaccess, vault, base):
    configure(prodaccess, vault, 'engine = "kv"\npath = "app"\npolicies = ["reads"]', base,
              top='env = { ALL = "{user} {password} {port}" }')
    assert printed(prodaccess, "ALL") == "u-1 p-1 5432"
    grant = prodaccess.json("request", "--role", "app", "--json")["grant"]
    assert any("outlives the grant" in note for note in grant["notes"])
    outcome = prodaccess.json("revoke", grant["id"], "--json")["revoked"][0]["provider"]
    assert outcome["state"] == "not_revocable" and "stays as it is" in outcome["detail"]
    configure(prodaccess, vault, 'engine = "kv"\npath = "app"\nversion = 7\npolicies = ["reads"]', base)
    assert "404" in once(prodaccess, "true", status=125).stderr
    configure(prodaccess, vault, 'engine = "generic"\npath = "secret/data/app"\npolicies = ["reads"]', base,
              top='env = { ALL = "{data}" }')
    assert json.loads(printed(prodaccess, "ALL"))["user"] == "u-1"
    configure(prodaccess, vault, 'engine = "kv"\npath = "app"\npolicies = ["reads"]', base,
              top='env = { ALL = "{nothing}" }')
    assert "no field {nothing}; it has password, port, user" in once(
        prodaccess, "true", status=125).stderr


def test_a_namespace_of_its_own(prodaccess, vault):
    vault.call("POST", "sys/namespaces/team", {})
    vault.call("POST", "sys/mounts/secret", {"type": "kv-v2"}, namespace="team")
    vault.call("POST", "secret/data/app", {"data": {"user": "of-team"}}, namespace="team")
    vault.call("PUT", "sys/policies/acl/reads", {
        "policy": 'path "secret/data/*" { capabilities = ["read"] }'}, namespace="team")
    vault.call("PUT", "sys/policies/acl/broker", {
        "policy": 'path "auth/token/*" { capabilities = ["update"] }'}, namespace="team")
    token = vault.call("POST", "auth/token/create", {"policies": ["reads", "broker"], "ttl": "1h"},
                       namespace="team")["auth"]["client_token"]
    keys = 'engine = "kv"\npath = "app"\npolicies = ["reads"]\nnamespace = "team"'
    configure(prodaccess, vault, keys, token, top='env = { WHO = "{user}" }')
    assert printed(prodaccess, "WHO") == "of-team"
    configure(prodaccess, vault, 'policies = ["reads"]\nnamespace = "team/"'.replace("team/", "team"), token)
    assert printed(prodaccess, "BAO_NAMESPACE") == "team"


def test_a_client_that_wants_a_file_finds_it_on_a_descriptor(prodaccess, vault, database, orders):
    where = database.postgres.environment()["PGHOST"]
    top = (f'env = {{ PGHOST = "{where}", PGDATABASE = "postgres", PGUSER = "{{username}}" }}\n'
           'files = { PGPASSFILE = "*:*:*:{username}:{password}\\n", OTHER = "{{{username}}}" }')
    configure(prodaccess, vault, database.keys(), orders, top=top)
    assert once(prodaccess, *COUNT).stdout.strip() == "3"
    shown = once(prodaccess, "sh", "-c", 'stat -Lc %a "$PGPASSFILE"; cut -d: -f4 "$PGPASSFILE"; '
                 'cat "$OTHER"; echo; (echo x >> "$OTHER") 2>/dev/null || echo sealed; '
                 'env | grep -cFe "$(cut -d: -f5 "$PGPASSFILE")"', status=1).stdout.split()
    assert shown[0] == "600" and shown[1].startswith("v-") and shown[2] == "{" + shown[1] + "}"
    assert shown[3:] == ["sealed", "0"], "the password is in no variable"
    as_agent = once(prodaccess, *COUNT, AI_AGENT="1", CLAUDECODE="1")
    assert as_agent.stdout.strip() == "3"
    twice = configure(prodaccess, vault, database.keys(), orders,
                      top='env = { A = "x" }\nfiles = { A = "y" }')
    assert "stands in 'env' and in 'files'" in twice.run("roles", status=1).stderr


class Proxy:
    """Passes everything on to the server, but `swallows` the answers to one path: whoever asked is
    killed first."""

    def __init__(self, vault, swallows):
        self.victim = None
        self.swallowed = threading.Event()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = urllib.request.Request(vault.address + self.path, data=body or None,
                                                 method=self.command, headers=dict(self.headers))
                try:
                    with urllib.request.urlopen(request, timeout=30) as reply:
                        status, text = reply.status, reply.read()
                except urllib.error.HTTPError as error:
                    status, text = error.code, error.read()
                if swallows in self.path and proxy.victim:
                    proxy.victim.kill()
                    proxy.victim.wait(timeout=10)
                    proxy.victim = None
                    proxy.swallowed.set()
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def test_a_lost_answer_with_a_live_lease_is_found_and_ended(prodaccess, vault, database, orders):
    proxy = Proxy(vault, "/creds/reader")
    try:
        configure(prodaccess, vault, database.keys(), orders, top=env(database))
        config = prodaccess.config / "config.toml"
        config.write_text(config.read_text().replace(vault.address, proxy.address))
        proxy.victim = prodaccess.start("request", "--role", "app")
        assert proxy.swallowed.wait(timeout=60)
        assert len(database.users()) == 1, "the server has issued what nobody ever heard of"
        told = prodaccess.run("request", "--role", "app").stderr
        assert "what provider vault had issued in it was revoked" in told
        prodaccess.run("revoke", "--all")
        wait_until(lambda: database.users() == set())
    finally:
        proxy.stop()


def test_doctor_says_what_is_missing_and_how_it_is_mended(prodaccess, vault, database, orders):
    configure(prodaccess, vault, database.keys() + '\ntiers = { read = { role = "reader" } }', orders)
    before = vault.accessors()
    found = {f["subject"]: f for f in prodaccess.json("doctor", "vault", "--json", status=None)["findings"]}
    for subject in ("reachability", "clock skew", "identity", "wide tier of app", "read tier of app",
                    "revocation"):
        assert found[f"vault {subject}"]["state"] == "ok", found
    assert "active, version 2." in found["vault reachability"]["detail"]
    assert vault.accessors() == before, "looking leaves nothing behind"
    vault.policy("half", update=["auth/token/create"])
    token, _ = vault.token("half", "default")
    configure(prodaccess, vault, 'engine = "database"\nrole = "reader"\npolicies = ["half"]', token)
    found = {f["subject"]: f for f in prodaccess.json("doctor", "vault", "--json", status=1)["findings"]}
    assert found["vault wide tier of app"]["state"] == "wrong"
    assert found["vault wide tier of app"]["hint"] == (
        'path "database/creds/reader" { capabilities = ["read"] }')
    assert 'path "sys/leases/revoke"' in found["vault revocation"]["hint"]
    keep(prodaccess, "token", "WRONG")
    told = prodaccess.run("doctor", "vault", status=1)
    assert "403 permission denied" in told.stdout and "WRONG" not in told.stdout.replace("WRONG  ", "")
