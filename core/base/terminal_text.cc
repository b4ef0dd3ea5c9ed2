// UTF-8 and what of it may reach a terminal as it is.
#include <array>
#include <cstdint>
#include <cstdio>

#include "core/base/text.h"

namespace prodaccess {
namespace {

struct Decoded {
  char32_t point = 0;
  std::size_t length = 0;  // 0: not well formed
};

Decoded decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  char32_t point = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
    point = lead & 0x1f;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    point = lead & 0x0f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    point = lead & 0x07;
  } else {
    return {};
  }
  if (bytes.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    point = (point << 6) | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  if (overlong || surrogate || point > 0x10ffff) return {};
  return {point, length};
}

struct Range {
  char32_t first;
  char32_t last;
};

// What is shown as it is: printable ASCII, and letters, digits and marks of scripts whose letters
// do not pass for ASCII. All else is escaped, so a look-alike (Cyrillic, Greek, full-width), an
// invisible, a bidirectional control or an unassigned point is always visible. Unicode 15 blocks.
constexpr std::array<Range, 14> kShown{{
    {0x20, 0x7e},
    {0xa1, 0xac},    // Latin-1 signs, without the soft hyphen
    {0xae, 0xff},    // Latin-1 letters
    {0x100, 0x130},  // Latin Extended-A, without dotless i, long s and kin
    {0x132, 0x148},
    {0x14a, 0x17e},
    {0x2010, 0x2010},  // hyphen and dashes, plain quotation marks, bullet, ellipsis, euro
    {0x2013, 0x2014},
    {0x2018, 0x201e},
    {0x2022, 0x2022},
    {0x2026, 0x2026},
    {0x20ac, 0x20ac},
    {0x3041, 0x3096},  // Hiragana
    {0x4e00, 0x9fff},  // CJK unified ideographs
}};

bool is_shown(char32_t point) {
  for (const Range& range : kShown) {
    if (point >= range.first && point <= range.last) return true;
  }
  return false;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const Decoded decoded = decode(bytes);
    if (decoded.length == 0) return false;
    bytes.remove_prefix(decoded.length);
  }
  return true;
}

std::string escape_for_terminal(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  std::array<char, 16> buffer{};
  while (!text.empty()) {
    const Decoded decoded = decode(text);
    const std::size_t length = decoded.length == 0 ? 1 : decoded.length;
    if (decoded.length != 0 && is_shown(decoded.point)) {
      safe += text.substr(0, length);
    } else if (decoded.length > 1) {
      std::snprintf(buffer.data(), buffer.size(), "\\u{%x}", static_cast<unsigned>(decoded.point));
      safe += buffer.data();
    } else {
      const auto byte = static_cast<unsigned char>(text.front());
      std::snprintf(buffer.data(), buffer.size(), "\\x%02x", static_cast<unsigned>(byte));
      safe += buffer.data();
    }
    text.remove_prefix(length);
  }
  return safe;
}

}  // namespace prodaccess
