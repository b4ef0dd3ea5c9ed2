#include "providers/postgres/read_only_check.h"

namespace prodaccess {
namespace {

// {role} stands for the literal. Catalogue functions: PostgreSQL 12 documentation, 9.25.
constexpr const char* kQuery = R"(
WITH who AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = {role}),
spaces AS (SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
           WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%')
SELECT found FROM (
  SELECT 1 AS rank, 'member of ' || r.rolname AS found FROM pg_catalog.pg_roles r, who
   WHERE pg_catalog.pg_has_role(who.oid, r.oid, 'MEMBER')
     AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolname IN
          ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program',
           'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription'))
  UNION ALL
  SELECT 2, 'owner of ' || pg_catalog.count(*) || ' objects' FROM pg_catalog.pg_shdepend s, who
   WHERE s.deptype = 'o' AND s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
     AND s.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database
                        WHERE datname = pg_catalog.current_database()))
     AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = s.refobjid
                 AND pg_catalog.pg_has_role(who.oid, r.oid, 'MEMBER'))
  HAVING pg_catalog.count(*) > 0
  UNION ALL
  SELECT 3, p.name || ' on ' || spaces.nspname || '.' || c.relname
    FROM pg_catalog.pg_class c JOIN spaces ON spaces.oid = c.relnamespace, who,
         (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER')) p(name)
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND (pg_catalog.has_table_privilege(who.oid, c.oid, p.name)
          OR p.name IN ('INSERT', 'UPDATE')
             AND pg_catalog.has_any_column_privilege(who.oid, c.oid, p.name))
  UNION ALL
  SELECT 4, 'UPDATE on ' || spaces.nspname || '.' || c.relname
    FROM pg_catalog.pg_class c JOIN spaces ON spaces.oid = c.relnamespace, who
   WHERE c.relkind = 'S' AND pg_catalog.has_sequence_privilege(who.oid, c.oid, 'UPDATE')
  UNION ALL
  SELECT 5, 'CREATE on schema ' || spaces.nspname FROM spaces, who
   WHERE pg_catalog.has_schema_privilege(who.oid, spaces.oid, 'CREATE')
  UNION ALL
  SELECT 6, 'CREATE on database ' || pg_catalog.current_database() FROM who
   WHERE pg_catalog.has_database_privilege(who.oid, pg_catalog.current_database(), 'CREATE')
) all_found ORDER BY rank, found LIMIT 5)";

}  // namespace

std::vector<std::string> beyond_reading(SqlSession& session, const std::string& role) {
  std::string query = kQuery;
  const std::string_view mark = "{role}";
  query.replace(query.find(mark), mark.size(), session.literal(role));
  std::vector<std::string> found;
  for (const auto& row : session.run(query)) found.push_back(row.at(0));
  return found;
}

}  // namespace prodaccess
