#include "providers/vault/vault_handle.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

// What may stand in one word: printable, no blank. A lease id is a path, which an operator named.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 1024 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

[[noreturn]] void bad_handle(std::string_view text) {
  throw Error(ErrorCode::Provider,
              "not a handle of the Vault provider: " + escape_for_terminal(text.substr(0, 200)));
}

}  // namespace

std::string VaultHandle::text() const {
  std::vector<std::string> words;
  const auto add = [&](const std::string& kind, const std::string& value) {
    if (!is_word(value)) {
      throw Error(ErrorCode::Provider, "the server gave a name that cannot be recorded: " +
                                           escape_for_terminal(value.substr(0, 200)));
    }
    words.push_back(kind + ":" + value);
  };
  for (const std::string& accessor : accessors) add("accessor", accessor);
  if (!lease.empty()) add("lease", lease);
  if (!serial.empty()) add("serial", serial_mount + "," + serial);
  if (lives_until) {
    add("until", format_rfc3339(std::chrono::floor<std::chrono::seconds>(*lives_until)));
  }
  if (stored) words.emplace_back("stored");
  return join(words, " ");
}

VaultHandle VaultHandle::parse(std::string_view text) {
  VaultHandle handle;
  for (const std::string& word : split(text, ' ')) {
    const std::size_t colon = word.find(':');
    const std::string kind = word.substr(0, colon);
    const std::string value = colon == std::string::npos ? "" : word.substr(colon + 1);
    if (kind == "stored" && colon == std::string::npos) {
      handle.stored = true;
      continue;
    }
    if (!is_word(value)) bad_handle(text);
    if (kind == "accessor") {
      handle.accessors.push_back(value);
    } else if (kind == "lease") {
      handle.lease = value;
    } else if (kind == "serial" && value.find(',') != std::string::npos) {
      handle.serial_mount = value.substr(0, value.find(','));
      handle.serial = value.substr(value.find(',') + 1);
    } else if (kind == "until" && parse_rfc3339(value)) {
      handle.lives_until = parse_rfc3339(value);
    } else {
      bad_handle(text);
    }
  }
  return handle;
}

}  // namespace prodaccess
