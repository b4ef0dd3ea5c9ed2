#include "providers/postgres/postgres_library.h"

#include <dlfcn.h>

#include <string>

#include "core/base/dlopen_note.h"
#include "core/base/error.h"

namespace prodaccess {
namespace {

PRODACCESS_DLOPEN_NOTE(
    R"([{"feature":"postgres","description":"PostgreSQL provider","priority":"recommended","soname":["libpq.so.5"]}])");

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    throw Error(ErrorCode::System, std::string("libpq.so.5 has no ") + name);
  }
}

PostgresLibrary load() {
  void* library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(ErrorCode::System, "libpq.so.5 cannot be opened; the provider postgres needs it",
                {"apt install libpq5"});
  }
  PostgresLibrary pq{};
  find(library, "PQconnectStartParams", pq.connect_start);
  find(library, "PQconnectPoll", pq.connect_poll);
  find(library, "PQstatus", pq.status);
  find(library, "PQerrorMessage", pq.error_message);
  find(library, "PQsocket", pq.socket);
  find(library, "PQserverVersion", pq.server_version);
  find(library, "PQsslInUse", pq.ssl_in_use);
  find(library, "PQsetNoticeProcessor", pq.set_notice_processor);
  find(library, "PQsetnonblocking", pq.set_nonblocking);
  find(library, "PQsendQuery", pq.send_query);
  find(library, "PQflush", pq.flush);
  find(library, "PQconsumeInput", pq.consume_input);
  find(library, "PQisBusy", pq.is_busy);
  find(library, "PQgetResult", pq.get_result);
  find(library, "PQresultStatus", pq.result_status);
  find(library, "PQresultErrorField", pq.result_error_field);
  find(library, "PQntuples", pq.row_count);
  find(library, "PQnfields", pq.column_count);
  find(library, "PQgetvalue", pq.value);
  find(library, "PQgetlength", pq.length);
  find(library, "PQclear", pq.clear);
  find(library, "PQfinish", pq.finish);
  find(library, "PQescapeIdentifier", pq.escape_identifier);
  find(library, "PQescapeLiteral", pq.escape_literal);
  find(library, "PQencryptPasswordConn", pq.encrypt_password);
  find(library, "PQfreemem", pq.free_memory);
  return pq;
}

}  // namespace

const PostgresLibrary& postgres_library() {
  static const PostgresLibrary library = load();
  return library;
}

}  // namespace prodaccess
