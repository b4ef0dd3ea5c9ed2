#include "core/command/understand.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/command/environment_effect.h"
#include "core/command/inner.h"
#include "core/command/language/classify.h"
#include "core/command/pack/pack_set.h"
#include "core/command/preview_scope.h"
#include "core/command/redirect_effect.h"
#include "core/command/shell/script.h"
#include "core/command/sql_preview.h"

namespace prodaccess {
namespace {

constexpr int kDeepestInner = 24;              // commands, scripts and queries inside each other
constexpr std::size_t kMostInner = 16384;      // of them in all
constexpr std::size_t kMostText = 32U << 20U;  // bytes of inner scripts and queries in all

// A pack's kind, and a pack: files leave the machine where the one is piped into the other.
constexpr std::string_view kArchive = "archive";
constexpr std::string_view kRemoteShell = "ssh";

Invocation opaque(OpaqueCause cause, std::string reason) {
  Invocation invocation;
  invocation.opaque_cause = cause;
  invocation.reasons.push_back(std::move(reason));
  return invocation;
}

// What one understanding shares: its sources, and how much it has done.
struct Work {
  const PackSet& packs;
  const Surroundings& surroundings;
  int depth = 0;
  std::size_t commands = 0;
  std::size_t text = 0;
};

const Invocation* worst_part(const Invocation& whole) {
  const Invocation* worst = nullptr;
  for (const Invocation& part : whole.parts) {
    if (worst == nullptr || part.effect > worst->effect) worst = &part;
  }
  return worst;
}

// A whole is as severe as its worst part, and shows what that one acts on.
void take_worst(Invocation& whole) {
  for (const Invocation& part : whole.parts) {
    if (part.effect == Effect::Opaque && part.effect >= whole.effect) {
      whole.opaque_cause = std::max(whole.opaque_cause, part.opaque_cause);
    }
    whole.runs_project_code |= part.runs_project_code;
    whole.interactive |= part.interactive;
  }
  const Invocation* worst = worst_part(whole);
  if (worst == nullptr || worst->effect < whole.effect) return;
  if (worst->effect == whole.effect && !whole.reasons.empty()) return;
  whole.effect = worst->effect;
  whole.kind = worst->kind;
  whole.reversible = worst->reversible;
  whole.count = worst->count;
  if (!worst->targets.empty()) whole.targets = worst->targets;
  whole.preview = worst->preview;
  whole.reasons = worst->reasons;
}

bool is_local_shell(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  for (const std::string_view shell : {"sh", "bash", "dash", "zsh", "ksh", "ash"}) {
    if (name == shell) return true;
  }
  return false;
}

std::string_view kind_of(Language language) {
  switch (language) {
    case Language::Postgres:
    case Language::Mysql:
    case Language::Sqlite:
    case Language::BigQuery:
    case Language::GenericSql: return "sql";
    case Language::Mongosh:
    case Language::Redis: return "query";
    default: return "code";
  }
}

// The statements that reasons begin with, in capitals as their language writes them: "delete,
// drop".
std::string statements_in(const std::vector<std::string>& reasons) {
  std::vector<std::string> found;
  for (const std::string& reason : reasons) {
    const std::string word = reason.substr(0, reason.find(' '));
    const bool capitals = word.size() > 1 && std::all_of(word.begin(), word.end(), [](char c) {
                            return (c >= 'A' && c <= 'Z') || c == '_';
                          });
    if (!capitals || word == "SQL") continue;
    const std::string statement = to_lower(word);
    if (std::find(found.begin(), found.end(), statement) == found.end()) found.push_back(statement);
  }
  return join(found, ", ");
}

// One command in its place: what its pack may ask about it.
class Situation final : public Inner {
 public:
  // `command`: the shell's, absent for words that came as an argv.
  Situation(Work& work, Situation* outer, const SimpleCommand* command)
      : work_(work), outer_(outer), shell_command_(command) {}

  Invocation match(const Words& words, const Assignments& assignments);
  Invocation script(std::string_view text);

  Invocation command(const Words& words) override;
  Invocation shell(const Word& text) override;
  Invocation code(Language language, const Word& text) override;
  std::optional<std::string> file(const Word& path) override;
  std::optional<std::string> standard_input() override;
  std::optional<std::string> variable(std::string_view name) override;

 private:
  class Deeper;
  Invocation part_of(const SimpleCommand& command);
  std::map<std::string, std::string, std::less<>> environment() const;
  std::optional<std::string> too_much(std::size_t text);

  Work& work_;
  Situation* outer_;
  const SimpleCommand* shell_command_;
  const Words* words_ = nullptr;
  const Assignments* assignments_ = nullptr;
};

class Situation::Deeper {
 public:
  explicit Deeper(Work& work) : work_(work) { ++work_.depth; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
  ~Deeper() { --work_.depth; }

 private:
  Work& work_;
};

// The limit that one more inner command of so much text would break.
std::optional<std::string> Situation::too_much(std::size_t text) {
  work_.text += text;
  if (work_.depth >= kDeepestInner) return "commands stand inside each other too deep";
  if (++work_.commands > kMostInner) return "there are too many commands";
  if (work_.text > kMostText) return "there is too much text";
  return std::nullopt;
}

Invocation Situation::match(const Words& words, const Assignments& assignments) {
  words_ = &words;
  assignments_ = &assignments;
  Invocation result = work_.packs.match(words, *this);
  if (!assignments.empty()) judge_environment(assignments, *this, result);
  take_worst(result);
  return result;
}

// The words behind a wrapper, after the assignments that it was given (`env A=1 cmd`).
Invocation Situation::command(const Words& words) {
  if (const auto limit = too_much(0)) return opaque(OpaqueCause::Limit, *limit);
  const Deeper deeper(work_);
  Assignments assignments;
  std::size_t at = 0;
  for (; at < words.size(); ++at) {
    const std::size_t equals = words[at].text.find('=');
    if (equals == std::string::npos || equals == 0) break;
    const std::string name = words[at].text.substr(0, equals);
    const bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!is_name) break;
    Word value = words[at];
    value.text.erase(0, equals + 1);
    assignments.emplace_back(name, std::move(value));
  }
  const Words rest(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  Situation inner(work_, this, nullptr);
  return inner.match(rest, assignments);
}

Invocation Situation::shell(const Word& text) {
  if (!text.known) {
    // What is on the line is judged, what is not makes it opaque.
    Invocation seen = script(text.text);
    raise(seen, Effect::Opaque, OpaqueCause::Hidden, "a part of the command is not on the line");
    if (seen.effect > Effect::Opaque) return seen;
    return opaque(OpaqueCause::Hidden, "a part of the command is not on the line");
  }
  return script(text.text);
}

Invocation Situation::script(std::string_view text) {
  if (const auto limit = too_much(text.size())) return opaque(OpaqueCause::Limit, *limit);
  const Deeper deeper(work_);
  static const std::map<std::string, std::string, std::less<>> kNothing;
  const bool local = outer_ == nullptr && words_ == nullptr;
  const bool inherits = words_ != nullptr && !words_->empty() && is_local_shell((*words_)[0].text);
  const Script read = local      ? parse_shell(text, work_.surroundings.environment)
                      : inherits ? parse_shell(text, environment())
                                 : parse_shell(text, kNothing);
  Invocation whole;
  whole.effect = Effect::Read;
  bool archive = false;  // the pipeline carries what `tar c` and the like packed
  bool moved = false;
  for (const SimpleCommand& command : read.commands) {
    moved = moved || moves_on(command);
    const bool only_assigns = command.words.empty() && command.redirects.empty();
    if (only_assigns && (read.commands.size() > 1 || !read.problems.empty())) continue;
    Invocation part = part_of(command);
    if (moved || !command.assignments.empty()) drop_previews(part);
    archive = command.from_pipe && archive;
    if (archive && part.tool == kRemoteShell) {
      raise(part, Effect::Exfil, OpaqueCause::NotOpaque, "sends an archive to another machine");
    }
    archive = archive || part.kind == kArchive;
    whole.parts.push_back(std::move(part));
  }
  if (read.problems.empty() && whole.parts.size() == 1) return std::move(whole.parts.front());
  if (whole.parts.empty()) whole.reasons.emplace_back("no command is run");
  take_worst(whole);
  for (const std::string& problem : read.problems) {
    raise(whole, Effect::Opaque, OpaqueCause::Limit, "it cannot be followed: " + problem);
    whole.opaque_cause = OpaqueCause::Limit;
  }
  return whole;
}

Invocation Situation::part_of(const SimpleCommand& command) {
  Situation inner(work_, this, &command);
  Invocation part;
  if (command.words.empty()) {
    part.effect = Effect::Read;
    part.reasons.emplace_back("only the shell's own state");
  } else if (const auto limit = too_much(0)) {
    part = opaque(OpaqueCause::Limit, *limit);
  } else {
    part = inner.match(command.words, command.assignments);
  }
  judge_redirects(command, part);
  return part;
}

Invocation Situation::code(Language language, const Word& text) {
  if (const auto limit = too_much(text.text.size())) return opaque(OpaqueCause::Limit, *limit);
  const Deeper deeper(work_);
  SqlFinding finding = classify(language, text.text, work_.surroundings.postgres, *this);
  Invocation part;
  part.effect = finding.effect;
  part.kind = kind_of(language);
  part.opaque_cause = finding.opaque_cause;
  part.targets = std::move(finding.targets);
  part.reversible = finding.reversible;
  part.reasons = std::move(finding.reasons);
  if (part.effect > Effect::Read) part.action = statements_in(part.reasons);
  if (!text.known) {
    raise(part, Effect::Opaque, OpaqueCause::Hidden, "a part of the text is not on the line");
    part.opaque_cause = OpaqueCause::Hidden;
  } else if (words_ != nullptr && outer_ == nullptr && part.effect == Effect::Destructive) {
    // Inside a wrapper or a script the client may run elsewhere, or in another environment.
    part.preview = count_preview(*words_, text.text, finding.count_query);
  }
  return part;
}

std::optional<std::string> Situation::file(const Word& path) {
  if (!path.known || path.glob || !work_.surroundings.read_file) return std::nullopt;
  return work_.surroundings.read_file(path.text);
}

std::optional<std::string> Situation::standard_input() {
  if (shell_command_ != nullptr) {
    if (shell_command_->input) {
      if (!shell_command_->input->known) return std::nullopt;
      return shell_command_->input->text;
    }
    if (shell_command_->from_pipe) return std::nullopt;
    for (auto redirect = shell_command_->redirects.rbegin();
         redirect != shell_command_->redirects.rend(); ++redirect) {
      if (redirect->descriptor != 0) continue;
      if (redirect->kind != Redirect::Kind::Read) return std::nullopt;
      return file(redirect->target);
    }
  }
  return outer_ != nullptr ? outer_->standard_input() : work_.surroundings.standard_input;
}

std::optional<std::string> Situation::variable(std::string_view name) {
  if (assignments_ != nullptr) {
    for (auto one = assignments_->rbegin(); one != assignments_->rend(); ++one) {
      if (one->first != name) continue;
      if (!one->second.known) return std::nullopt;
      return one->second.text;
    }
  }
  if (outer_ != nullptr) return outer_->variable(name);
  const auto found = work_.surroundings.environment.find(name);
  if (found == work_.surroundings.environment.end()) return std::nullopt;
  return found->second;
}

// The variables that a shell started here would know.
std::map<std::string, std::string, std::less<>> Situation::environment() const {
  std::map<std::string, std::string, std::less<>> variables =
      outer_ != nullptr ? outer_->environment() : work_.surroundings.environment;
  if (assignments_ == nullptr) return variables;
  for (const auto& [name, value] : *assignments_) {
    if (value.known) {
      variables.insert_or_assign(name, value.text);
    } else {
      variables.erase(name);
    }
  }
  return variables;
}

}  // namespace

Invocation understand(const CommandLine& command, const PackSet& packs,
                      const Surroundings& surroundings) {
  Work work{packs, surroundings};
  Words words;
  words.reserve(command.argv.size());
  for (const std::string& word : command.argv) words.emplace_back(word);
  Situation situation(work, nullptr, nullptr);
  return situation.match(words, {});
}

Invocation understand_shell(std::string_view line, const PackSet& packs,
                            const Surroundings& surroundings) {
  Work work{packs, surroundings};
  Situation situation(work, nullptr, nullptr);
  return situation.script(line);
}

}  // namespace prodaccess
