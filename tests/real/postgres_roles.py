"""A PostgreSQL server with a shop database, and the configuration of roles on it."""

from postgres_server import PostgresServer

SCHEMA = """
CREATE ROLE orders_reader; CREATE ROLE orders_writer; CREATE ROLE orders_owner;
CREATE ROLE provisioner LOGIN CREATEROLE PASSWORD 'admin-Pa55';
CREATE ROLE powerless LOGIN PASSWORD 'admin-Pa55';
GRANT orders_owner TO provisioner;
GRANT orders_reader, orders_writer TO provisioner WITH ADMIN OPTION;  -- needed from version 16 on
CREATE DATABASE orders;
"""
TABLES = """
REVOKE CREATE ON SCHEMA public FROM PUBLIC;  -- as from version 15 on
CREATE SCHEMA shop AUTHORIZATION orders_owner;
GRANT USAGE, CREATE ON SCHEMA shop TO orders_writer;
GRANT USAGE ON SCHEMA shop TO orders_reader;
CREATE TABLE shop.orders (id int PRIMARY KEY, status text);
INSERT INTO shop.orders SELECT n, CASE WHEN n <= 40 THEN 'test' ELSE 'real' END FROM generate_series(1, 100) n;
GRANT SELECT ON shop.orders TO orders_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.orders TO orders_writer;
"""

CONFIG = """
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.orders-fix]
provider = "postgres"
ttl_default = "30m"
ttl_max = "2h"
hand_out = true
[roles.orders-fix.postgres]
server = "postgresql://USER@HOST:PORT/orders"
tls = "disable"
member_of = ["orders_writer"]
reassign_to = "orders_owner"
MORE
"""
READ_TIER = 'tiers.read = { member_of = ["orders_reader"] }\n'


class ShopServer(PostgresServer):
    """With the admin login `provisioner`, whose password is PASSWORD."""

    PASSWORD = "admin-Pa55"

    def __enter__(self):
        super().__enter__()
        self.sql(SCHEMA)
        self.sql(TABLES, PGDATABASE="orders")
        return self

    def orders(self, text):
        return self.sql(text, PGDATABASE="orders")

    def grant_roles(self):
        return self.sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'prodaccess%' ORDER BY 1")

    def config(self, more="", user="provisioner", host="127.0.0.1"):
        return (CONFIG.replace("USER", user).replace("HOST", host).replace("PORT", str(self.port))
                .replace("MORE", more))

    def configure(self, prodaccess, **changes):
        prodaccess.configure(self.config(**changes))
        prodaccess.run("postgres", "password", "--role", "orders-fix", "--stdin",
                       stdin=self.PASSWORD + "\n")
        return prodaccess
