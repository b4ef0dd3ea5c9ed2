// What is read as a private key is one that can be written and read again, and whose halves belong
// together; all else is an Error{Provider}.
#include <cstdlib>

#include "core/base/error.h"
#include "providers/local/ssh_certificate.h"
#include "providers/local/ssh_private_key.h"

using namespace prodaccess;

namespace {

void check_key(std::string_view text) {
  const Ed25519Key key = parse_private_key(text);
  const Secret again = format_private_key(key, "");
  if (parse_private_key(again.view()).seed().view() != key.seed().view()) std::abort();
}

void check_certificate(std::string_view text) {
  const std::string blob = certificate_blob(text);
  if (certificate_blob(certificate_line(blob, "")) != blob) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const auto check : {&check_key, &check_certificate}) {
    try {
      check(text);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Provider) std::abort();
    }
  }
  return 0;
}
