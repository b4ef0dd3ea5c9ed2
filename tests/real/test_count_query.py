"""The count query of a DELETE or UPDATE counts the very rows that it then touches."""

import os
import pathlib
import shutil
import subprocess

import pytest

from postgres_server import PostgresServer, server_programs

TOOL = pathlib.Path(os.environ.get("PRODACCESS_BUILD", "build")) / "bin" / "count_query"

pytestmark = [
    pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server is installed"),
    pytest.mark.skipif(shutil.which("psql") is None, reason="no psql is installed"),
]

SCHEMA = """
CREATE TABLE orders (id int PRIMARY KEY, customer int, state text, total numeric, placed date);
INSERT INTO orders SELECT g, g % 7, CASE g % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' END, g * 1.5,
  DATE '2024-01-01' + g FROM generate_series(1, 200) g;
CREATE TABLE customers (id int, name text, gone bool);
INSERT INTO customers SELECT g % 5, 'it''s ' || g, g % 2 = 0 FROM generate_series(0, 19) g;
CREATE TABLE archived () INHERITS (orders);
INSERT INTO archived SELECT g, 1, 'old', 0, '2020-01-01' FROM generate_series(1000, 1009) g;
"""

STATEMENTS = [
    "DELETE FROM orders",
    "DELETE FROM ONLY orders",
    "DELETE FROM public.orders AS o WHERE o.id > 150;",
    "delete from orders where state is null",
    "DELETE FROM orders WHERE state = 'open' AND total BETWEEN 10 AND 100 RETURNING id",
    "DELETE FROM orders WHERE placed < date '2024-02-01' -- the old ones",
    "DELETE FROM orders /* a ; comment */ WHERE customer IN (SELECT id FROM customers WHERE gone)",
    "DELETE FROM orders o USING customers c WHERE o.customer = c.id AND c.gone",
    "DELETE FROM orders USING customers",
    "DELETE FROM orders WHERE lower(state) LIKE 'o%' OR (total, id) > (200, 5)",
    "DELETE FROM customers WHERE name = 'it''s 3' OR name = $$it's 4$$",
    "DELETE FROM orders WHERE state IS DISTINCT FROM 'open'",
    "DELETE FROM orders WHERE extract(month FROM placed) = 3",
    "DELETE FROM orders WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = orders.customer)",
    "UPDATE orders SET state = 'x' WHERE id <= 20",
    "UPDATE orders o SET total = 0 FROM customers c WHERE c.id = o.customer AND NOT c.gone",
    "UPDATE orders SET state = 'a' IS DISTINCT FROM 'b' WHERE id = ANY (ARRAY[1, 2, 3])",
    "UPDATE orders SET total = (SELECT max(total) FROM orders WHERE id < 5)",
    "BEGIN; DELETE FROM orders WHERE id = 5; COMMIT",
]

# Nothing is counted where the count could differ, or cost something.
UNCOUNTED = [
    "DELETE FROM orders WHERE random() < 0.5",
    "DELETE FROM orders WHERE id = nextval('s')",
    "DELETE FROM orders WHERE cleanup(id)",
    "DELETE FROM orders WHERE CURRENT OF c",
    "DELETE FROM orders WHERE id = :id",
    "WITH d AS (DELETE FROM customers RETURNING id) DELETE FROM orders USING d WHERE customer = d.id",
    "DELETE FROM orders; DELETE FROM customers",
    "SET search_path TO other; DELETE FROM orders",
    "SELECT 1",
    "DROP TABLE orders",
]


@pytest.fixture(scope="module")
def server():
    with PostgresServer() as running:
        running.sql(SCHEMA)
        yield running


def count_query(statement):
    done = subprocess.run([TOOL], input=statement, text=True, capture_output=True, timeout=30)
    if done.returncode == 3:
        pytest.skip("libpg_query is not installed")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_count_is_of_the_rows_touched(server, statement):
    query = count_query(statement)
    assert query, "no count query"
    counted = server.sql("BEGIN READ ONLY; SET LOCAL statement_timeout = 5000; "
                         f"SET LOCAL lock_timeout = 1000; {query}; ROLLBACK")
    bare = statement.removeprefix("BEGIN; ").removesuffix("; COMMIT").rstrip(";")
    bare = bare.replace(" RETURNING id", "")
    touched = server.sql(f"BEGIN; WITH touched AS ({bare}\n RETURNING 1) "
                         "SELECT count(*) FROM touched; ROLLBACK")
    assert counted == touched


@pytest.mark.parametrize("statement", UNCOUNTED)
def test_what_cannot_be_counted_harmlessly_is_not(statement):
    assert count_query(statement) == ""
