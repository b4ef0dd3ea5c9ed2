// What a role could do beyond reading, by the server's own word: whether a read tier deserves its
// name. `default_transaction_read_only` alone fences nothing, since a session may switch it off.
//
// Looked at: attributes and predefined roles, tables and columns, sequences, schemas, the database,
// and what it owns, in the session's database. Not: functions that run as their owner.
#pragma once

#include <string>
#include <vector>

#include "providers/postgres/sql_session.h"

namespace prodaccess {

// At most a few, in words: "INSERT on shop.orders", "member of pg_write_all_data". `role` exists.
std::vector<std::string> beyond_reading(SqlSession& session, const std::string& role);

}  // namespace prodaccess
