// A lexer for the inline code of scripting languages, just deep enough to tell names, calls and
// constant strings from each other. Linear in the text; never fails: what does not close is Broken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

struct CodeSyntax {
  bool hash_comments = false;        // # ...
  bool slash_comments = false;       // // ... and /* ... */
  bool dash_comments = false;        // -- ... and --[[ ... ]]
  bool triple_quotes = false;        // """...""", '''...'''
  bool backquote_template = false;   // `a ${b}`: a string (JavaScript)
  bool backquote_command = false;    // `cmd`: runs it (Perl, Ruby, PHP)
  bool sigils = false;               // $x, @x belong to the word (Perl, PHP, Ruby)
  bool slash_regex = false;          // /re/ where a value may stand
  bool quote_operators = false;      // q// qq// qw// qx// m// s/// tr/// y/// (Perl)
  bool percent_quotes = false;       // %w() %q() %x() (Ruby)
  bool long_brackets = false;        // [[ ... ]] (Lua)
  bool prefixed_strings = false;     // r'', b'', f'' (Python)
  std::string_view interpolation{};  // what opens code inside "...": "#{", "${"; "" for none
  bool apostrophes = true;           // '...' is a string (not in awk)
  std::string_view regex_words{};    // after which `/` opens a regular expression
  std::string_view unreadable{};     // blank-separated marks of what is not read: heredocs, POD
};

struct CodeToken {
  enum class Kind : std::uint8_t { Word, String, Template, Command, Regex, Number, Symbol, Broken };
  Kind kind = Kind::Symbol;
  std::string_view text;                // as written
  std::string value;                    // String, Command: the content; plain escapes undone
  std::vector<std::string> inner_code;  // Template, Command: the code inside
  bool after_blank = false;

  bool is(std::string_view word) const { return kind == Kind::Word && text == word; }
  bool symbol(char c) const { return kind == Kind::Symbol && text.size() == 1 && text[0] == c; }
};

using CodeTokens = std::vector<CodeToken>;

CodeTokens lex_code(std::string_view code, const CodeSyntax& syntax);

}  // namespace prodaccess
