#include "core/base/text.h"
#include "core/command/language/awk_sed.h"
#include "core/command/language/code_lexer.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;

constexpr CodeSyntax kSyntax{.hash_comments = true, .slash_regex = true, .apostrophes = false};

class Awk {
 public:
  Awk(std::string_view program, Inner& inner, SqlFinding& finding)
      : tokens_(lex_code(program, kSyntax)), inner_(inner), finding_(finding) {}

  void judge() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind == Kind::Broken)
        raise_opaque(finding_, OpaqueCause::Limit, "a quote that does not close");
      track(i);
      if (tokens_[i].kind == Kind::Word) word(i);
      if (tokens_[i].symbol('|')) pipe(i);
      if (tokens_[i].symbol('>') && printing_ && depth_ == 0) output(i);
      if (tokens_[i].symbol('@'))
        raise_opaque(finding_, OpaqueCause::Program, "an indirect call or an extension");
      if (tokens_[i].kind == Kind::String && tokens_[i].value.starts_with("/inet"))
        raise_opaque(finding_, OpaqueCause::Program, "a connection to another host");
    }
  }

 private:
  bool symbol_at(std::size_t i, char c) const { return i < tokens_.size() && tokens_[i].symbol(c); }

  // `>` is a redirect only in print and printf, outside parentheses.
  void track(std::size_t i) {
    const CodeToken& token = tokens_[i];
    if (token.is("print") || token.is("printf")) {
      printing_ = true;
      depth_ = 0;
    }
    if (token.symbol('(')) ++depth_;
    if (token.symbol(')')) --depth_;
    if (token.symbol(';') || token.symbol('}')) printing_ = false;
  }

  void word(std::size_t i) {
    if (tokens_[i].is("system")) {
      if (symbol_at(i + 1, '(') && i + 2 < tokens_.size() && tokens_[i + 2].kind == Kind::String &&
          symbol_at(i + 3, ')')) {
        join_shell(finding_, inner_, tokens_[i + 2].value, "system() runs a command");
      } else {
        unknown_command(i + 1);
      }
    }
    if (tokens_[i].is("include") || tokens_[i].is("load"))
      if (i > 0 && tokens_[i - 1].symbol('@'))
        raise_opaque(finding_, OpaqueCause::Program, "brings other code in");
  }

  // A command that data takes part in; the known words still count.
  void unknown_command(std::size_t i) {
    raise_opaque(finding_, OpaqueCause::Program,
                 "runs a command that is put together from the data");
    std::string text;
    int depth = 0;
    for (std::size_t j = i;
         j < tokens_.size() && !tokens_[j].symbol(';') && !tokens_[j].symbol('}'); ++j) {
      if (tokens_[j].symbol('(')) ++depth;
      if (tokens_[j].symbol(')') && --depth <= 0) break;
      if (tokens_[j].kind == Kind::String) text += tokens_[j].value + " ";
    }
    if (!text.empty()) join(finding_, inner_.shell(Word{text}));
  }

  // `print | "command"`, `"command" | getline`; `||` is a condition.
  void pipe(std::size_t i) {
    if (symbol_at(i + 1, '|') || (i > 0 && tokens_[i - 1].symbol('|'))) return;
    const std::size_t next = symbol_at(i + 1, '&') ? i + 2 : i + 1;
    const bool reads = next < tokens_.size() && tokens_[next].is("getline");
    const std::size_t command = reads ? i - 1 : next;
    if ((reads && i == 0) || command >= tokens_.size()) return;
    const bool alone = tokens_[command].kind == Kind::String &&
                       (reads ? whole_before(command) : whole_after(command));
    if (alone) {
      join_shell(finding_, inner_, tokens_[command].value, "a pipe to a command");
    } else if (reads) {
      unknown_command(0);
    } else {
      unknown_command(command);
    }
  }

  // Whether the string is the whole command: nothing is joined to it.
  bool whole_after(std::size_t i) const {
    return i + 1 >= tokens_.size() || tokens_[i + 1].symbol(';') || tokens_[i + 1].symbol('}') ||
           tokens_[i + 1].symbol(')') || tokens_[i + 1].kind == Kind::Word;
  }
  bool whole_before(std::size_t i) const {
    return i == 0 || tokens_[i - 1].symbol('{') || tokens_[i - 1].symbol(';') ||
           tokens_[i - 1].symbol('(') || tokens_[i - 1].symbol('}');
  }

  void output(std::size_t i) {
    const std::size_t target = symbol_at(i + 1, '>') ? i + 2 : i + 1;
    if (i > 0 && tokens_[i - 1].symbol('>')) return;
    const bool device = target < tokens_.size() &&
                        one_of(tokens_[target].value, "/dev/stderr /dev/stdout /dev/null /dev/tty");
    if (!device) raise(finding_, Effect::Write, "print writes to a file");
  }

  CodeTokens tokens_;
  Inner& inner_;
  SqlFinding& finding_;
  bool printing_ = false;
  int depth_ = 0;
};

}  // namespace

void judge_awk(std::string_view program, Inner& inner, SqlFinding& finding) {
  Awk(program, inner, finding).judge();
}

}  // namespace prodaccess
