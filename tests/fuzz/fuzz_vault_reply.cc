// What a Vault server says is read or refused with Error{Provider}, and what is read keeps its
// promises: a handle reads back as it was written, names are one line, and nothing that cannot be
// understood counts as reading only.
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/vault/read_check.h"
#include "providers/vault/ssh_signed.h"
#include "providers/vault/vault_handle.h"
#include "providers/vault/vault_reply.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool one_line(std::string_view text) { return escape_for_terminal(text).find('\n') == text.npos; }

void check_reply(std::string_view text) {
  const VaultReply reply = parse_vault_reply(text, "the reply");
  require(reply.lease >= Seconds{0} && one_line(reply.lease_id));
  require(reply.lease_id.find('\n') == std::string::npos);
  if (!reply.auth) return;
  require(reply.auth->token.empty() || is_vault_token(reply.auth->token.view()));
  require(reply.auth->accessor.empty() || is_vault_token(reply.auth->accessor));
}

void check_handle(std::string_view text) {
  const VaultHandle handle = VaultHandle::parse(text);
  const std::string written = handle.text();
  require(VaultHandle::parse(written).text() == written);
}

void check_certificate(std::string_view text) {
  const SshSigned read = read_ssh_certificate(text);
  require(read.public_key.size() == 32);
}

template <typename Check>
void refused_or(const Check& check, std::string_view text) {
  try {
    check(text);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Provider);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  refused_or(check_reply, text);
  refused_or(check_handle, text);
  refused_or(check_certificate, text);
  require(one_line(vault_errors(text)));
  // What is no JSON object at all never counts as reading only.
  const bool object = trim(text).starts_with('{');
  require(object || !acl_beyond_reading(text).empty());
  require(object || !sql_beyond_reading(text).empty());
  return 0;
}
