"""The PostgreSQL provider against a real server, with psql as its client."""

import json
import re
import signal
import subprocess

import pytest

from conftest import need, wait_until
from exec_fixtures import ALLOW_ALL
from postgres_roles import READ_TIER, ShopServer
from postgres_server import server_programs
from provider_conformance import ProviderConformance, Subject

pytestmark = pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server is installed")


@pytest.fixture(scope="module")
def shared():
    need("psql")
    with ShopServer(tcp=True, log_statements=True) as server:
        yield server


@pytest.fixture
def server(shared):
    yield shared
    for name in shared.grant_roles():
        for database in ("orders", "postgres"):
            shared.sql(f'DROP OWNED BY "{name}"', PGDATABASE=database)
        shared.sql(f'DROP ROLE "{name}"')


def psql(prodaccess, statement, role="orders-fix", **options):
    return prodaccess.run("exec", "--role", role, "--", "psql", "-XAtc", statement, **options)


def test_a_role_lives_with_its_grant_and_is_dropped_with_it(prodaccess, server):
    server.configure(prodaccess)
    grant = prodaccess.json("request", "--json", "--role", "orders-fix")
    (name,) = server.grant_roles()
    assert psql(prodaccess, "select current_user").stdout.strip() == name
    row = server.sql("SELECT rolconnlimit, rolsuper, rolcreaterole, extract(epoch from rolvaliduntil - now()) "
                     f"BETWEEN 1700 AND 1801, shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '{name}'")
    assert row[0].startswith("10|f|f|t|prodaccess grant ")
    revoked = prodaccess.json("revoke", "--json", "orders-fix")
    assert revoked["complete"] and revoked["revoked"][0]["provider"]["state"] == "revoked"
    assert f"role {name} dropped" in revoked["revoked"][0]["provider"]["detail"]
    assert server.grant_roles() == []
    assert grant["grant"]


def test_the_password_never_reaches_the_server_in_clear(prodaccess, server):
    server.configure(prodaccess)
    prodaccess.run("request", "--role", "orders-fix")
    given = json.loads(prodaccess.run("creds", "--role", "orders-fix", "--format", "json").stdout)["variables"]
    log = server.log()
    assert f'CREATE ROLE "{given["PGUSER"]}"' in log or f'CREATE ROLE {given["PGUSER"]}' in log
    assert "SCRAM-SHA-256$" in log
    assert given["PGPASSWORD"] not in log and server.PASSWORD not in log.replace(
        f"PASSWORD '{server.PASSWORD}'", "")
    for path in prodaccess.home.rglob("*"):
        if path.is_file():
            assert given["PGPASSWORD"].encode() not in path.read_bytes(), path
            assert server.PASSWORD.encode() not in path.read_bytes(), path
    # What was handed out works for a client of its own, until it is revoked.
    environment = {**prodaccess.environment, **given}
    select = ["psql", "-XAtc", "select count(*) from shop.orders"]
    assert subprocess.run(select, env=environment, capture_output=True, text=True).stdout.strip() == "100"
    prodaccess.run("revoke", "--all")
    gone = subprocess.run(select, env=environment, capture_output=True, text=True)
    assert gone.returncode == 2 and "authentication failed" in gone.stderr


def test_revoke_ends_a_live_psql_and_a_session_elsewhere(prodaccess, server):
    server.configure(prodaccess).policy(ALLOW_ALL)
    prodaccess.run("request", "--role", "orders-fix")
    given = json.loads(prodaccess.run("creds", "--role", "orders-fix", "--format", "json").stdout)["variables"]
    here = prodaccess.start("exec", "--role", "orders-fix", "--", "psql", "-Xc", "select pg_sleep(600)")
    there = subprocess.Popen(["psql", "-Xc", "select pg_sleep(600)"], env={**prodaccess.environment, **given},
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    count = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{given['PGUSER']}'"
    wait_until(lambda: server.sql(count) == ["2"])
    revoked = prodaccess.json("revoke", "--json", "--all")
    assert revoked["complete"], revoked
    assert here.wait(20) in (126, 128 + signal.SIGTERM, 128 + signal.SIGKILL, 2)
    assert there.wait(20) != 0
    assert "terminating connection" in there.stderr.read()
    assert server.sql(count) == ["0"] and server.grant_roles() == []


def test_what_the_role_made_goes_to_its_heir(prodaccess, server):
    server.configure(prodaccess).policy(ALLOW_ALL)
    prodaccess.run("request", "--role", "orders-fix")
    psql(prodaccess, "create table shop.fixed (id int)")
    prodaccess.run("revoke", "--all")
    assert server.orders("SELECT tableowner FROM pg_tables WHERE tablename = 'fixed'") == ["orders_owner"]
    server.orders("DROP TABLE shop.fixed")
    assert server.grant_roles() == []


def test_owned_objects_can_be_dropped_too(prodaccess, server):
    server.configure(prodaccess)
    prodaccess.configure(server.config(more='owned = "drop"').replace('reassign_to = "orders_owner"', ""))
    prodaccess.policy(ALLOW_ALL)
    prodaccess.run("request", "--role", "orders-fix")
    psql(prodaccess, "create table shop.scratch (id int)")
    prodaccess.run("revoke", "--all")
    assert server.orders("SELECT 1 FROM pg_tables WHERE tablename = 'scratch'") == []


def test_reads_run_on_a_role_that_cannot_write(prodaccess, server):
    server.configure(prodaccess, more=READ_TIER).policy(ALLOW_ALL)
    prodaccess.run("request", "--role", "orders-fix")
    assert psql(prodaccess, "show default_transaction_read_only").stdout.strip() == "on"
    reader = psql(prodaccess, "select current_user").stdout.strip()
    writer = psql(prodaccess, "update shop.orders set status = 'real' where id = 1 returning current_user")
    assert writer.stdout.splitlines()[0] not in ("", reader)
    assert server.sql(f"SELECT pg_has_role('{reader}', 'orders_writer', 'MEMBER')") == ["f"]
    prodaccess.run("revoke", "--all")
    assert server.grant_roles() == []
    server.orders("UPDATE shop.orders SET status = 'test' WHERE id = 1")


@pytest.mark.parametrize("grant, found", [
    ("GRANT DELETE ON shop.orders TO orders_reader", "DELETE on shop.orders"),
    ("GRANT UPDATE (status) ON shop.orders TO orders_reader", "UPDATE on shop.orders"),
    ("GRANT CREATE ON SCHEMA shop TO orders_reader", "CREATE on schema shop"),
    ("GRANT CREATE ON DATABASE orders TO orders_reader", "CREATE on database orders"),
    ("GRANT pg_write_all_data TO orders_reader", "member of pg_write_all_data"),
    ("GRANT orders_owner TO orders_reader", "owner of")])
def test_a_read_tier_that_could_write_is_refused(prodaccess, server, grant, found):
    if "pg_write" in grant and server.version() < 14:
        pytest.skip("this PostgreSQL has no pg_write_all_data")
    server.configure(prodaccess, more=READ_TIER)
    server.orders(grant)
    try:
        result = prodaccess.run("request", "--role", "orders-fix", status=1)
        assert "may do more than read" in result.stderr and found in result.stderr, result.stderr
        assert server.grant_roles() == []
        assert found in prodaccess.run("doctor", "postgres", status=1).stdout
    finally:
        undo = grant.replace("GRANT", "REVOKE", 1).replace(" TO ", " FROM ")
        server.orders(undo)
    prodaccess.run("request", "--role", "orders-fix")  # the positive control


def test_once_leaves_nothing(prodaccess, server):
    server.configure(prodaccess)
    result = prodaccess.run("exec", "--once", "--role", "orders-fix", "--", "psql", "-XAtc", "select 1")
    assert result.stdout.strip() == "1" and server.grant_roles() == []


def test_renewing_moves_the_end_of_the_same_role(prodaccess, server):
    server.configure(prodaccess)
    prodaccess.run("request", "--role", "orders-fix", "--ttl", "10m")
    until = "SELECT rolname, rolvaliduntil > now() + '30 minutes' FROM pg_roles WHERE rolname LIKE 'prodaccess%'"
    (before,) = server.sql(until)
    grant = prodaccess.json("status", "--json")["grants"][0]["id"]
    prodaccess.run("renew", grant, "--ttl", "1h")
    (after,) = server.sql(until)
    assert before.endswith("|f") and after == before[:-1] + "t"
    assert psql(prodaccess, "select 1").stdout.strip() == "1"


def test_sixty_four_at_once_make_one_role(prodaccess, server):
    server.configure(prodaccess)
    running = [prodaccess.start("request", "--role", "orders-fix", "--ttl", "20m") for _ in range(64)]
    assert [process.wait(120) for process in running] == [0] * 64
    for process in running:
        process.communicate()
    assert len(server.grant_roles()) == 1


def test_a_crash_leaves_a_recorded_name_and_a_role_that_ends(prodaccess, server):
    """Killed while the server still makes the role: the ledger knows its name, and the next request
    drops it once its time has passed."""
    server.configure(prodaccess)
    server.sql("BEGIN; LOCK TABLE pg_auth_members IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0); COMMIT")
    locker = subprocess.Popen(["psql", "-Xq"], env={**prodaccess.environment, **server.environment()},
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    locker.stdin.write("BEGIN; LOCK TABLE pg_auth_members IN ACCESS EXCLUSIVE MODE;\n\\echo locked\n")
    locker.stdin.flush()
    assert "locked" in locker.stdout.readline()
    process = prodaccess.start("request", "--role", "orders-fix")
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'pg_auth_members'::regclass"
    try:
        wait_until(lambda: server.sql(waiting) == ["1"])
        process.kill()
        process.wait(20)
    finally:
        locker.stdin.write("COMMIT;\n\\q\n")
        locker.communicate(timeout=20)
    shown = prodaccess.run("audit", "show", "--json").stdout
    (recorded,) = set(re.findall(r"prodaccess_[a-z0-9]+_[0-9a-f]{16}", shown))
    left = wait_until(lambda: server.grant_roles() or True)
    if left is not True:
        assert left == [recorded]
        server.sql(f"ALTER ROLE {recorded} VALID UNTIL '2020-01-01'")
    prodaccess.run("request", "--role", "orders-fix", "--ttl", "11m")
    (now,) = server.grant_roles()
    assert now != recorded


def test_names_and_settings_cannot_inject(prodaccess, server):
    evil = 'x"; DROP TABLE shop.orders; --'
    server.sql('CREATE ROLE "x""; DROP TABLE shop.orders; --" ADMIN provisioner')
    try:
        more = "settings = { application_name = \"a'; DROP TABLE shop.orders; --\" }\n"
        text = server.config(more=more).replace('["orders_writer"]', "['" + evil + "', \"orders_writer\"]")
        server.configure(prodaccess)
        prodaccess.configure(text)
        prodaccess.run("request", "--role", "orders-fix", "--reason", "'; DROP ROLE orders_reader; --")
        assert psql(prodaccess, "select count(*) from shop.orders").stdout.strip() == "100"
        prodaccess.run("revoke", "--all")
    finally:
        server.sql('DROP ROLE "x""; DROP TABLE shop.orders; --"')


def failure(prodaccess, **changes):
    result = prodaccess.run("request", "--role", "orders-fix", status=1, **changes)
    assert json.loads(prodaccess.run("status", "--json").stdout)["grants"] == []
    return result.stderr


def test_each_trouble_says_what_to_do(prodaccess, server):
    prodaccess.configure(server.config())
    assert "no password is kept for provisioner" in failure(prodaccess)
    prodaccess.run("postgres", "password", "--role", "orders-fix", "--stdin", stdin="wrong\n")
    said = failure(prodaccess)
    assert "password authentication failed" in said and "prodaccess postgres password" in said
    server.configure(prodaccess, user="powerless")
    assert "ALTER ROLE powerless CREATEROLE" in failure(prodaccess)
    server.configure(prodaccess)
    prodaccess.configure(server.config().replace("orders_writer", "orders_writter"))
    assert "there is no role orders_writter" in failure(prodaccess)
    prodaccess.configure(server.config(more='settings = { statement_timeot = "3s" }'))
    assert "statement_timeot" in failure(prodaccess)
    prodaccess.configure(server.config().replace("/orders\"", "/ordersx\""))
    assert 'database "ordersx" does not exist' in failure(prodaccess)
    prodaccess.configure(server.config(more='password_from = "none"').replace(f":{server.port}/", ":1/"))
    assert "Connection refused" in failure(prodaccess)
    prodaccess.configure(server.config().replace('tls = "disable"', 'tls = "verify-full"'))
    assert "does not support SSL" in failure(prodaccess)
    assert server.grant_roles() == []


def test_the_callers_variables_do_not_lead_elsewhere(prodaccess, server):
    server.configure(prodaccess)
    prodaccess.run("request", "--role", "orders-fix", PGHOST="rival.invalid", PGSSLMODE="require",
                   PGSERVICE="rival", PGOPTIONS="-c search_path=rival", PGPASSFILE="/rival")
    assert psql(prodaccess, "show search_path", PGHOST="rival.invalid", PGOPTIONS="-c search_path=rival",
                PGPORT="1").stdout.strip() == '"$user", public'


def test_the_password_may_come_from_a_file_or_a_command(prodaccess, server):
    pass_file = prodaccess.home / "pgpass"
    pass_file.write_text(f"127.0.0.1:{server.port}:*:provisioner:{server.PASSWORD}\n")
    pass_file.chmod(0o600)
    prodaccess.configure(server.config(more=f'password_from = "pass-file"\npass_file = "{pass_file}"'))
    prodaccess.run("request", "--role", "orders-fix")
    prodaccess.run("revoke", "--all")
    pass_file.chmod(0o644)
    assert "chmod" in failure(prodaccess)
    pass_file.write_text(f"127.0.0.1:{server.port}:*:provisioner:wrong\n")
    pass_file.chmod(0o600)
    said = failure(prodaccess)
    assert "password authentication failed" in said and "mend what that gives" in said
    program = prodaccess.home / "secret"
    program.write_text(f"#!/bin/sh\n[ \"$1\" = orders ] && echo '{server.PASSWORD}'\n")
    program.chmod(0o700)
    from_command = f'password_from = "command"\npassword_command = ["{program}", "WORD"]'
    prodaccess.configure(server.config(more=from_command.replace("WORD", "orders")))
    prodaccess.run("request", "--role", "orders-fix")
    prodaccess.run("revoke", "--all")
    prodaccess.configure(server.config(more=from_command.replace("WORD", "other")))
    assert "exited with status 1" in failure(prodaccess)


def test_doctor_says_what_a_role_would_get(prodaccess, server):
    server.configure(prodaccess, more=READ_TIER)
    findings = {f["subject"]: f for f in prodaccess.json("doctor", "postgres", "--json")["findings"]}
    assert "version 1" in findings["postgres reachability"]["detail"]
    assert findings["postgres identity"]["detail"] == "provisioner"
    assert findings["postgres making roles"]["state"] == "ok"
    assert findings["postgres wide tier"]["detail"] == "member of orders_writer"
    assert findings["postgres clock skew"]["state"] == "ok"
    server.configure(prodaccess, user="powerless")
    said = prodaccess.run("doctor", "postgres", status=1).stdout
    assert "WRONG  postgres making roles" in said and "ALTER ROLE powerless CREATEROLE" in said


@pytest.fixture(scope="module")
def encrypted():
    need("psql", "openssl")
    with ShopServer(tls=True) as server:
        yield server


@pytest.mark.parametrize("tls", ["verify-full", "verify-ca", "require"])
def test_tls_with_a_known_authority(prodaccess, encrypted, tls):
    host = "localhost" if tls == "verify-full" else "127.0.0.1"
    text = encrypted.config(host=host, more=f'ca_file = "{encrypted.folder}/tls.crt"').replace(
        'tls = "disable"', f'tls = "{tls}"')
    prodaccess.configure(text)
    prodaccess.run("postgres", "password", "--role", "orders-fix", "--stdin", stdin=encrypted.PASSWORD)
    prodaccess.run("request", "--role", "orders-fix")
    secured = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
    assert psql(prodaccess, secured).stdout.strip() == "t"
    prodaccess.run("revoke", "--all")


@pytest.mark.parametrize("host, authority", [("127.0.0.1", True), ("localhost", False)])
def test_a_wrong_name_or_authority_is_refused(prodaccess, encrypted, host, authority):
    more = f'ca_file = "{encrypted.folder}/tls.crt"' if authority else ""
    prodaccess.configure(encrypted.config(host=host, more=more).replace('tls = "disable"', ""))
    prodaccess.run("postgres", "password", "--role", "orders-fix", "--stdin", stdin=encrypted.PASSWORD)
    assert "certificate" in failure(prodaccess) and encrypted.grant_roles() == []


class TestConformance(ProviderConformance):
    @pytest.fixture
    def subject(self, prodaccess, server):
        text = server.config().replace("orders-fix", "subject").replace(
            "hand_out = true", 'env = { SUBJECT_SECRET = "{username} {password}" }')
        prodaccess.configure(text).policy(ALLOW_ALL)

        def keep(password):
            prodaccess.run("postgres", "password", "--role", "subject", "--stdin", stdin=password)

        def alive(secret):
            name, password = secret.split()
            there = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGDATABASE": "orders",
                     "PGUSER": name, "PGPASSWORD": password}
            return subprocess.run(["psql", "-Xwc", "select 1"], env={**prodaccess.environment, **there},
                                  capture_output=True).returncode == 0

        def living():
            return set(server.sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'prodaccess%' "
                                  "AND rolcanlogin AND rolvaliduntil > now()"))

        keep(server.PASSWORD)
        return Subject(prodaccess, alive=alive, living=living, spoil=lambda: keep("WRONG"))
