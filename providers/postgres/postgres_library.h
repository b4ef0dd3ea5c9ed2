// libpq, opened when the first connection is made
// (https://www.postgresql.org/docs/current/libpq.html).
//
// Errors: Error{System} with the package to install. Threads: the first call, one thread.
#pragma once

#include <libpq-fe.h>

namespace prodaccess {

struct PostgresLibrary {
  decltype(&::PQconnectStartParams) connect_start;
  decltype(&::PQconnectPoll) connect_poll;
  decltype(&::PQstatus) status;
  decltype(&::PQerrorMessage) error_message;
  decltype(&::PQsocket) socket;
  decltype(&::PQserverVersion) server_version;
  decltype(&::PQsslInUse) ssl_in_use;
  decltype(&::PQsetNoticeProcessor) set_notice_processor;
  decltype(&::PQsetnonblocking) set_nonblocking;
  decltype(&::PQsendQuery) send_query;
  decltype(&::PQflush) flush;
  decltype(&::PQconsumeInput) consume_input;
  decltype(&::PQisBusy) is_busy;
  decltype(&::PQgetResult) get_result;
  decltype(&::PQresultStatus) result_status;
  decltype(&::PQresultErrorField) result_error_field;
  decltype(&::PQntuples) row_count;
  decltype(&::PQnfields) column_count;
  decltype(&::PQgetvalue) value;
  decltype(&::PQgetlength) length;
  decltype(&::PQclear) clear;
  decltype(&::PQfinish) finish;
  decltype(&::PQescapeIdentifier) escape_identifier;
  decltype(&::PQescapeLiteral) escape_literal;
  decltype(&::PQencryptPasswordConn) encrypt_password;
  decltype(&::PQfreemem) free_memory;
};

const PostgresLibrary& postgres_library();

}  // namespace prodaccess
