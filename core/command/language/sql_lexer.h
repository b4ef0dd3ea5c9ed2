// A lexer for SQL, fitted to a dialect: words, names, strings, numbers and symbols, with comments
// left out. Linear in the text; never fails: what does not close is a Broken token to the end.
//
// Sources: PostgreSQL 15 "Lexical Structure"; MySQL 8.0 "Comments", "String Literals", "Schema
// Object Names"; SQLite "SQL Comments", "Keywords"; BigQuery "Lexical structure and syntax".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

struct SqlDialect {
  bool nested_comments = false;      // /* /* */ */
  bool executable_comments = false;  // /*! ... */ and /*M! ... */ run (MySQL, MariaDB)
  bool hash_comments = false;        // # to the end of the line
  bool dash_needs_blank = false;     // `--x` is two minus signs (MySQL)
  bool backslash_escapes = false;    // in '...' and "..."
  bool escape_strings = false;       // E'...' alone takes backslashes (PostgreSQL)
  bool dollar_quotes = false;        // $tag$ ... $tag$
  bool backquoted_names = false;
  bool bracketed_names = false;  // [name]
  bool double_quoted_strings = false;
  bool triple_quotes = false;  // '''...''' and """...""", r'...' and b'...' (BigQuery)
};

struct SqlToken {
  enum class Kind : std::uint8_t { Word, Name, String, Number, Symbol, Broken };
  Kind kind = Kind::Symbol;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view text;  // as written, quotes included

  bool at_end() const { return text.empty(); }
  // The unquoted word `keyword`, given in upper case.
  bool is(std::string_view keyword) const;
  bool symbol(char c) const { return kind == Kind::Symbol && text.size() == 1 && text[0] == c; }
  // A name or string without its quotes; doubled quotes and plain backslash escapes are undone.
  std::string value() const;
};

using SqlTokens = std::vector<SqlToken>;

// Reads one token after another. `text` and `dialect` must outlive it.
class SqlLexer {
 public:
  // With `skip_executable`, MySQL's executable comments are comments.
  SqlLexer(std::string_view text, const SqlDialect& dialect, bool skip_executable = false)
      : text_(text), dialect_(dialect), skip_executable_(skip_executable) {}

  // The next token; at the end of the text one that is empty.
  SqlToken next();
  std::size_t position() const { return at_; }
  void seek(std::size_t position) { at_ = position < text_.size() ? position : text_.size(); }
  // Takes the rest of the line (a client command's argument) without lexing it.
  std::string_view rest_of_line();

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool ahead(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  bool dash_comment() const;
  bool block_comment();
  bool executable_comment();
  bool skip_blanks();
  bool quoted(char quote, bool backslashes);
  bool triple_quoted(char quote);
  bool dollar_quoted();
  SqlToken::Kind string_token(char quote, bool backslashes);
  SqlToken::Kind word();
  SqlToken::Kind scan();

  std::string_view text_;
  const SqlDialect& dialect_;
  bool skip_executable_;
  std::size_t at_ = 0;
  bool inside_executable_ = false;
  bool closed_ = true;
};

SqlTokens lex_sql(std::string_view text, const SqlDialect& dialect);

bool equals_ignoring_case(std::string_view text, std::string_view upper);

}  // namespace prodaccess
