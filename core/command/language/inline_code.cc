#include "core/command/language/inline_code.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/command/language/awk_sed.h"
#include "core/command/language/code_names.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_evidence.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;
constexpr int kDeepest = 8;                // of code inside strings inside code
constexpr std::size_t kLongestCall = 512;  // tokens

bool secret_name(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const std::string_view part :
       {"secret", "token", "password", "passwd", "credential", "private", "_key", "apikey"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

class Code {
 public:
  Code(Language language, const CodeNames& names, Inner& inner, SqlFinding& finding, int depth)
      : language_(language), names_(names), inner_(inner), finding_(finding), depth_(depth) {}

  void judge(std::string_view code) {
    if (depth_ > kDeepest) {
      raise_opaque(finding_, OpaqueCause::Limit, "code inside code, too deep");
      return;
    }
    tokens_ = lex_code(code, names_.syntax);
    collect_variables();
    for (std::size_t i = 0; i < tokens_.size(); ++i) token(i);
  }

  std::set<std::string, std::less<>> variables;  // names that the code itself gives

 private:
  bool symbol_at(std::size_t i, char c) const { return i < tokens_.size() && tokens_[i].symbol(c); }
  bool word_at(std::size_t i, std::string_view word) const {
    return i < tokens_.size() && tokens_[i].is(word);
  }

  // Whether the word at `i` is a member: after `.`, `->` or `::`.
  bool member(std::size_t i) const {
    if (i == 0) return false;
    if (tokens_[i - 1].symbol('.'))
      return i < 2 || !tokens_[i - 2].symbol('.') || language_ != Language::Perl;
    if (i < 2) return false;
    return (tokens_[i - 1].symbol('>') && tokens_[i - 2].symbol('-')) ||
           (tokens_[i - 1].symbol(':') && tokens_[i - 2].symbol(':'));
  }

  // The word before the `.`, `->` or `::` of a member; "" where it is no plain word.
  std::string_view head_of(std::size_t i) const {
    const std::size_t back = tokens_[i - 1].symbol('.') ? 2 : 3;
    return i >= back && tokens_[i - back].kind == Kind::Word ? tokens_[i - back].text
                                                             : std::string_view{};
  }

  void collect_variables() {
    bool in_bars = false;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].symbol('|') && names_.syntax.percent_quotes) in_bars = !in_bars;
      if (tokens_[i].kind != Kind::Word) continue;
      const bool assigned =
          symbol_at(i + 1, '=') && !symbol_at(i + 2, '=') && !symbol_at(i + 2, '~');
      const bool introduced =
          i > 0 && tokens_[i - 1].kind == Kind::Word &&
          one_of(tokens_[i - 1].text,
                 "def function sub class const let var for as lambda local my our each with");
      const bool parameter = in_bars || (symbol_at(i + 1, ':') && word_at(i, "x"));
      if ((assigned && !member(i)) || introduced || parameter || arrow_parameter(i) || listed(i))
        variables.insert(std::string(tokens_[i].text));
    }
  }

  // `(a, b) =>`, `x =>`, `lambda a, b:`.
  bool arrow_parameter(std::size_t i) const {
    if (language_ != Language::JavaScript) return false;
    for (std::size_t j = i + 1; j < tokens_.size() && j < i + 16; ++j) {
      if (tokens_[j].symbol('=')) return symbol_at(j + 1, '>');
      if (tokens_[j].kind != Kind::Word && !tokens_[j].symbol(',') && !tokens_[j].symbol(')') &&
          !tokens_[j].symbol('}') && !tokens_[j].symbol(']'))
        return false;
    }
    return false;
  }

  // Parameters between `lambda` and `:`, names between `for` and `in`, `a, b = ...`.
  bool listed(std::size_t i) const {
    for (std::size_t j = i; j-- > 0 && i - j < 16;) {
      if (tokens_[j].kind == Kind::Word && one_of(tokens_[j].text, "lambda for def function sub"))
        return true;
      if (tokens_[j].kind != Kind::Word && !tokens_[j].symbol(',') && !tokens_[j].symbol('('))
        return false;
    }
    return false;
  }

  void token(std::size_t i) {
    const CodeToken& token = tokens_[i];
    for (const std::string& code : token.inner_code) inner_code(code);
    switch (token.kind) {
      case Kind::Broken:
        raise_opaque(finding_, OpaqueCause::Limit, "a quote that does not close");
        break;
      case Kind::Command: command_text(token, "backquotes run a command"); break;
      case Kind::String:
        // A function's name as text may be called.
        if (language_ == Language::Php && flagged(token.value)) judge_name(i, token.value, false);
        break;
      case Kind::Word: word(i); break;
      case Kind::Symbol: symbol(i); break;
      default: break;
    }
  }

  void inner_code(const std::string& code) {
    if (code == "\\") return;
    Code nested(language_, names_, inner_, finding_, depth_ + 1);
    nested.variables = variables;
    nested.judge(code);
  }

  void command_text(const CodeToken& token, std::string_view why) {
    if (!token.inner_code.empty())
      raise_opaque(finding_, OpaqueCause::Program, "a command that is put together at run time");
    join_shell(finding_, inner_, token.value, why);
  }

  // Calls of what is looked up at run time.
  void symbol(std::size_t i) {
    const bool call = symbol_at(i + 1, '(') && !tokens_[i + 1].after_blank;
    if (tokens_[i].symbol(']') && call && language_ != Language::Python)
      raise_opaque(finding_, OpaqueCause::Program, "calls what it looks up at run time");
    if (tokens_[i].symbol('[') && i > 0 && language_ == Language::JavaScript &&
        i + 2 < tokens_.size() && tokens_[i + 1].kind == Kind::String &&
        (tokens_[i - 1].kind == Kind::Word || symbol_at(i - 1, ']') || symbol_at(i - 1, ')')))
      judge_name(i + 1, tokens_[i + 1].value, true);
    const bool code_reference = tokens_[i].symbol('&') && language_ == Language::Perl &&
                                i + 1 < tokens_.size() && !tokens_[i + 1].after_blank &&
                                !symbol_at(i + 1, '&') &&
                                (symbol_at(i + 1, '{') || tokens_[i + 1].text.starts_with("$"));
    if (code_reference)
      raise_opaque(finding_, OpaqueCause::Program, "calls what it looks up at run time");
  }

  bool called(std::size_t i) const {
    return symbol_at(i + 1, '(') || (names_.bare_calls && !symbol_at(i + 1, '='));
  }

  void word(std::size_t i) {
    const std::string_view text = tokens_[i].text;
    if (text.starts_with("$") || text.starts_with("@")) {
      if (language_ == Language::Php && symbol_at(i + 1, '('))
        raise_opaque(finding_, OpaqueCause::Program, "calls what it looks up at run time");
      if (text.starts_with("$ENV") || one_of(text, "$_ENV $_SERVER")) environment(i);
      return;
    }
    if (is_key(i)) return;
    if (one_of(text, names_.imports)) {
      import(i);
      return;
    }
    if (one_of(text, "environ env ENV getenv")) environment(i);
    if (one_of(text, names_.keywords) && !flagged(text)) {
      keyword(i);
      return;
    }
    if (!member(i) && variables.contains(text) && !flagged(text)) return;
    judge_name(i, text, member(i));
  }

  // A hash key, a label, a keyword argument, a symbol, a file test.
  bool is_key(std::size_t i) const {
    const bool colon_before = i > 0 && tokens_[i - 1].symbol(':') &&
                              !(i > 1 && tokens_[i - 2].symbol(':')) &&
                              names_.syntax.percent_quotes;
    const bool fat_arrow =
        symbol_at(i + 1, '=') && symbol_at(i + 2, '>') && language_ != Language::JavaScript;
    const bool braces =
        i > 0 && tokens_[i - 1].symbol('{') && symbol_at(i + 1, '}') && language_ == Language::Perl;
    const bool test = i > 0 && tokens_[i - 1].symbol('-') && !tokens_[i].after_blank &&
                      tokens_[i].text.size() == 1 && language_ == Language::Perl;
    const bool handle =
        language_ == Language::Perl && std::none_of(tokens_[i].text.begin(), tokens_[i].text.end(),
                                                    [](char c) { return c >= 'a' && c <= 'z'; });
    const bool label = symbol_at(i + 1, ':') && !symbol_at(i + 2, ':') && i > 0 &&
                       (symbol_at(i - 1, ',') || symbol_at(i - 1, '(') || symbol_at(i - 1, '{')) &&
                       language_ != Language::Python;
    const bool named_argument = symbol_at(i + 1, '=') && !symbol_at(i + 2, '=') && i > 0 &&
                                (symbol_at(i - 1, ',') || symbol_at(i - 1, '(')) &&
                                language_ == Language::Python;
    return colon_before || fat_arrow || braces || test || handle || label || named_argument;
  }

  void keyword(std::size_t i) {
    if (tokens_[i].is("do") && i + 1 < tokens_.size() && language_ == Language::Perl &&
        !symbol_at(i + 1, '{'))
      raise_opaque(finding_, OpaqueCause::Program, "runs a file");
    if (tokens_[i].is("new") && language_ == Language::Php && i + 1 < tokens_.size() &&
        tokens_[i + 1].text.starts_with("$"))
      raise_opaque(finding_, OpaqueCause::Program, "makes what it looks up at run time");
  }

  bool flagged(std::string_view name) const {
    return one_of(name, names_.shell) || one_of(name, names_.programs) ||
           one_of(name, names_.deletes) || one_of(name, names_.writes) ||
           one_of(name, names_.rights) || one_of(name, names_.stops) || one_of(name, names_.code) ||
           (name == "exec" && language_ == Language::JavaScript) || one_of(name, "open fopen") ||
           (name.starts_with("__") && name.size() > 4);
  }

  void judge_name(std::size_t i, std::string_view name, bool is_member) {
    if (special(i, name, is_member)) return;
    if (one_of(name, names_.shell)) {
      shell_call(i);
    } else if (one_of(name, names_.programs)) {
      program_call(i);
    } else if (one_of(name, names_.deletes)) {
      raise(finding_, Effect::Destructive, std::string(name) + " deletes");
      finding_.reversible = false;
      file_target(i);
    } else if (one_of(name, names_.stops)) {
      raise(finding_, Effect::Destructive, std::string(name) + " stops something");
    } else if (one_of(name, names_.rights)) {
      raise(finding_, Effect::Privilege, std::string(name) + " changes who may do what");
    } else if (one_of(name, names_.writes)) {
      raise(finding_, Effect::Write, std::string(name) + " changes files");
    } else if (one_of(name, names_.code) ||
               (name.starts_with("__") && name.ends_with("__") &&
                !one_of(name, "__name__ __file__ __doc__ __version__ __FILE__ __dir__"))) {
      raise_opaque(finding_, OpaqueCause::Program,
                   std::string(name) + " runs or reaches code by its text");
      text_evidence(i);
    } else if (called(i) && !one_of(name, names_.harmless)) {
      unknown_call(i, name);
    }
  }

  // Names whose meaning depends on what stands before or after them.
  bool special(std::size_t i, std::string_view name, bool is_member) {
    const std::string_view head =
        is_member && tokens_[i].kind == Kind::Word ? head_of(i) : std::string_view{};
    if (name == "system" && head == "platform") return true;
    if (name == "open" || name == "fopen" || name == "sysopen") {
      open_call(i);
      return true;
    }
    if (name == "exec" && language_ == Language::JavaScript) {
      const bool child = std::any_of(tokens_.begin(), tokens_.end(), [](const CodeToken& t) {
        return t.value.find("child_process") != std::string::npos;
      });
      if (child) shell_call(i);
      return true;
    }
    if (name == "remove" && language_ == Language::Python)
      return std::none_of(tokens_.begin(), tokens_.end(),
                          [](const CodeToken& t) { return t.is("os"); });
    if (name == "replace" && head == "os") {
      raise(finding_, Effect::Write, "os.replace changes files");
      return true;
    }
    if (name == "delete" && one_of(head, "File Dir FileUtils Pathname")) {
      raise(finding_, Effect::Destructive, "deletes files");
      finding_.reversible = false;
      file_target(i);
      return true;
    }
    if (name == "load" && head == "yaml") {
      raise_opaque(finding_, OpaqueCause::Program, "yaml.load can make any object");
      return true;
    }
    if (name == "eval" && language_ == Language::Perl && symbol_at(i + 1, '{')) return true;
    if (name == "compile" && head == "re") return true;
    return false;
  }

  void unknown_call(std::size_t i, std::string_view name) {
    const std::string lower = to_lower(name);
    for (const std::string_view verb :
         {"delete", "terminate", "drop", "destroy", "purge", "remove", "truncate"}) {
      if (lower.starts_with(verb))
        raise(finding_, Effect::Destructive, std::string(name) + "() is named for what it removes");
    }
    if (tokens_[i].text.size() > 0 && tokens_[i].text[0] >= 'A' && tokens_[i].text[0] <= 'Z' &&
        !symbol_at(i + 1, '('))
      return;  // a constant of Ruby or Perl
    raise_opaque(finding_, OpaqueCause::Unknown, std::string(name) + "() is not known");
    text_evidence(i);
  }

  // The tokens of a call's arguments: inside its parentheses, or to the end of the statement;
  // looked for only so far, so that nesting costs no more.
  std::pair<std::size_t, std::size_t> arguments(std::size_t i) {
    const std::size_t open = symbol_at(i + 1, ']') ? i + 2 : i + 1;
    const bool parentheses = symbol_at(open, '(');
    if (!parentheses && !names_.bare_calls) return {open, open};
    const std::size_t limit = std::min(open + kLongestCall, tokens_.size());
    int depth = 0;
    for (std::size_t j = open; j < limit; ++j) {
      const CodeToken& token = tokens_[j];
      if (token.symbol('(')) ++depth;
      if (token.symbol(')') && --depth <= 0) return {parentheses ? open + 1 : open, j};
      if (!parentheses && depth == 0 && (token.symbol(';') || token.symbol('}'))) return {open, j};
    }
    if (limit < tokens_.size())
      raise_opaque(finding_, OpaqueCause::Limit, "a call longer than what is judged");
    return {parentheses ? std::min(open + 1, limit) : open, limit};
  }

  void text_evidence(std::size_t i) {
    const auto [begin, end] = arguments(i);
    for (std::size_t j = begin; j < end; ++j) {
      if (tokens_[j].kind != Kind::String && tokens_[j].kind != Kind::Template) continue;
      if (sql_evidence(tokens_[j].value) > Effect::Opaque)
        raise(finding_, sql_evidence(tokens_[j].value), "a text among the arguments");
    }
  }

  void file_target(std::size_t i) {
    const auto [begin, end] = arguments(i);
    for (std::size_t j = begin; j < end; ++j) {
      if (tokens_[j].kind == Kind::String)
        add_target(finding_, "file", "", "file", tokens_[j].value);
    }
  }

  // A text for the shell, or a program with its words.
  void shell_call(std::size_t i) {
    const auto [begin, end] = arguments(i);
    if (language_ == Language::Groovy) {
      receiver_command(i);
    } else if (begin >= end) {
      raise_opaque(finding_, OpaqueCause::Program, "runs a command that is not on the line");
    } else {
      run_words(begin, end);
    }
  }
  void program_call(std::size_t i) {
    const auto [begin, end] = arguments(i);
    run_words(begin, end);
  }

  // Groovy: "command".execute().
  void receiver_command(std::size_t i) {
    if (i >= 2 && tokens_[i - 2].kind == Kind::String) {
      join_shell(finding_, inner_, tokens_[i - 2].value, "execute() runs a command");
      return;
    }
    raise_opaque(finding_, OpaqueCause::Program, "runs a command that is not on the line");
    std::string text;
    for (std::size_t j = 0; j < i; ++j) {
      if (tokens_[j].kind == Kind::String || tokens_[j].kind == Kind::Template)
        text += tokens_[j].value + " ";
    }
    if (!text.empty()) join(finding_, inner_.shell(Word{text}));
  }

  void run_words(std::size_t begin, std::size_t end) {
    Words words;
    bool constant = true;
    bool through_shell = false;
    for (std::size_t j = begin; j < end; ++j) {
      const CodeToken& token = tokens_[j];
      if (token.symbol('{') || (token.kind == Kind::Word && symbol_at(j + 1, '='))) {
        through_shell = word_at(j, "shell") && word_at(j + 2, "True");
        if (token.symbol('{')) break;
        j += 2;
        continue;
      }
      if (token.kind == Kind::String || token.kind == Kind::Template) {
        words.emplace_back(token.value);
        words.back().known = token.kind == Kind::String && token.inner_code.empty();
        constant = constant && words.back().known;
      } else if (!token.symbol(',') && !token.symbol('[') && !token.symbol(']') &&
                 !token.symbol('(') && !token.symbol(')')) {
        words.emplace_back("");
        words.back().known = false;
        constant = false;
      }
    }
    ask(words, constant, through_shell);
  }

  void ask(const Words& words, bool constant, bool through_shell) {
    if (!constant || words.empty())
      raise_opaque(finding_, OpaqueCause::Program,
                   "runs a command that is put together at run time");
    if (words.empty()) return;
    std::string text;
    for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
    if (words.size() == 1 || through_shell || !constant) {
      join_shell(finding_, inner_, constant ? words[0].text : text, "runs a command");
    } else {
      raise(finding_, Effect::Read, "runs a command");
      join(finding_, inner_.command(words));
    }
  }

  // open(FILE, MODE), open(my $f, ">", FILE), open("| command").
  void open_call(std::size_t i) {
    const auto [begin, end] = arguments(i);
    bool first = true;
    int commas = 0;
    for (std::size_t j = begin; j < end; ++j) {
      const CodeToken& token = tokens_[j];
      if (token.symbol(',')) ++commas;
      if (token.kind != Kind::String && token.kind != Kind::Template) {
        const bool mode_unknown = commas == 1 && token.kind == Kind::Word &&
                                  language_ == Language::Python && !symbol_at(j + 1, '=');
        if (mode_unknown)
          raise_opaque(finding_, OpaqueCause::Unknown, "opens a file in a way that is not known");
        continue;
      }
      open_text(token, first && commas == 0, commas);
      first = false;
    }
  }

  void open_text(const CodeToken& token, bool is_name, int commas) {
    const std::string_view text = trim(token.value);
    const bool pipes = language_ == Language::Perl || language_ == Language::Ruby;
    if (pipes && (text.starts_with("|") || text.ends_with("|") || text == "-|" || text == "|-")) {
      raise_opaque(finding_, OpaqueCause::Program, "opens a pipe to a command");
      std::string command(text);
      std::replace(command.begin(), command.end(), '|', ' ');
      join_shell(finding_, inner_, trim(command), "opens a pipe to a command");
      return;
    }
    if (language_ == Language::Perl) {
      if (text.starts_with(">") || text.starts_with("+"))
        raise(finding_, Effect::Write, "opens a file for writing");
      return;
    }
    const bool mode = !is_name && commas >= 1 && text.size() <= 4;
    if (mode && text.find_first_of("wax+c") != std::string_view::npos)
      raise(finding_, Effect::Write, "opens a file for writing");
  }

  // `import a, b.c as d`, `from a import b`, `require "x"`, `use X`.
  void import(std::size_t i) {
    if (language_ == Language::Python && tokens_[i].is("import") && from_before(i)) return;
    if (i > 0 && tokens_[i].is("from") && tokens_[i - 1].is("yield")) return;
    std::size_t at = i + 1;
    if (symbol_at(at, '(')) ++at;
    if (at >= tokens_.size()) return;
    if (tokens_[at].kind == Kind::String) {
      allowed_module(tokens_[at].value);
      return;
    }
    if (tokens_[at].kind == Kind::Number) return;  // use 5.010
    if (tokens_[at].kind != Kind::Word ||
        (language_ == Language::JavaScript && symbol_at(i + 1, '('))) {
      raise_opaque(finding_, OpaqueCause::Program,
                   "brings in a module whose name is not on the line");
      return;
    }
    import_names(i, at);
  }

  bool from_before(std::size_t i) const {
    for (std::size_t j = i; j-- > 0 && i - j < 8;) {
      if (tokens_[j].is("from")) return true;
      if (tokens_[j].kind != Kind::Word && !tokens_[j].symbol('.')) return false;
    }
    return false;
  }

  void import_names(std::size_t i, std::size_t at) {
    while (at < tokens_.size() && tokens_[at].kind == Kind::Word) {
      std::string name(tokens_[at].text);
      variables.insert(name);
      std::string whole = name;
      while (symbol_at(at + 1, '.') || (symbol_at(at + 1, ':') && symbol_at(at + 2, ':'))) {
        const bool dots = tokens_[at + 1].symbol('.');
        at += dots ? 2 : 3;
        if (at < tokens_.size()) whole += (dots ? "." : "::") + std::string(tokens_[at].text);
      }
      allowed_module(language_ == Language::Python ? name : whole);
      if (!tokens_[i].is("import")) return;
      ++at;
      if (word_at(at, "as")) at += 2;
      if (!symbol_at(at, ',')) return;
      ++at;
    }
  }

  void allowed_module(std::string_view name) {
    std::string_view package = name;
    if (language_ == Language::Groovy) package = name.substr(0, name.rfind('.'));
    if (one_of(name, names_.modules) || one_of(package, names_.modules)) return;
    raise_opaque(finding_, OpaqueCause::Program,
                 "brings in " + std::string(name) + ", whose code is not known");
  }

  // The child of prodaccess has credentials in its environment.
  void environment(std::size_t i) {
    bool named = false;
    for (std::size_t j = i + 1; j < tokens_.size() && j < i + 6; ++j) {
      const CodeToken& token = tokens_[j];
      const bool name = token.kind == Kind::String ||
                        (token.kind == Kind::Word && !one_of(token.text, "get fetch key dig"));
      if (name) {
        if (secret_name(token.kind == Kind::String ? token.value : std::string(token.text)))
          raise(finding_, Effect::Exfil, "shows a secret of the environment");
        named = true;
        break;
      }
      if (token.symbol(')') || token.symbol(';') || token.symbol(',')) break;
    }
    if (!named && !one_of(tokens_[i].text, "env"))
      raise(finding_, Effect::Exfil, "shows the environment, credentials included");
  }

  Language language_;
  const CodeNames& names_;
  Inner& inner_;
  SqlFinding& finding_;
  int depth_;
  CodeTokens tokens_;
};

}  // namespace

SqlFinding classify_inline_code(Language language, std::string_view code, Inner& inner) {
  SqlFinding finding = harmless_finding();
  if (language == Language::Awk) {
    judge_awk(code, inner, finding);
  } else if (language == Language::Sed) {
    judge_sed(code, inner, finding);
  } else if (const CodeNames* names = code_names(language)) {
    Code(language, *names, inner, finding, 0).judge(code);
  } else {
    raise_opaque(finding, OpaqueCause::Program, "code in a language that is not judged");
  }
  return finding;
}

}  // namespace prodaccess
