// parse_postgres_address on any text: what it takes holds no password and no control character, and
// reads the same again when it is written out.
#include <cstdlib>

#include "providers/http/url.h"
#include "providers/postgres/postgres_address.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace prodaccess;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string problem;
  const auto address = parse_postgres_address(text, problem);
  if (!address) return problem.empty() ? (std::abort(), 0) : 0;
  for (const std::string* part : {&address->user, &address->host, &address->database}) {
    if (part->empty()) std::abort();
    for (const char c : *part) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') std::abort();
    }
  }
  const std::string written = "postgresql://" + percent_encode(address->user) + "@" +
                              percent_encode(address->host) + ":" + address->port + "/" +
                              percent_encode(address->database);
  const auto again = parse_postgres_address(written, problem);
  if (!again || again->user != address->user || again->host != address->host ||
      again->port != address->port || again->database != address->database) {
    std::abort();
  }
  return 0;
}
