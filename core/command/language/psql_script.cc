#include "core/command/language/psql_script.h"

#include "core/base/text.h"
#include "core/command/language/name_set.h"
#include "core/command/language/postgres_dialect.h"

namespace prodaccess {
namespace {

// Commands whose argument is the rest of the line, quotes or not.
constexpr std::string_view kWholeLine = "! copy ef ev sf sf+ sv sv+ h help";
// Commands that send what was typed before them, as a semicolon does.
constexpr std::string_view kSends =
    "g gx gexec gset gdesc watch crosstabview bind bind_named parse sendpipeline";

constexpr std::string_view kVerbs =
    "alter begin call cluster comment copy create delete do drop execute explain grant insert lock "
    "merge refresh reindex reset revoke select set truncate update vacuum with \\!";

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text), lexer_(text, kPostgresDialect) {}

  std::vector<PsqlPiece> split() {
    while (true) {
      lexer_.seek(at_);
      const SqlToken token = lexer_.next();
      if (token.at_end()) break;
      if (token.symbol('\\')) {
        copy_until(token.begin);
        client_command(token.begin + 1);
      } else if (token.symbol(':')) {
        variable(token);
      } else if (token.symbol(';')) {
        copy_until(token.end);
        end_statement();
      } else {
        if (sql_.statement_words < 64) note_word(token);
        copy_until(token.end);
      }
    }
    copy_until(text_.size());
    flush();
    return std::move(pieces_);
  }

 private:
  struct Pending {
    PsqlPiece piece;
    int statement_words = 0;
    bool copies = false;  // the statement begins with COPY
    bool from_standard_input = false;
  };

  void copy_until(std::size_t end) {
    sql_.piece.text += text_.substr(at_, end - at_);
    at_ = end;
  }

  void note_word(const SqlToken& token) {
    if (token.kind != SqlToken::Kind::Word) return;
    if (sql_.statement_words++ == 0) sql_.copies = token.is("COPY");
    if (token.is("STDIN") || token.is("PSTDIN")) sql_.from_standard_input = true;
  }

  void flush() {
    if (!trim(sql_.piece.text).empty()) pieces_.push_back(std::move(sql_.piece));
    sql_ = {};
  }

  void end_statement() {
    if (sql_.copies && sql_.from_standard_input) skip_data();
    sql_.statement_words = 0;
    sql_.copies = false;
    sql_.from_standard_input = false;
  }

  // To the line `\.` or the end. psql runs these lines as commands where the COPY itself fails.
  void skip_data() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    while (at_ < text_.size()) {
      const std::size_t begin = at_ + 1;
      at_ = std::min(text_.find('\n', begin), text_.size());
      const std::string_view line =
          trim(text_.substr(std::min(begin, at_), at_ - std::min(begin, at_)));
      if (line == "\\.") return;
      const std::string_view word = line.substr(0, line.find_first_of(" \t;("));
      if (one_of(to_lower(word), kVerbs) || (line.starts_with("\\") && !line.starts_with("\\N")))
        sql_.piece.suspect_data = true;
    }
  }

  void variable(const SqlToken& colon) {
    const char next = colon.end < text_.size() ? text_[colon.end] : '\0';
    if (next == ':' || next == '=') {
      copy_until(colon.end + 1);
      return;
    }
    const SqlToken name = lexer_.next();
    const bool adjoins = name.begin == colon.end;
    if (adjoins && (next == '\'' || next == '"') && name.kind != SqlToken::Kind::Broken) {
      copy_until(colon.begin);
      sql_.piece.text += next == '"' ? "\"psql_variable\"" : "'psql_variable'";
    } else if (adjoins && (name.kind == SqlToken::Kind::Word || next == '{')) {
      copy_until(colon.begin);
      sql_.piece.text += " psql_variable ";
      sql_.piece.raw_variables = true;
    } else {
      copy_until(colon.end);
      return;
    }
    sql_.piece.variables = true;
    at_ = next == '{' ? std::min(text_.find('}', at_), text_.size() - 1) + 1 : name.end;
  }

  void client_command(std::size_t begin) {
    if (begin < text_.size() && text_[begin] == ';') {  // `\;`: a semicolon that does not send
      sql_.piece.text += ';';
      at_ = begin + 1;
      return;
    }
    std::size_t end = begin;
    if (end < text_.size() && (text_[end] == '!' || text_[end] == '?' || text_[end] == '\\')) {
      ++end;
    } else {
      while (end < text_.size() && !one_of(text_.substr(end, 1), "\\ ; | < >") &&
             static_cast<unsigned char>(text_[end]) > ' ')
        ++end;
    }
    PsqlPiece command{PsqlPiece::Kind::Command, {}, std::string(text_.substr(begin, end - begin))};
    at_ = end;
    if (command.name == "\\") return;  // `\\`: the end of the arguments before
    command.text = arguments(one_of(command.name, kWholeLine));
    const bool ended = trim(sql_.piece.text).empty() || trim(sql_.piece.text).ends_with(";");
    // Inside a statement that it does not send, the statement goes on after it.
    if (one_of(command.name, kSends) || ended) flush();
    pieces_.push_back(std::move(command));
  }

  // To the end of the line, or to a backslash outside quotes.
  std::string arguments(bool whole_line) {
    const std::size_t begin = at_;
    char quote = '\0';
    while (at_ < text_.size() && text_[at_] != '\n') {
      const char c = text_[at_];
      if (quote != '\0') {
        if (c == '\\' && quote == '\'') ++at_;
        if (c == quote) quote = '\0';
      } else if (!whole_line && c == '\\') {
        break;
      } else if (!whole_line && (c == '\'' || c == '"' || c == '`')) {
        quote = c;
      }
      ++at_;
    }
    at_ = std::min(at_, text_.size());
    return std::string(trim(text_.substr(begin, at_ - begin)));
  }

  std::string_view text_;
  SqlLexer lexer_;
  std::size_t at_ = 0;
  Pending sql_;
  std::vector<PsqlPiece> pieces_;
};

}  // namespace

bool needs_psql_script(std::string_view text) {
  return text.find_first_of("\\:") != std::string_view::npos ||
         to_lower(text).find("stdin") != std::string::npos;
}

std::vector<PsqlPiece> split_psql_script(std::string_view text) { return Splitter(text).split(); }

}  // namespace prodaccess
