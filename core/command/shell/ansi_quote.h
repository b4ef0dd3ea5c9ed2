// Backslash escapes, as $'...', `echo -e` and `printf` know them (bash(1), QUOTING and SHELL
// BUILTIN COMMANDS).
#pragma once

#include <string>
#include <string_view>

namespace prodaccess::shell {

// The text of $'...' between the quotes. A NUL ends it, as in bash.
std::string unescape_ansi(std::string_view text);

// `echo -e` and `%b`: octal is \0nnn; `\c` ends all output (then `stopped` is set).
std::string unescape_echo(std::string_view text, bool& stopped);

}  // namespace prodaccess::shell
