// What the calls of inline code do with their arguments.
#include <algorithm>

#include "core/base/text.h"
#include "core/command/language/code_judge.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_evidence.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;
constexpr std::size_t kLongestCall = 512;  // tokens

bool secret_name(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const std::string_view part :
       {"secret", "token", "password", "passwd", "credential", "private", "_key", "apikey"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::pair<std::size_t, std::size_t> CodeJudge::arguments(std::size_t i) {
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

void CodeJudge::text_evidence(std::size_t i) {
  const auto [begin, end] = arguments(i);
  for (std::size_t j = begin; j < end; ++j) {
    if (tokens_[j].kind != Kind::String && tokens_[j].kind != Kind::Template) continue;
    if (sql_evidence(tokens_[j].value) > Effect::Opaque)
      raise(finding_, sql_evidence(tokens_[j].value), "a text among the arguments");
  }
}

void CodeJudge::file_target(std::size_t i) {
  const auto [begin, end] = arguments(i);
  for (std::size_t j = begin; j < end; ++j) {
    if (tokens_[j].kind == Kind::String) add_target(finding_, "file", "", "file", tokens_[j].value);
  }
}

void CodeJudge::shell_call(std::size_t i) {
  const auto [begin, end] = arguments(i);
  if (language_ == Language::Groovy) {
    receiver_command(i);
  } else if (begin >= end) {
    raise_opaque(finding_, OpaqueCause::Program, "runs a command that is not on the line");
  } else {
    run_words(begin, end);
  }
}

void CodeJudge::receiver_command(std::size_t i) {
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

void CodeJudge::run_words(std::size_t begin, std::size_t end) {
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

void CodeJudge::ask(const Words& words, bool constant, bool through_shell) {
  if (!constant || words.empty())
    raise_opaque(finding_, OpaqueCause::Program, "runs a command that is put together at run time");
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

void CodeJudge::open_call(std::size_t i) {
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

void CodeJudge::open_text(const CodeToken& token, bool is_name, int commas) {
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

void CodeJudge::import(std::size_t i) {
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

void CodeJudge::import_names(std::size_t i, std::size_t at) {
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

void CodeJudge::allowed_module(std::string_view name) {
  std::string_view package = name;
  if (language_ == Language::Groovy) package = name.substr(0, name.rfind('.'));
  if (one_of(name, names_.modules) || one_of(package, names_.modules)) return;
  raise_opaque(finding_, OpaqueCause::Program,
               "brings in " + std::string(name) + ", whose code is not known");
}

void CodeJudge::environment(std::size_t i) {
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
  // `env` alone is often an argument; `process.env` never is.
  const bool argument = tokens_[i].is("env") && !(i >= 2 && tokens_[i - 2].is("process"));
  if (!named && !argument)
    raise(finding_, Effect::Exfil, "shows the environment, credentials included");
}

}  // namespace prodaccess
