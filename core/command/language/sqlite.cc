#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_dialects.h"
#include "core/command/language/sql_functions.h"
#include "core/command/language/sql_statement.h"

namespace prodaccess {
namespace {

constexpr SqlDialect kLexical{.backquoted_names = true, .bracketed_names = true};
constexpr SqlRules kRules{kLexical, "sqlite", sqlite_function};

constexpr std::string_view kShows =
    "bail binary cd changes check databases dbinfo dbtotxt echo eqp exit expert explain filectrl "
    "fullschema headers header help imposter indexes indices lint limit log mode nullvalue "
    "parameter "
    "print progress prompt quit schema selftest separator session sha3sum show stats tables "
    "timeout "
    "timer trace unmodule version vfsinfo vfslist vfsname width scanstats intck";

// PRAGMAs that only tell, with or without a value (a table's name, a number of errors).
constexpr std::string_view kReadPragmas =
    "table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list "
    "foreign_key_check integrity_check quick_check database_list compile_options function_list "
    "module_list pragma_list collation_list freelist_count page_count data_version stats";
// Those that change the session alone.
constexpr std::string_view kSessionPragmas =
    "busy_timeout cache_size temp_store query_only case_sensitive_like reverse_unordered_selects "
    "threads soft_heap_limit hard_heap_limit cache_spill recursive_triggers analysis_limit "
    "encoding "
    "read_uncommitted full_column_names short_column_names empty_result_callbacks mmap_size";
constexpr std::string_view kSafetyPragmas =
    "foreign_keys synchronous journal_mode ignore_check_constraints defer_foreign_keys "
    "trusted_schema "
    "secure_delete cell_size_check";

class SqliteShell {
 public:
  SqliteShell(std::string_view text, Inner& inner) : lexer_(text, kLexical), inner_(inner) {}

  SqlFinding classify() {
    for (SqlToken token = lexer_.next(); !token.at_end(); token = lexer_.next()) {
      if (token.kind == SqlToken::Kind::Broken) raise_broken(shell_);
      if (statement_.empty() && token.symbol('.')) {
        dot_command();
      } else if (token.symbol(';')) {
        end_statement();
      } else {
        statement_.push_back(token);
      }
    }
    end_statement();
    SqlFinding whole = join_statements(std::move(statements_));
    join(whole, shell_);
    return whole;
  }

 private:
  void end_statement() {
    if (!statement_.empty()) statements_.push_back(judge());
    statement_.clear();
  }

  void dot_command() {
    const std::string line(trim(lexer_.rest_of_line()));
    const std::string name = to_lower(line.substr(0, line.find_first_of(" \t")));
    const std::string argument(trim(std::string_view(line).substr(name.size())));
    // The shell takes any unambiguous beginning of a name.
    const auto is = [&](std::string_view full, std::size_t least) {
      return name.size() >= least && full.starts_with(name);
    };
    if (is("shell", 2) || is("system", 2)) {
      join_shell(shell_, inner_, argument, ".shell runs a command of this machine");
    } else if (is("dump", 2)) {
      raise(shell_, Effect::Exfil, ".dump moves all the data out");
    } else if (is("output", 1) || is("once", 2) || is("excel", 3)) {
      output(argument);
    } else if (is("restore", 3)) {
      raise(shell_, Effect::Destructive, ".restore overwrites the database");
      shell_.reversible = false;
    } else if (is("backup", 2) || is("save", 2) || is("clone", 3) || is("archive", 2) ||
               is("recover", 3)) {
      raise(shell_, Effect::Exfil, "writes a copy of the database");
    } else if (is("import", 3)) {
      import(argument);
    } else if (is("read", 3)) {
      read(argument);
    } else if (is("open", 2)) {
      raise(shell_,
            argument.find("--new") == std::string::npos ? Effect::Read : Effect::Destructive,
            ".open works on another file");
    } else if (is("load", 2) || is("crnl", 3) || is("testctrl", 5) || is("dbconfig", 4)) {
      raise_opaque(shell_, OpaqueCause::Program, "brings code in or changes the engine's switches");
    } else if (!known(name)) {
      raise_opaque(shell_, OpaqueCause::Unknown, "a dot-command that is not known");
    }
  }

  static bool known(const std::string& name) {
    for (const std::string& command : split(kShows, ' ')) {
      if (!name.empty() && command.starts_with(name)) return true;
    }
    return false;
  }

  void output(const std::string& argument) {
    if (argument.empty() || argument == "stdout") return;
    if (argument.front() == '|' || argument.starts_with("\"|") || argument.starts_with("'|")) {
      std::string_view command(argument);
      command.remove_prefix(command.find('|') + 1);
      if (argument.front() != '|' && !command.empty()) command.remove_suffix(1);
      join_shell(shell_, inner_, command, "the output goes to a command");
    } else {
      raise(shell_, Effect::Write, "the output goes to a file");
    }
  }

  void import(const std::string& argument) {
    raise(shell_, Effect::Write, ".import adds rows");
    const std::size_t pipe = argument.find('|');
    if (pipe == std::string::npos) return;
    raise_opaque(shell_, OpaqueCause::Program, ".import reads from a command");
    std::string command = argument.substr(pipe + 1);
    const std::size_t quote = command.find_last_of("\"'");
    if (quote != std::string::npos) command.erase(quote);
    join_shell(shell_, inner_, command, ".import reads from a command");
  }

  void read(const std::string& argument) {
    const bool piped =
        argument.starts_with("|") || argument.starts_with("\"|") || argument.starts_with("'|");
    const std::optional<std::string> content =
        piped || nested_ ? std::nullopt : inner_.file(Word{argument});
    if (piped)
      join_shell(shell_, inner_, argument.substr(argument.find('|') + 1), ".read from a command");
    if (!content) {
      raise_opaque(shell_, OpaqueCause::Program, "runs a file that was not read");
      return;
    }
    SqliteShell file(*content, inner_);
    file.nested_ = true;
    join(shell_, file.classify());
  }

  JudgedStatement judge() const {
    const SqlSpan statement(statement_);
    const std::string verb = lower_at(statement, 0);
    JudgedStatement judged;
    if (verb == "explain") return judged;  // SQLite's EXPLAIN never runs the statement
    if (verb == "pragma") {
      pragma(statement, judged);
    } else if (verb == "vacuum") {
      const bool into = find_word(statement, "INTO") < statement.size();
      raise(judged.other, into ? Effect::Exfil : Effect::Write,
            into ? "writes a copy of the database" : "VACUUM rewrites the file");
    } else if (verb == "attach" || verb == "detach") {
      raise(judged.other, Effect::Write, "may make a database file");
      if (verb == "detach") judged.other = harmless_finding();
    } else {
      judged = judge_sql_statement(statement, kRules);
      if (one_of(verb, "insert update delete") && contains_word(statement, "sqlite_master"))
        raise(judged.other, Effect::Destructive, "changes the schema by hand");
    }
    return judged;
  }

  static void pragma(SqlSpan statement, JudgedStatement& judged) {
    std::size_t i = 1;
    if (i + 1 < statement.size() && statement[i + 1].symbol('.')) i += 2;
    const std::string name = lower_at(statement, i);
    const bool value = i + 1 < statement.size();
    if (one_of(name, kReadPragmas) || one_of(name, kSessionPragmas)) return;
    if (one_of(name, "wal_checkpoint optimize incremental_vacuum shrink_memory")) {
      raise(judged.other, Effect::Write, "PRAGMA " + name + " changes the file");
    } else if (name == "writable_schema") {
      if (value) raise(judged.other, Effect::Destructive, "opens the schema to changes by hand");
    } else if (one_of(name, "key rekey hexkey textkey")) {
      raise(judged.other, Effect::Privilege, "sets the key of the database");
    } else if (value && one_of(name, kSafetyPragmas)) {
      const std::string set = lower_at(statement, i + 2);
      const bool off = one_of(set, "off false no 0 memory");
      raise(judged.other, off ? Effect::Destructive : Effect::Write,
            off ? "turns a safeguard of the data off" : "changes how the data is kept");
    } else if (value) {
      raise(judged.other, Effect::Write, "PRAGMA sets " + name);
    }
  }

  SqlLexer lexer_;
  Inner& inner_;
  SqlTokens statement_;
  std::vector<JudgedStatement> statements_;
  SqlFinding shell_ = harmless_finding();
  bool nested_ = false;
};

}  // namespace

SqlFinding classify_sqlite(std::string_view text, Inner& inner) {
  return SqliteShell(text, inner).classify();
}

}  // namespace prodaccess
