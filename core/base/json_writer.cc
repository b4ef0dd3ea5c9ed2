#include "core/base/json_writer.h"

#include <array>
#include <charconv>

namespace prodaccess {
namespace {

constexpr std::array<bool, 256> plain_characters() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) table[c] = c != '"' && c != '\\';
  return table;
}
constexpr std::array<bool, 256> kPlain = plain_characters();
constexpr std::uint32_t kReplacement = 0xfffd;

void append_unit(std::string& out, std::uint32_t unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (unsigned shift = 12;; shift -= 4) {
    out += kDigits[(unit >> shift) & 0xfU];
    if (shift == 0) return;
  }
}

// The character at `at` (RFC 3629), which is moved behind it; kReplacement for a byte that is none.
std::uint32_t take_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) : 0U;
  };
  const std::uint32_t first = byte(at);
  const std::size_t begin = at++;
  if (first < 0x80) return first;
  const std::size_t more = first >= 0xf0 ? 3 : (first >= 0xe0 ? 2 : 1);
  if (first < 0xc2 || first > 0xf4) return kReplacement;
  std::uint32_t code = first & (0x3fU >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    if ((byte(begin + i) & 0xc0U) != 0x80U) return kReplacement;
    code = (code << 6U) | (byte(begin + i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 4> kLeast{0, 0x80, 0x800, 0x10000};
  if (code < kLeast.at(more) || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    return kReplacement;
  }
  at = begin + more + 1;
  return code;
}

}  // namespace

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
}

void JsonWriter::literal(std::string_view text) {
  separate();
  out_ += text;
}

void JsonWriter::key(std::string_view name) {
  separate();
  quoted(name);
  out_ += ':';
  first_ = true;
}

void JsonWriter::string(std::string_view text) {
  separate();
  quoted(text);
}

void JsonWriter::number(std::int64_t value) {
  std::array<char, 24> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  literal({digits.data(), static_cast<std::size_t>(result.ptr - digits.data())});
}

void JsonWriter::quoted(std::string_view text) {
  out_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && kPlain[static_cast<unsigned char>(text[end])]) ++end;
    out_.append(text.data() + at, end - at);
    at = end;
    if (at == text.size()) break;
    const char c = text[at];
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
      ++at;
    } else if (c == '\n' || c == '\t') {
      out_ += c == '\n' ? "\\n" : "\\t";
      ++at;
    } else {
      const std::uint32_t code = take_character(text, at);
      if (code >= 0x10000) {
        append_unit(out_, 0xd800 + ((code - 0x10000) >> 10U));
        append_unit(out_, 0xdc00 + ((code - 0x10000) & 0x3ffU));
      } else {
        append_unit(out_, code);
      }
    }
  }
  out_ += '"';
}

}  // namespace prodaccess
