#include "core/ledger/canonical.h"

#include <array>

namespace prodaccess {
namespace {

constexpr int kDeepest = 32;
constexpr std::uint32_t kByteBase = 0x10FF00;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kShortEscapes = "\"\\bfnrt";

bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

// The length of the well-formed UTF-8 character at the front of `text`, and its code point; 0 where
// there is none.
std::size_t decode_utf8(std::string_view text, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) {
    code = first;
    return 1;
  }
  if (first >= 0xC2 && first < 0xE0 && tail(1)) {
    code = ((first & 0x1FU) << 6) | (byte(1) & 0x3FU);
    return 2;
  }
  if (first >= 0xE0 && first < 0xF0 && tail(1) && tail(2)) {
    code = ((first & 0x0FU) << 12) | ((byte(1) & 0x3FU) << 6) | (byte(2) & 0x3FU);
    return code < 0x800 || (code >= 0xD800 && code < 0xE000) ? 0 : 3;
  }
  if (first >= 0xF0 && first < 0xF5 && tail(1) && tail(2) && tail(3)) {
    code = ((first & 0x07U) << 18) | ((byte(1) & 0x3FU) << 12) | ((byte(2) & 0x3FU) << 6) |
           (byte(3) & 0x3FU);
    return code < 0x10000 || code > 0x10FFFF ? 0 : 4;
  }
  return 0;
}

void append_u(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHexDigits[(unit >> shift) & 15];
}

void append_code_point(std::string& out, std::uint32_t code) {
  switch (code) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (code < 0x10000) {
    append_u(out, code);
  } else {
    append_u(out, 0xD800 + ((code - 0x10000) >> 10));
    append_u(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
  }
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits.substr(0, 4)) {
    value = value * 16 + static_cast<std::uint32_t>(kHexDigits.find(c));
  }
  return value;
}

// The value of a string that CanonicalCursor has accepted.
std::string unescape(std::string_view raw) {
  std::string value;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      value += raw[i];
      continue;
    }
    const char letter = raw[++i];
    if (letter != 'u') {
      constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
      value += kMeanings[kShortEscapes.find(letter)];
      continue;
    }
    std::uint32_t code = hex4(raw.substr(i + 1));
    i += 4;
    if (code >= 0xD800 && code < 0xDC00) {
      code = 0x10000 + ((code - 0xD800) << 10) + (hex4(raw.substr(i + 3)) - 0xDC00);
      i += 6;
    }
    append_utf8(value, code);
  }
  return value;
}

bool keys_ascend(std::string_view before, std::string_view after) {
  const bool escaped =
      before.find('\\') != std::string_view::npos || after.find('\\') != std::string_view::npos;
  return escaped ? unescape(before) < unescape(after) : before < after;
}

}  // namespace

void append_json_string(std::string& out, std::string_view bytes) {
  out += '"';
  while (!bytes.empty()) {
    std::size_t plain = 0;
    while (plain < bytes.size() && is_plain(bytes[plain])) ++plain;
    out.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    std::uint32_t code = 0;
    const std::size_t length = decode_utf8(bytes, code);
    if (length != 0 && code < kByteBase) {
      append_code_point(out, code);
      bytes.remove_prefix(length);
      continue;
    }
    for (std::size_t i = 0; i < std::max<std::size_t>(length, 1); ++i) {
      append_code_point(out, kByteBase + static_cast<unsigned char>(bytes[i]));
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

std::string represent_bytes(std::string_view bytes) {
  std::string value;
  while (!bytes.empty()) {
    std::uint32_t code = 0;
    const std::size_t length = decode_utf8(bytes, code);
    if (length != 0 && code < kByteBase) {
      value.append(bytes.substr(0, length));
      bytes.remove_prefix(length);
      continue;
    }
    for (std::size_t i = 0; i < std::max<std::size_t>(length, 1); ++i) {
      append_utf8(value, kByteBase + static_cast<unsigned char>(bytes[i]));
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return value;
}

std::string restore_bytes(std::string_view value) {
  std::string bytes;
  while (!value.empty()) {
    std::uint32_t code = 0;
    const std::size_t length = std::max<std::size_t>(decode_utf8(value, code), 1);
    if (length == 4 && code >= kByteBase) {
      bytes += static_cast<char>(code & 0xFF);
    } else {
      bytes.append(value.substr(0, length));
    }
    value.remove_prefix(length);
  }
  return bytes;
}

char CanonicalCursor::peek() {
  if (!failed_ && at_ < text_.size()) return text_[at_];
  failed_ = true;
  return '\0';
}

void CanonicalCursor::expect(std::string_view literal) {
  if (failed_) return;
  const std::string_view here = text_.substr(at_, literal.size());
  if (here == literal) {
    at_ += literal.size();
    return;
  }
  // A text that is a proper beginning of what is expected has merely ended too soon.
  if (here == literal.substr(0, here.size()) && at_ + here.size() == text_.size()) {
    at_ = text_.size();
  }
  fail();
}

unsigned CanonicalCursor::take_hex4() {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const std::size_t digit = kHexDigits.find(peek());
    if (failed_ || digit == std::string_view::npos) {
      fail();
      return 0;
    }
    value = value * 16 + static_cast<unsigned>(digit);
    ++at_;
  }
  return value;
}

void CanonicalCursor::skip_escape() {
  ++at_;
  const char letter = peek();
  if (failed_) return;
  ++at_;
  if (letter != 'u') {
    if (kShortEscapes.find(letter) == std::string_view::npos) {
      --at_;
      fail();
    }
    return;
  }
  const std::size_t digits = at_;
  const unsigned unit = take_hex4();
  if (failed_) return;
  const bool has_short =
      unit < 0x20 &&
      std::string_view("\b\f\n\r\t").find(static_cast<char>(unit)) != std::string_view::npos;
  if (has_short || (unit >= 0x20 && unit < 0x7F) || (unit >= 0xDC00 && unit < 0xE000)) {
    at_ = digits;
    return fail();
  }
  if (unit < 0xD800 || unit >= 0xDC00) return;
  expect("\\u");
  const std::size_t low_digits = at_;
  const unsigned low = failed_ ? 0 : take_hex4();
  if (!failed_ && (low < 0xDC00 || low >= 0xE000)) {
    at_ = low_digits;
    fail();
  }
}

void CanonicalCursor::skip_string() {
  expect("\"");
  while (!failed_) {
    while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
    const char c = peek();
    if (failed_) return;
    if (c == '"') {
      ++at_;
      return;
    }
    if (c != '\\') return fail();
    skip_escape();
  }
}

std::string_view CanonicalCursor::take_string() {
  const std::size_t start = at_;
  skip_string();
  return failed_ ? std::string_view{} : text_.substr(start + 1, at_ - start - 2);
}

void CanonicalCursor::skip_integer() {
  const std::size_t start = at_;
  const bool negative = peek() == '-';
  if (negative) ++at_;
  const std::size_t first = at_;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
  const std::string_view digits = text_.substr(first, at_ - first);
  if (digits.empty()) {
    if (at_ < text_.size()) at_ = start;
    return fail();
  }
  // Text of equal length compares as the numbers do.
  const std::string_view most = negative ? "9223372036854775808" : "18446744073709551615";
  const bool too_big =
      digits.size() > most.size() || (digits.size() == most.size() && digits > most);
  const bool spelled_badly = digits[0] == '0' && (digits.size() > 1 || negative);
  if (too_big || spelled_badly) {
    at_ = start;
    fail();
  }
}

std::uint64_t CanonicalCursor::take_number() {
  const std::size_t start = at_;
  skip_integer();
  if (failed_) return 0;
  std::uint64_t value = 0;
  for (const char c : text_.substr(start, at_ - start)) {
    if (c == '-') {
      at_ = start;
      fail();
      return 0;
    }
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

void CanonicalCursor::skip_members(int depth) {
  expect("{");
  if (peek() == '}') {
    ++at_;
    return;
  }
  std::string_view before;
  for (bool first = true; !failed_; first = false) {
    const std::size_t start = at_;
    const std::string_view key = take_string();
    if (!failed_ && !first && !keys_ascend(before, key)) {
      at_ = start;
      return fail();
    }
    before = key;
    expect(":");
    skip_value(depth + 1);
    if (peek() == '}') {
      ++at_;
      return;
    }
    expect(",");
  }
}

void CanonicalCursor::skip_elements(int depth) {
  expect("[");
  if (peek() == ']') {
    ++at_;
    return;
  }
  while (!failed_) {
    skip_value(depth + 1);
    if (peek() == ']') {
      ++at_;
      return;
    }
    expect(",");
  }
}

void CanonicalCursor::skip_value(int depth) {
  const char c = peek();
  if (failed_) return;
  if (depth > kDeepest) return fail();
  switch (c) {
    case '"': return skip_string();
    case '{': return skip_members(depth);
    case '[': return skip_elements(depth);
    case 't': return expect("true");
    case 'f': return expect("false");
    case 'n': return expect("null");
    default: return skip_integer();
  }
}

std::string_view CanonicalCursor::take_value() {
  const std::size_t start = at_;
  skip_value(1);
  return failed_ ? std::string_view{} : text_.substr(start, at_ - start);
}

std::string_view CanonicalCursor::take_object() {
  if (peek() != '{') {
    fail();
    return {};
  }
  return take_value();
}

bool is_canonical_json(std::string_view text) {
  CanonicalCursor cursor(text);
  cursor.take_value();
  return !cursor.failed() && cursor.at_end();
}

}  // namespace prodaccess
