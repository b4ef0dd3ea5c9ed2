#include "core/command/language/psql_command.h"

#include <optional>

#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/postgres.h"

namespace prodaccess {
namespace {

constexpr std::string_view kShows =
    "? h help l l+ list list+ z echo qecho warn timing x pset a t f H C T q quit conninfo encoding "
    "copyright errverbose p print r reset s sf sf+ sv sv+ gdesc lo_list restrict unrestrict";
constexpr std::string_view kSession =
    "c connect set unset getenv setenv cd prompt if elif else endif gset gx g bind bind_named "
    "parse "
    "close_prepared startpipeline endpipeline syncpipeline sendpipeline flush flushrequest "
    "getresults "
    "crosstabview watch";
constexpr std::string_view kFiles = "i include ir include_relative";

// The commands of `backticks` anywhere in the arguments: psql runs them.
void judge_backticks(const std::string& arguments, Inner& inner, SqlFinding& finding) {
  char quote = '\0';
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const char c = arguments[i];
    if (quote == '\'') {
      if (c == '\\') ++i;
      if (c == '\'') quote = '\0';
    } else if (c == '\'') {
      quote = c;
    } else if (c == '`') {
      const std::size_t end = std::min(arguments.find('`', i + 1), arguments.size());
      join_shell(finding, inner, std::string_view(arguments).substr(i + 1, end - i - 1),
                 "backquotes in a client command");
      i = end;
    }
  }
}

// The output of a command: `| command` runs, a name is a file that is written.
void judge_output(const std::string& arguments, Inner& inner, SqlFinding& finding) {
  std::string_view target = trim(arguments);
  // Options in parentheses may stand first: \g (format=csv) file.
  if (target.starts_with("(") && target.find(')') != std::string_view::npos)
    target = trim(target.substr(target.find(')') + 1));
  if (target.empty()) return;
  if (target.starts_with("|")) {
    join_shell(finding, inner, target.substr(1), "the output goes to a command");
  } else {
    raise(finding, Effect::Write, "the output goes to a file");
  }
}

void judge_file(const std::string& arguments, PostgresContext& context, SqlFinding& finding) {
  const std::optional<std::string> content =
      context.depth < 4 ? context.inner.file(Word{std::string(trim(arguments))}) : std::nullopt;
  if (content) {
    join(finding, classify_postgres(*content, context.parser, context.inner, context.depth + 1));
  } else {
    raise_opaque(finding, OpaqueCause::Program, "runs a file that was not read");
  }
}

// \copy TABLE|(QUERY) FROM|TO FILE|PROGRAM 'command'|STDIN|STDOUT: COPY, with files of this side.
void judge_copy(const std::string& arguments, PostgresContext& context, SqlFinding& finding) {
  SqlFinding copy =
      classify_postgres("COPY " + arguments, context.parser, context.inner, context.depth + 1);
  const std::string lower = " " + to_lower(arguments) + " ";
  const bool out =
      lower.find(" to ") != std::string::npos || lower.find(")to ") != std::string::npos;
  const std::size_t program = lower.find(" program ");
  // File names may be unquoted there, which COPY's grammar does not take: read the words instead.
  if (copy.opaque_cause == OpaqueCause::Unknown && program == std::string::npos) {
    SqlFinding plain = harmless_finding();
    raise(plain, copy.effect > Effect::Opaque ? copy.effect : Effect::Write, "\\copy");
    copy = plain;
  }
  join(finding, copy);
  raise(finding, out ? Effect::Exfil : Effect::Write,
        out ? "\\copy moves data out" : "\\copy adds rows");
  if (program != std::string::npos)
    raise_opaque(finding, OpaqueCause::Program, "\\copy runs a program");
}

void judge_connect(const std::string& arguments, SqlFinding& finding) {
  if (!arguments.empty()) raise(finding, Effect::Read, "what follows runs on another connection");
}

// Variables that psql or the programs it starts read as commands.
void judge_environment(const std::string& arguments, SqlFinding& finding) {
  const std::string name = to_lower(std::string_view(arguments).substr(0, arguments.find(' ')));
  if (one_of(name,
             "pager psql_pager editor psql_editor visual shell psql_watch_pager path "
             "ld_preload psqlrc"))
    raise_opaque(finding, OpaqueCause::Program, "names a program that psql will run");
}

}  // namespace

PsqlCommandFinding judge_psql_command(const PsqlPiece& command, PostgresContext& context) {
  PsqlCommandFinding result{harmless_finding()};
  SqlFinding& finding = result.finding;
  const std::string& name = command.name;
  const std::string& arguments = command.text;
  Inner& inner = context.inner;
  if (name != "!" && name != "copy") judge_backticks(arguments, inner, finding);
  result.shows_only = one_of(name, kShows) || (name.starts_with("d") && name != "dump");
  if (name == "!") {
    if (arguments.empty()) {
      raise_opaque(finding, OpaqueCause::Program, "\\! opens a shell");
    } else {
      join_shell(finding, inner, arguments, "\\! runs a command of this machine");
    }
  } else if (name == "copy") {
    judge_copy(arguments, context, finding);
  } else if (name == "s" || name == "w" || name == "write" || name == "o" || name == "out" ||
             name == "g" || name == "gx") {
    judge_output(arguments, inner, finding);
  } else if (result.shows_only) {
    return result;
  } else if (one_of(name, kFiles)) {
    judge_file(arguments, context, finding);
  } else if (name == "c" || name == "connect") {
    judge_connect(arguments, finding);
  } else if (name == "setenv") {
    judge_environment(arguments, finding);
  } else if (name == "password") {
    raise(finding, Effect::Privilege, "\\password changes a password");
  } else if (name == "lo_unlink") {
    raise(finding, Effect::Destructive, "\\lo_unlink deletes a large object");
  } else if (name == "lo_export") {
    raise(finding, Effect::Exfil, "\\lo_export moves data out");
  } else if (name == "lo_import") {
    raise(finding, Effect::Write, "\\lo_import adds a large object");
  } else if (name == "gexec") {
    raise_opaque(finding, OpaqueCause::Program, "\\gexec runs the query's result as statements");
  } else if (!one_of(name, kSession)) {
    raise_opaque(finding, OpaqueCause::Unknown,
                 "a client command that is not known or opens an editor");
  }
  return result;
}

}  // namespace prodaccess
