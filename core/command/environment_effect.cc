#include "core/command/environment_effect.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/command/redirect_effect.h"

namespace prodaccess {
namespace {

enum class Meaning : std::uint8_t {
  Code,     // a file or text that is run inside the program
  Command,  // a command line that the program may run
  Search,   // folders where programs or libraries are looked for
  Options,  // arguments for one tool
};

struct Row {
  std::string_view name;  // `*` at the end: any that begins so
  Meaning meaning;
};

constexpr std::array<Row, 54> kVariables{{
    {"LD_PRELOAD", Meaning::Code},
    {"LD_AUDIT", Meaning::Code},
    {"DYLD_*", Meaning::Code},
    {"BASH_ENV", Meaning::Code},
    {"ENV", Meaning::Code},
    {"ZDOTDIR", Meaning::Code},
    {"BASH_FUNC_*", Meaning::Code},
    {"PROMPT_COMMAND", Meaning::Command},
    {"PS4", Meaning::Command},
    {"PERL5OPT", Meaning::Code},
    {"PERL5DB", Meaning::Code},
    {"PYTHONSTARTUP", Meaning::Code},
    {"NODE_OPTIONS", Meaning::Code},
    {"RUBYOPT", Meaning::Code},
    {"JAVA_TOOL_OPTIONS", Meaning::Code},
    {"_JAVA_OPTIONS", Meaning::Code},
    {"GCONV_PATH", Meaning::Code},
    {"GIT_CONFIG*", Meaning::Code},
    {"GIT_TEMPLATE_DIR", Meaning::Code},
    {"VIMINIT", Meaning::Code},
    {"TF_CLI_CONFIG_FILE", Meaning::Code},  // may name other providers
    {"EXINIT", Meaning::Code},
    {"PATH", Meaning::Search},
    {"LD_LIBRARY_PATH", Meaning::Search},
    {"PERL5LIB", Meaning::Search},
    {"RUBYLIB", Meaning::Search},
    {"PYTHONPATH", Meaning::Search},
    {"NODE_PATH", Meaning::Search},
    {"GIT_EXEC_PATH", Meaning::Search},
    {"PAGER", Meaning::Command},
    {"MANPAGER", Meaning::Command},
    {"*_PAGER", Meaning::Command},
    {"LESSOPEN", Meaning::Command},
    {"LESSCLOSE", Meaning::Command},
    {"EDITOR", Meaning::Command},
    {"VISUAL", Meaning::Command},
    {"*_EDITOR", Meaning::Command},
    {"BROWSER", Meaning::Command},
    {"GIT_SSH_COMMAND", Meaning::Command},
    {"GIT_SSH", Meaning::Command},
    {"GIT_PROXY_COMMAND", Meaning::Command},
    {"GIT_EXTERNAL_DIFF", Meaning::Command},
    {"GIT_ASKPASS", Meaning::Command},
    {"SSH_ASKPASS", Meaning::Command},
    {"SUDO_ASKPASS", Meaning::Command},
    {"RSYNC_RSH", Meaning::Command},
    {"CVS_RSH", Meaning::Command},
    {"SVN_SSH", Meaning::Command},
    {"SHELL", Meaning::Command},
    {"TF_CLI_ARGS*", Meaning::Options},
    {"MAKEFLAGS", Meaning::Options},
    {"TAR_OPTIONS", Meaning::Options},
    {"RSYNC_OPTIONS", Meaning::Options},
    {"GREP_OPTIONS", Meaning::Options},
}};

// Pagers, editors and the like that only show or ask when they are given nothing else.
constexpr std::array<std::string_view, 31> kHarmlessPrograms{
    "cat",   "less",        "more",    "most",  "vi",  "vim",      "nvim", "nano",
    "emacs", "emacsclient", "code",    "ed",    "bat", "delta",    "true", ":",
    "false", "head",        "tail",    "micro", "hx",  "pico",     "joe",  "subl",
    "kate",  "gedit",       "firefox", "lynx",  "w3m", "xdg-open", "open"};

const Row* find_row(std::string_view name) {
  for (const Row& row : kVariables) {
    const std::string_view pattern = row.name;
    if (pattern.back() == '*' && name.starts_with(pattern.substr(0, pattern.size() - 1))) {
      return &row;
    }
    if (pattern.front() == '*' && name.ends_with(pattern.substr(1))) return &row;
    if (pattern == name) return &row;
  }
  return nullptr;
}

// Folders of the system and of the user, as far as written out.
bool is_trusted_folder(std::string_view folder) {
  for (const std::string_view known :
       {"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/snap/bin",
        "/lib", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib64"}) {
    if (folder == known) return true;
  }
  return folder.starts_with("/opt/") || folder.starts_with("/usr/local/") ||
         folder.starts_with("/usr/lib/") || folder.starts_with("~/");
}

bool is_trusted_search(const Word& value) {
  std::size_t begin = 0;
  const std::string_view text = value.text;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    const std::string_view folder = text.substr(begin, end - begin);
    // Where the value is not all on the line, "" is most likely the former $PATH, and "/bin" a
    // folder beneath $HOME.
    const bool rest =
        !value.known && (folder.empty() || folder == "/bin" || folder == "/.local/bin");
    if (!rest && !is_trusted_folder(folder)) return false;
    begin = end + 1;
  }
  return true;
}

void judge_command(const std::string& name, const Word& value, Inner& inner, Invocation& part) {
  if (value.known) {
    const std::string_view text = trim(value.text);
    const std::string_view program = text.substr(0, text.find_first_of(" \t"));
    const std::string_view base = program.substr(program.rfind('/') + 1);
    const bool plain = text.find_first_of(";&|<>$`(){}\n") == std::string_view::npos &&
                       text.find("-c") == std::string_view::npos &&
                       text.find(" +") == std::string_view::npos;
    if (text.empty() || (plain && std::find(kHarmlessPrograms.begin(), kHarmlessPrograms.end(),
                                            base) != kHarmlessPrograms.end())) {
      return;
    }
    if (name == "PS4" && plain) return;
    if (name == "SHELL" && plain && text.ends_with("sh")) return;
  }
  Invocation command = inner.shell(value);
  if (command.effect == Effect::Read) return;
  raise(part, command.effect, command.opaque_cause, name + " names a command that it may run");
  part.parts.push_back(std::move(command));
}

}  // namespace

void judge_environment(const Assignments& assignments, Inner& inner, Invocation& part) {
  for (const auto& [name, value] : assignments) {
    const Row* row = find_row(name);
    if (row == nullptr || (value.known && value.text.empty())) continue;
    switch (row->meaning) {
      case Meaning::Code:
        raise(part, Effect::Opaque, OpaqueCause::Hidden, name + " brings code into the program");
        break;
      case Meaning::Search:
        if (!is_trusted_search(value)) {
          raise(part, Effect::Opaque, OpaqueCause::Hidden,
                name + " lets other programs or libraries be found");
        }
        break;
      case Meaning::Command: judge_command(name, value, inner, part); break;
      case Meaning::Options:
        if (!value.known) {
          raise(part, Effect::Opaque, OpaqueCause::Hidden, name + " adds options not on the line");
        }
        break;
    }
  }
}

}  // namespace prodaccess
