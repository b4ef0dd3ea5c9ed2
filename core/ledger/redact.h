// Redactor: keeps secrets out of records. What it takes for one becomes "[redacted:" and 16 hex
// digits of a keyed hash "]": equal secrets can be seen to be equal, and nothing else.
//
// What it looks for is in core/base/secret_spans.h; what a tool pack marks as secret is the
// caller's to pass to `value`.
//
// Pure (but load_redaction_key), linear in the text. Threads: const.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/record_detail.h"

namespace prodaccess {

class Redactor {
 public:
  // `key`: at least 16 random bytes that are kept apart from the ledger.
  explicit Redactor(std::string key);

  std::string value(std::string_view secret) const;
  std::string text(std::string_view text) const;
  // `secret_words`: the places in `argv` that are known to be secrets, whole.
  std::vector<std::string> words(const std::vector<std::string>& argv,
                                 const std::set<std::size_t>& secret_words,
                                 RecordDetail detail) const;

 private:
  std::string shape_of(const std::string& word, bool first) const;
  std::string key_;
};

// The key of this machine's user, made at first use: "redaction.key" in the state folder, never in
// the ledger's. Whoever has it can try guesses. Throws as AppendFile does.
std::string load_redaction_key(const std::filesystem::path& state_folder);

}  // namespace prodaccess
