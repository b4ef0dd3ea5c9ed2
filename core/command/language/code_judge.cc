#include "core/command/language/code_judge.h"

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_evidence.h"
#include "core/command/path_effect.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;
constexpr int kDeepest = 8;  // of code inside strings inside code

}  // namespace

void CodeJudge::judge(std::string_view code) {
  if (depth_ > kDeepest) {
    raise_opaque(finding_, OpaqueCause::Limit, "code inside code, too deep");
    return;
  }
  tokens_ = lex_code(code, names_.syntax);
  collect_variables();
  for (std::size_t i = 0; i < tokens_.size(); ++i) token(i);
  const bool writes = finding_.effect != Effect::Read;
  for (const CodeToken& one : tokens_) {
    if (one.kind == Kind::String || one.kind == Kind::Template) path(one.value, writes);
  }
}

// A file whose name alone tells what reading or writing it means.
void CodeJudge::path(std::string_view name, bool writes) {
  if (name.find('/') == std::string_view::npos || name.find(' ') != std::string_view::npos) return;
  const PathFinding read = reading_from(name);
  if (read.effect == Effect::Exfil)
    raise(finding_, Effect::Exfil, std::string(name) + " " + std::string(read.why));
  if (!writes) return;
  const PathFinding written = writing_to(name);
  if (written.effect > Effect::Write)
    raise(finding_, written.effect, std::string(written.why) + " " + std::string(name));
}

bool CodeJudge::member(std::size_t i) const {
  if (i == 0) return false;
  if (tokens_[i - 1].symbol('.'))
    return i < 2 || !tokens_[i - 2].symbol('.') || language_ != Language::Perl;
  if (i < 2) return false;
  return (tokens_[i - 1].symbol('>') && tokens_[i - 2].symbol('-')) ||
         (tokens_[i - 1].symbol(':') && tokens_[i - 2].symbol(':'));
}

std::string_view CodeJudge::head_of(std::size_t i) const {
  const std::size_t back = tokens_[i - 1].symbol('.') ? 2 : 3;
  return i >= back && tokens_[i - back].kind == Kind::Word ? tokens_[i - back].text
                                                           : std::string_view{};
}

void CodeJudge::collect_variables() {
  bool in_bars = false;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].symbol('|') && names_.syntax.percent_quotes) in_bars = !in_bars;
    if (tokens_[i].kind != Kind::Word) continue;
    const bool assigned = symbol_at(i + 1, '=') && !symbol_at(i + 2, '=') && !symbol_at(i + 2, '~');
    const bool introduced =
        i > 0 && tokens_[i - 1].kind == Kind::Word &&
        one_of(tokens_[i - 1].text,
               "def function sub class const let var for as lambda local my our each with");
    const bool parameter = in_bars || (symbol_at(i + 1, ':') && word_at(i, "x"));
    if ((assigned && !member(i)) || introduced || parameter || arrow_parameter(i) || listed(i))
      variables.insert(std::string(tokens_[i].text));
  }
}

bool CodeJudge::arrow_parameter(std::size_t i) const {
  if (language_ != Language::JavaScript) return false;
  for (std::size_t j = i + 1; j < tokens_.size() && j < i + 16; ++j) {
    if (tokens_[j].symbol('=')) return symbol_at(j + 1, '>');
    if (tokens_[j].kind != Kind::Word && !tokens_[j].symbol(',') && !tokens_[j].symbol(')') &&
        !tokens_[j].symbol('}') && !tokens_[j].symbol(']'))
      return false;
  }
  return false;
}

bool CodeJudge::listed(std::size_t i) const {
  for (std::size_t j = i; j-- > 0 && i - j < 16;) {
    if (tokens_[j].kind == Kind::Word && one_of(tokens_[j].text, "lambda for def function sub"))
      return true;
    if (tokens_[j].kind != Kind::Word && !tokens_[j].symbol(',') && !tokens_[j].symbol('('))
      return false;
  }
  return false;
}

void CodeJudge::token(std::size_t i) {
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

void CodeJudge::inner_code(const std::string& code) {
  if (code == "\\") return;
  CodeJudge nested(language_, names_, inner_, finding_, depth_ + 1);
  nested.variables = variables;
  nested.judge(code);
}

void CodeJudge::command_text(const CodeToken& token, std::string_view why) {
  if (!token.inner_code.empty())
    raise_opaque(finding_, OpaqueCause::Program, "a command that is put together at run time");
  join_shell(finding_, inner_, token.value, why);
}

void CodeJudge::symbol(std::size_t i) {
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

void CodeJudge::word(std::size_t i) {
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

bool CodeJudge::is_key(std::size_t i) const {
  const bool colon_before = i > 0 && tokens_[i - 1].symbol(':') &&
                            !(i > 1 && tokens_[i - 2].symbol(':')) && names_.syntax.percent_quotes;
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

void CodeJudge::keyword(std::size_t i) {
  if (tokens_[i].is("do") && i + 1 < tokens_.size() && language_ == Language::Perl &&
      !symbol_at(i + 1, '{'))
    raise_opaque(finding_, OpaqueCause::Program, "runs a file");
  if (tokens_[i].is("new") && language_ == Language::Php && i + 1 < tokens_.size() &&
      tokens_[i + 1].text.starts_with("$"))
    raise_opaque(finding_, OpaqueCause::Program, "makes what it looks up at run time");
}

bool CodeJudge::flagged(std::string_view name) const {
  return one_of(name, names_.shell) || one_of(name, names_.programs) ||
         one_of(name, names_.deletes) || one_of(name, names_.writes) ||
         one_of(name, names_.rights) || one_of(name, names_.stops) || one_of(name, names_.code) ||
         (name == "exec" && language_ == Language::JavaScript) || one_of(name, "open fopen") ||
         (name.starts_with("__") && name.size() > 4);
}

void CodeJudge::judge_name(std::size_t i, std::string_view name, bool is_member) {
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

bool CodeJudge::special(std::size_t i, std::string_view name, bool is_member) {
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

void CodeJudge::unknown_call(std::size_t i, std::string_view name) {
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

bool CodeJudge::from_before(std::size_t i) const {
  for (std::size_t j = i; j-- > 0 && i - j < 8;) {
    if (tokens_[j].is("from")) return true;
    if (tokens_[j].kind != Kind::Word && !tokens_[j].symbol('.')) return false;
  }
  return false;
}

}  // namespace prodaccess
