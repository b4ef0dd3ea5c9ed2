"""The guard on the real psql and a real PostgreSQL: reads pass, what destroys is counted first, asked
for at a terminal, and does exactly what was shown."""

import re

import pytest

from conftest import need
from postgres_roles import READ_TIER, ShopServer
from postgres_server import server_programs

pytestmark = pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server is installed")

QUESTION = re.compile(r"Type(?: the name of the target,)?  (\S+)  |Type (the number) of targets")


@pytest.fixture(scope="module")
def server():
    need("psql", "tmux")
    with ShopServer(tcp=True) as shop:
        yield shop


@pytest.fixture
def shop(prodaccess, server):
    """A grant that may write, and a table of a hundred rows, forty of them for tests."""
    server.orders("TRUNCATE shop.orders; INSERT INTO shop.orders SELECT n, CASE WHEN n <= 40 THEN "
                  "'test' ELSE 'real' END FROM generate_series(1, 100) n")
    server.configure(prodaccess, more=READ_TIER)
    prodaccess.run("request", "--role", "orders-fix")
    prodaccess.count = lambda where="true": int(server.orders(f"SELECT count(*) FROM shop.orders WHERE {where}")[0])
    yield prodaccess
    prodaccess.run("revoke", "--all")
    assert server.grant_roles() == []


def asked(text, number):
    """What question `number` wants typed, once it is there: a name, a challenge, or the count shown."""
    found = QUESTION.findall(text)
    if len(found) <= number:
        return None
    return found[number][0] or re.search(r"(\d+) rows", text).group(1)


def answered(shop, *words, answers=2):
    """Runs it at a terminal, answering each question as it asks; its screen and exit status."""
    session = shop.person("exec", "--", *words)
    try:
        for number in range(answers):
            session.type(session.wait_for(lambda text: asked(text, number)))
        status = session.exit_status()
        return session.screen(), status
    finally:
        session.close()


def refused(shop, *words):
    """Shown at a terminal, and interrupted at the question: its screen."""
    session = shop.person("exec", "--", *words)
    try:
        session.wait_for(lambda text: QUESTION.search(text) or "exit status" in text)
        session.keys("C-c")
        session.wait_for(lambda text: "exit status" in text or "not confirmed" in text)
        return session.screen()
    finally:
        session.close()


@pytest.mark.parametrize("client", [("psql", "-XAtc"), ("psql", "-X", "-q", "-A", "-t", "-c"),
                                    ("psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-1", "--command")])
def test_a_delete_is_counted_confirmed_and_deletes_just_that(shop, client):
    screen, status = answered(shop, *client, "delete from shop.orders where status = 'test'")
    assert status == 0, screen
    assert "40 rows" in screen
    assert shop.count() == 60 and shop.count("status = 'test'") == 0


def test_the_servers_own_word_is_the_count_on_the_prompt(shop):
    screen, status = answered(shop, "psql", "-Xc", "DELETE FROM shop.orders WHERE id > 90")
    assert status == 0, screen
    assert "10 rows" in screen and "DELETE 10" in screen


def test_reads_pass_without_a_question(shop):
    for statement in ("select count(*) from shop.orders", "table shop.orders limit 1", "\\d shop.orders",
                      "explain select * from shop.orders", "show server_version"):
        result = shop.run("exec", "--", "psql", "-XAtc", statement)
        assert result.stdout.strip() and "Type" not in result.stderr, result.stderr
    listed = shop.run("exec", "--", "psql", "-Xl")
    assert "orders" in listed.stdout


def test_without_a_terminal_nothing_is_deleted(shop):
    shop.run("exec", "--", "psql", "-XAtc", "delete from shop.orders where status = 'test'", status=126,
             stdin="40\n40\n")
    assert shop.count() == 100


def test_a_preview_that_fails_stops(shop):
    for statement in ("delete from shop.ordres where id = 1", "delete from shop.orders where nosuch = 1"):
        session = shop.person("exec", "--", "psql", "-Xc", statement)
        try:
            assert session.exit_status() == 126
            screen = session.screen()
            assert "the preview" in screen and "nothing was run" in screen and "does not exist" in screen
            assert "Type" not in screen
        finally:
            session.close()
    assert shop.count() == 100


def test_delete_without_where_shows_them_all(shop):
    screen = refused(shop, "psql", "-Xc", "delete from shop.orders")
    assert "100 rows" in screen and shop.count() == 100


def test_an_update_of_all_rows_is_counted(shop):
    screen = refused(shop, "psql", "-Xc", "update shop.orders set status = null")
    assert "destructive" in screen and "100 rows" in screen and shop.count("status is null") == 0


@pytest.mark.parametrize("statement", ["drop table shop.orders", "truncate shop.orders",
                                       "alter table shop.orders drop column status",
                                       "select 1; delete from shop.orders",
                                       "do $$ begin delete from shop.orders; end $$",
                                       "with gone as (delete from shop.orders returning 1) select 1"])
def test_what_has_no_count_is_asked_all_the_same(shop, statement):
    screen = refused(shop, "psql", "-Xc", statement)
    assert QUESTION.search(screen), screen
    assert shop.count() == 100
    shop.run("exec", "--", "psql", "-Xc", statement, status=126)


def test_a_preview_never_runs_another_part_of_the_command(prodaccess, server):
    """One statement's preview must not run the other one: here the role has no read tier, so only
    the preview itself stands between."""
    server.configure(prodaccess)
    prodaccess.run("request", "--role", "orders-fix")
    before = server.orders("SELECT count(*) FROM shop.orders")
    for words in (("-c", "delete from shop.orders where id <= 10", "-c", "delete from shop.orders where id > 95"),
                  ("-c", "set search_path = shop", "-c", "delete from orders where id <= 10"),
                  ("-f", "/dev/null", "-c", "delete from shop.orders")):
        screen = refused(prodaccess, "psql", "-X", *words)
        assert QUESTION.search(screen) and not re.search(r"\d+ rows", screen), screen
        assert server.orders("SELECT count(*) FROM shop.orders") == before
    prodaccess.run("revoke", "--all")


def test_a_wrapped_client_is_not_counted_somewhere_else(prodaccess, server):
    """What runs in another environment or on another machine cannot be counted from here."""
    server.configure(prodaccess)
    for wrapper in (["env", "PGDATABASE=postgres"], ["docker", "exec", "db"], ["sh", "-c"]):
        command = ["psql", "-Xc", "delete from shop.orders"]
        if wrapper[0] == "sh":
            command = [f"PGDATABASE=postgres psql -Xc '{command[-1]}'"]
        explained = prodaccess.json("policy", "explain", "--json", "--", *wrapper, *command)
        assert explained["effect"] == "destructive" and "count(*)" not in str(explained["preview"]), wrapper
    explained = prodaccess.json("policy", "explain", "--json", "--", "psql", "-Xc", "delete from shop.orders")
    assert "count(*)" in str(explained["preview"])


@pytest.mark.parametrize("words", [("-f", "script.sql"), ("--file=script.sql",)])
def test_a_script_is_read_and_judged(shop, words):
    script = shop.home / "script.sql"
    script.write_text("select count(*) from shop.orders;\n")
    assert "100" in shop.run("exec", "--", "psql", "-XAt", *words).stdout
    script.write_text("begin;\ndelete from shop.orders where status = 'test';\ncommit;\n")
    assert shop.run("exec", "--", "psql", "-X", *words, status=126) and shop.count() == 100
    screen, status = answered(shop, "psql", "-X", *words)
    assert status == 0, screen
    assert "40 rows" in screen and shop.count() == 60


def test_what_psql_itself_reads_and_writes(shop):
    """\\copy out is a bulk copy; \\copy in changes rows; \\! runs a program; \\i reads a script."""
    (shop.home / "more.csv").write_text("101,new\n")
    (shop.home / "drop.sql").write_text("drop table shop.orders;")
    for statement in ("\\copy shop.orders to 'out.csv'", "\\! rm more.csv", "\\i drop.sql",
                      "copy shop.orders to program 'cat'"):
        shop.run("exec", "--", "psql", "-Xc", statement, status=126)
    assert not (shop.home / "out.csv").exists() and (shop.home / "more.csv").exists()
    shop.run("exec", "--", "psql", "-Xc", "\\copy shop.orders from 'more.csv' csv")
    assert shop.count() == 101


def test_statements_on_stdin_are_not_judged_and_not_run(shop):
    result = shop.run("exec", "--", "psql", "-X", stdin="delete from shop.orders;\n", status=126)
    assert shop.count() == 100 and "Type" not in result.stdout
    shop.run("exec", "--", "psql", "-XAtc", "select 1")


def test_the_preview_cannot_write(shop, server):
    """A function in the WHERE that would delete: the preview does not run it, or runs it read-only."""
    server.orders("CREATE OR REPLACE FUNCTION shop.trap() RETURNS bool LANGUAGE plpgsql VOLATILE AS "
                  "$$ begin delete from shop.orders; return true; end $$")
    try:
        screen = refused(shop, "psql", "-Xc", "delete from shop.orders where shop.trap()")
        assert "Type" in screen or "the preview" in screen
        assert shop.count() == 100
    finally:
        server.orders("DROP FUNCTION shop.trap()")


def test_a_role_that_reads_refuses_and_the_server_would_too(prodaccess, server):
    text = server.config(more='', user="provisioner").replace('member_of = ["orders_writer"]',
                                                              'member_of = ["orders_reader"]')
    text = text.replace("hand_out = true", 'effects = ["read"]\nnarrowed = "read"')
    prodaccess.configure(text)
    prodaccess.run("postgres", "password", "--role", "orders-fix", "--stdin", stdin=server.PASSWORD)
    prodaccess.run("request", "--role", "orders-fix")
    prodaccess.run("exec", "--", "psql", "-Xc", "delete from shop.orders", status=126)
    # Statements that are not judged run, because the server itself refuses what they may not do.
    result = prodaccess.run("exec", "--", "psql", "-XAt", stdin="select count(*) from shop.orders;\n"
                            "set default_transaction_read_only = off;\ndelete from shop.orders;\n", status=None)
    assert result.stdout.splitlines()[0].strip().isdigit()
    assert "permission denied" in result.stderr
    prodaccess.run("revoke", "--all")
