#include "providers/aws/session_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/base/text.h"
#include "core/grant/credential_template.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestWord = 64;
constexpr std::string_view kWordMarks = "_+=,.@-";
constexpr std::string_view kTagMarks = " _.:/=+-@";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Whole blocks of letters; a letter outside of them becomes '_', which STS takes as well.
bool is_letter(std::uint32_t point) {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  static constexpr std::array<Range, 10> kLetters{{{0xc0, 0xd6},
                                                   {0xd8, 0xf6},
                                                   {0xf8, 0x2af},
                                                   {0x388, 0x3ff},
                                                   {0x400, 0x481},
                                                   {0x48a, 0x52f},
                                                   {0x5d0, 0x5ea},
                                                   {0x3041, 0x3096},
                                                   {0x4e00, 0x9fff},
                                                   {0xac00, 0xd7a3}}};
  return std::any_of(kLetters.begin(), kLetters.end(), [&](const Range& range) {
    return point >= range.first && point <= range.last;
  });
}

// The bytes of the character at the front, of well-formed UTF-8.
std::size_t character_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

std::uint32_t code_point(std::string_view character) {
  static constexpr std::array<std::uint32_t, 5> kFirstMask{0, 0x7f, 0x1f, 0x0f, 0x07};
  std::uint32_t point =
      static_cast<unsigned char>(character.front()) & kFirstMask[character.size()];
  for (const char c : character.substr(1)) {
    point = point << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return point;
}

bool fits_tag(std::string_view character) {
  if (character.size() > 1) return is_letter(code_point(character));
  return is_alphanumeric(character.front()) ||
         kTagMarks.find(character.front()) != std::string_view::npos;
}

}  // namespace

std::string fill_session_text(const std::string& text, const SessionWords& words) {
  Credential fields;
  fields.fields.emplace("person", Secret(words.person));
  fields.fields.emplace("role", Secret(words.role));
  fields.fields.emplace("grant", Secret(words.grant));
  fields.fields.emplace("reason", Secret(words.reason));
  fields.fields.emplace("ticket", Secret(words.ticket));
  return std::string(fill_template(text, fields).view());
}

bool is_session_word(std::string_view text, std::size_t shortest, std::size_t longest,
                     std::string_view also) {
  return text.size() >= shortest && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alphanumeric(c) || kWordMarks.find(c) != std::string_view::npos ||
                  also.find(c) != std::string_view::npos;
         });
}

std::string session_word(std::string_view text) {
  if (text.empty()) return "";
  std::string word(text.substr(0, kLongestWord));
  std::replace_if(
      word.begin(), word.end(),
      [](char c) { return !is_alphanumeric(c) && kWordMarks.find(c) == std::string_view::npos; },
      '-');
  if (word.size() < 2) word += '-';
  return word;
}

std::string session_tag_text(std::string_view text, std::size_t longest) {
  if (!is_utf8(text)) return session_tag_text(escape_for_terminal(text), longest);
  std::string fitted;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size() && characters < longest; ++characters) {
    const std::string_view character = text.substr(at, character_length(text[at]));
    if (fits_tag(character)) {
      fitted += character;
    } else {
      fitted += '_';
    }
    at += character.size();
  }
  return fitted;
}

}  // namespace prodaccess
