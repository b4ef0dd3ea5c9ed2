#include "core/ledger/redact.h"

#include <algorithm>

#include "core/base/secret_spans.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/os/append_file.h"
#include "core/os/random.h"

namespace prodaccess {
namespace {

using std::string_view;

constexpr const char* kKeyName = "redaction.key";
constexpr std::size_t kKeySize = 32;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "--password" or "--api-key": the next word is its value.
bool takes_a_secret(string_view word) {
  return word.size() > 2 && word.substr(0, 2) == "--" && word.find('=') == string_view::npos &&
         names_a_secret(word.substr(2));
}

bool looks_like_a_verb(string_view word) {
  return !word.empty() && word.size() <= 40 && is_letter(word[0]) &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_letter(c) || c == '-'; });
}

}  // namespace

std::string load_redaction_key(const std::filesystem::path& state_folder) {
  const AppendFolder folder(state_folder, AppendFolder::Access::Write);
  const auto lock = folder.lock("redaction.lock", Milliseconds{10'000});
  if (const auto file = folder.open(kKeyName)) {
    const auto key = unhex(trim(file->read(0, 2 * kKeySize + 1)));
    if (key && key->size() == kKeySize) return *key;
  }
  const std::string key = SystemRandom().bytes(kKeySize);
  AppendFile file = folder.create("redaction.new");
  file.write(0, hex(key) + "\n");
  file.sync_data();
  folder.rename("redaction.new", kKeyName);
  folder.sync();
  return key;
}

Redactor::Redactor(std::string key) : key_(std::move(key)) {}

std::string Redactor::value(string_view secret) const {
  return "[redacted:" + hex(hmac_sha256(key_, secret)).substr(0, 16) + "]";
}

std::string Redactor::text(string_view text) const {
  std::string kept;
  std::size_t at = 0;
  for (const SecretSpan& span : find_secrets(text)) {
    kept.append(text.substr(at, span.begin - at));
    kept += value(text.substr(span.begin, span.end - span.begin));
    at = span.end;
  }
  return kept.append(text.substr(at));
}

std::string Redactor::shape_of(const std::string& word, bool first) const {
  if (first || looks_like_a_verb(word)) return text(word);
  if (word.size() > 1 && word[0] == '-') {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return text(word);
    return text(word.substr(0, equals)) + "=" + value(word.substr(equals + 1));
  }
  return value(word);
}

std::vector<std::string> Redactor::words(const std::vector<std::string>& argv,
                                         const std::set<std::size_t>& secret_words,
                                         RecordDetail detail) const {
  std::vector<std::string> kept;
  if (argv.empty()) return kept;
  if (detail == RecordDetail::Hash) {
    std::string all;
    for (const std::string& word : argv) all.append(word).append(1, '\0');
    return {text(argv[0]), value(all)};
  }
  kept.reserve(argv.size());
  for (std::size_t i = 0; i < argv.size(); ++i) {
    const bool secret = secret_words.count(i) != 0 || (i > 0 && takes_a_secret(argv[i - 1]));
    if (secret) {
      kept.push_back(value(argv[i]));
    } else if (detail == RecordDetail::Shape) {
      kept.push_back(shape_of(argv[i], i == 0));
    } else {
      kept.push_back(text(argv[i]));
    }
  }
  return kept;
}

}  // namespace prodaccess
