// The words of a role session: templates filled in, and made to fit what STS takes. Pure.
// AWS STS API Reference, AssumeRole: RoleSessionName, SourceIdentity, Tags.
//
// Errors: Error{Config} for a template with an unknown field or an open brace.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prodaccess {

// What templates may name: {person}, {role}, {grant}, {reason}, {ticket}.
struct SessionWords {
  std::string person;
  std::string role;
  std::string grant;
  std::string reason;
  std::string ticket;
};

std::string fill_session_text(const std::string& text, const SessionWords& words);

// Letters, digits and _+=,.@- (and `also`), `shortest` to `longest` of them.
bool is_session_word(std::string_view text, std::size_t shortest, std::size_t longest,
                     std::string_view also = "");
// The text with '-' for all else, 2 to 64 characters; "" stays "".
std::string session_word(std::string_view text);
// A tag's key or value: letters, digits, blanks and _.:/=+-@; '_' for all else, cut to `longest`
// characters.
std::string session_tag_text(std::string_view text, std::size_t longest);

}  // namespace prodaccess
