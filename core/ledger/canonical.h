// The ledger's JSON: one spelling for each value, written fast and read strictly.
//
// Canonical: no blanks, object keys sorted by their UTF-8 bytes and each once, integers from -2^63
// to 2^64-1 without leading zeros, no fractions, ASCII only. In strings `"` and `\` and \b \f \n \r
// \t are escaped so, all else below U+0020 and from U+007F on as \u and four lower-case digits
// (pairs above U+FFFF). Nesting is at most 32 deep. It is what core/base/json.h's canonical_json
// writes.
//
// Bytes that are not UTF-8, and the characters U+10FF00 to U+10FFFF, come out as one character
// U+10FF00 + byte for each of their bytes: exact, and `restore_bytes` gives them back.
//
// Pure; nothing throws.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace prodaccess {

// Appends `bytes` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view bytes);

// The string's value that append_json_string writes for `bytes`: well-formed UTF-8, for other
// writers of JSON.
std::string represent_bytes(std::string_view bytes);

// The bytes that append_json_string was given, from the string's value in UTF-8.
std::string restore_bytes(std::string_view value);

// Reads canonical JSON from the front of a text. The first thing that does not fit ends it for
// good: `failed()`; `incomplete()` tells that the text merely ended too soon.
class CanonicalCursor {
 public:
  explicit CanonicalCursor(std::string_view text) : text_(text) {}

  bool failed() const { return failed_; }
  bool incomplete() const { return failed_ && at_ >= text_.size(); }
  bool at_end() const { return at_ == text_.size(); }
  std::size_t position() const { return at_; }

  void expect(std::string_view literal);
  std::string_view take_string();  // the characters between the quotes, still escaped
  std::uint64_t take_number();     // not negative
  std::string_view take_value();   // any value, as it stands
  std::string_view take_object();  // an object, as it stands

 private:
  char peek();
  void fail() { failed_ = true; }
  void skip_string();
  void skip_escape();
  unsigned take_hex4();
  void skip_integer();
  void skip_members(int depth);
  void skip_elements(int depth);
  void skip_value(int depth);

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// Whether `text` is one canonical value and nothing else.
bool is_canonical_json(std::string_view text);

}  // namespace prodaccess
