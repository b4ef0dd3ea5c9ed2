#include "core/command/shell/ansi_quote.h"

#include <cstdint>

namespace prodaccess::shell {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Reads up to `most` digits of `base` at `at`; -1 where there is none.
std::int64_t take_number(std::string_view text, std::size_t& at, int base, std::size_t most) {
  std::int64_t value = 0;
  std::size_t taken = 0;
  while (taken < most && at < text.size() && digit_value(text[at]) < base) {
    value = value * base + digit_value(text[at]);
    ++at;
    ++taken;
  }
  return taken == 0 ? -1 : value;
}

void append_utf8(std::string& text, std::int64_t code) {
  const auto byte = [&](std::int64_t value) { text += static_cast<char>(value & 0xff); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    byte(0xe0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3f));
  } else {
    byte(0xf0 | ((code >> 18) & 0x07));
    byte(0x80 | ((code >> 12) & 0x3f));
    byte(0x80 | ((code >> 6) & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

// The one-letter escapes; 0 where `c` is none.
char simple_escape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'e':
    case 'E': return '\x1b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\': return '\\';
    default: return '\0';
  }
}

// \xHH, \uHHHH, \UHHHHHHHH with `at` on the letter. False: none of these.
bool take_coded(std::string_view text, std::size_t& at, std::string& out) {
  const char letter = text[at];
  if (letter != 'x' && letter != 'u' && letter != 'U') return false;
  std::size_t next = at + 1;
  const std::int64_t value =
      take_number(text, next, 16, letter == 'x' ? 2 : (letter == 'u' ? 4 : 8));
  if (value < 0) return false;
  at = next;
  if (letter == 'x') {
    out += static_cast<char>(value);
  } else {
    append_utf8(out, value);
  }
  return true;
}

}  // namespace

std::string unescape_ansi(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || at + 1 >= text.size()) {
      out += text[at++];
      continue;
    }
    const char c = text[++at];
    if (const char simple = simple_escape(c); simple != '\0') {
      out += simple;
      ++at;
    } else if (c == '\'' || c == '"' || c == '?') {
      out += c;
      ++at;
    } else if (c == 'c' && at + 1 < text.size()) {
      out += static_cast<char>(text[at + 1] & 0x1f);
      at += 2;
    } else if (digit_value(c) < 8) {
      out += static_cast<char>(take_number(text, at, 8, 3));
    } else if (!take_coded(text, at, out)) {
      out += '\\';
    }
    if (const std::size_t nul = out.find('\0', out.empty() ? 0 : out.size() - 1);
        nul != std::string::npos) {
      return out.substr(0, nul);
    }
  }
  return out;
}

std::string unescape_echo(std::string_view text, bool& stopped) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || at + 1 >= text.size()) {
      out += text[at++];
      continue;
    }
    const char c = text[++at];
    if (c == 'c') {
      stopped = true;
      return out;
    }
    if (const char simple = simple_escape(c); simple != '\0') {
      out += simple;
      ++at;
    } else if (c == '0') {
      ++at;
      const std::int64_t value = take_number(text, at, 8, 3);
      out += static_cast<char>(value < 0 ? 0 : value);
    } else if (!take_coded(text, at, out)) {
      out += '\\';
    }
  }
  return out;
}

}  // namespace prodaccess::shell
