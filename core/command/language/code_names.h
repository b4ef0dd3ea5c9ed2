// What the names of a scripting language stand for, as lists.
//
// Sources: the languages' own references: docs.python.org (3.11 library), nodejs.org/api (20),
// perldoc perlfunc (5.36), docs.ruby-lang.org (3.1 core), php.net function reference (8.2), the
// Lua 5.4 manual, Groovy GDK.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/language/code_lexer.h"

namespace prodaccess {

struct CodeNames {
  CodeSyntax syntax{};
  std::string_view keywords{};
  std::string_view harmless{};  // functions and methods that change nothing
  std::string_view modules{};   // that may be imported
  std::string_view shell{};     // run their text in a shell
  std::string_view programs{};  // run a program given as words
  std::string_view deletes{};
  std::string_view writes{};
  std::string_view rights{};
  std::string_view stops{};
  std::string_view code{};     // run code made at run time, or reach names by text
  std::string_view imports{};  // the words that bring a module in
  bool bare_calls = false;     // a name alone may be a call (Perl, Ruby)
};

// Null for a language that has no such lists (awk, sed).
const CodeNames* code_names(Language language);

}  // namespace prodaccess
