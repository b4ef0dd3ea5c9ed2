#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_dialects.h"
#include "core/command/language/sql_evidence.h"
#include "core/command/language/sql_functions.h"
#include "core/command/language/sql_statement.h"

namespace prodaccess {
namespace {

constexpr SqlDialect kLexical{.executable_comments = true,
                              .hash_comments = true,
                              .dash_needs_blank = true,
                              .backslash_escapes = true,
                              .backquoted_names = true,
                              .double_quoted_strings = true};
constexpr SqlRules kRules{kLexical, "mysql", mysql_function};

// Client commands by their long names, at the beginning of a statement (MySQL manual 6.5.1.2).
constexpr std::string_view kLongCommands =
    "system source tee pager notee nopager edit delimiter connect rehash status print prompt "
    "charset "
    "ego go warnings nowarning clear exit quit resetconnection query_attributes "
    "ssl_session_data_print";

class MysqlClient {
 public:
  MysqlClient(std::string_view text, Inner& inner, bool skip_executable)
      : text_(text), inner_(inner), lexer_(text, kLexical, skip_executable) {}

  SqlFinding classify() {
    for (SqlToken token = lexer_.next(); !token.at_end(); token = lexer_.next()) {
      if (token.kind == SqlToken::Kind::Broken) raise_broken(client_);
      if (token.symbol('\\')) {
        short_command(token.end);
      } else if (text_.substr(token.begin).starts_with(delimiter_)) {
        lexer_.seek(token.begin + delimiter_.size());
        end_statement();
      } else if (statement_.empty() && token.kind == SqlToken::Kind::Word &&
                 one_of(to_lower(token.text), kLongCommands)) {
        long_command(to_lower(token.text));
      } else {
        statement_.push_back(token);
      }
    }
    end_statement();
    SqlFinding whole = join_statements(std::move(statements_));
    join(whole, client_);
    return whole;
  }

 private:
  void end_statement() {
    if (!statement_.empty()) statements_.push_back(judge());
    statement_.clear();
  }

  std::string argument() {
    std::string text(trim(lexer_.rest_of_line()));
    while (!text.empty() && text.back() == ';') text.pop_back();
    return text;
  }

  void short_command(std::size_t at) {
    const char name = at < text_.size() ? text_[at] : '\0';
    lexer_.seek(at + 1);
    if (name == 'G' || name == 'g') {
      end_statement();
    } else if (name == '!') {
      join_shell(client_, inner_, argument(), "\\! runs a command of this machine");
    } else if (name == 'c') {
      end_statement();  // dropped by the client; judged all the same
    } else {
      constexpr std::string_view kShort = ".source Ttee Ppager eedit ddelimiter rconnect";
      const std::size_t found = kShort.find(name);
      const bool starts =
          found != std::string_view::npos && (found == 0 || kShort[found - 1] == ' ');
      if (starts)
        long_command(std::string(kShort.substr(found + 1, kShort.find(' ', found) - found - 1)));
    }
  }

  void long_command(const std::string& name) {
    const std::string value = argument();
    if (name == "system") {
      join_shell(client_, inner_, value, "system runs a command of this machine");
    } else if (name == "source") {
      source(value);
    } else if (name == "pager") {
      if (!value.empty()) join_shell(client_, inner_, value, "the output goes to a command");
    } else if (name == "tee") {
      raise(client_, Effect::Write, "the output goes to a file");
    } else if (name == "edit") {
      raise_opaque(client_, OpaqueCause::Program, "opens an editor");
    } else if (name == "delimiter") {
      delimiter_ = value.empty() ? ";" : value.substr(0, value.find(' '));
    }
    // The others show something or end the session.
  }

  void source(const std::string& path) {
    const std::optional<std::string> content = inner_.file(Word{path});
    if (!content || sourced_) {
      raise_opaque(client_, OpaqueCause::Program, "runs a file that was not read");
      return;
    }
    MysqlClient file(*content, inner_, false);
    file.sourced_ = true;
    join(client_, file.classify());
  }

  JudgedStatement judge() const {
    const SqlSpan statement(statement_);
    const std::string verb = lower_at(statement, 0);
    JudgedStatement judged;
    if (verb == "load") {
      load(statement, judged);
    } else if (verb == "handler" || verb == "checksum" || verb == "unlock" ||
               verb == "checktable") {
      if (verb == "unlock") raise(judged.other, Effect::Write, "releases locks");
    } else if (one_of(verb, "flush binlog cache change xa start stop install clone")) {
      server_command(verb, statement, judged);
    } else if (verb == "prepare" || verb == "execute") {
      prepared(statement, judged);
    } else if (verb == "call" || verb == "do") {
      if (verb == "call")
        raise_opaque(judged.other, OpaqueCause::Program,
                     "CALL runs a procedure whose code is not on the line");
      judge_sql_functions(statement, kRules, judged.other);
    } else {
      judged = judge_sql_statement(statement, kRules);
      secrets(statement, judged);
      if (verb == "set") logs_off(statement, judged);
      if (verb == "rename" && lower_at(statement, 1) == "user")
        raise(judged.other, Effect::Privilege, "renames a user");
    }
    // What these do ends a transaction by itself: nothing before them can be rolled back.
    if (one_of(verb,
               "create drop alter truncate rename load lock unlock analyze optimize repair flush "
               "grant revoke set call install uninstall"))
      if (judged.step == TransactionStep::None) judged.step = TransactionStep::Commit;
    return judged;
  }

  static void load(SqlSpan statement, JudgedStatement& judged) {
    raise(judged.rows, Effect::Write, "LOAD DATA adds rows");
    const std::size_t into = find_word(statement, "INTO");
    add_named_target(judged.rows, kRules, statement, into + 2, "table");
  }

  static void server_command(const std::string& verb, SqlSpan statement, JudgedStatement& judged) {
    const std::string next = lower_at(statement, 1);
    if (verb == "start" && next == "transaction") {
      judged.step = TransactionStep::Begin;
    } else if (verb == "stop") {
      raise(judged.other, Effect::Destructive, "stops replication");
    } else if (verb == "install" || verb == "clone") {
      raise(judged.other, Effect::Privilege, "brings native code or another server's data in");
    } else if (verb == "change") {
      raise(judged.other, Effect::Destructive, "points replication elsewhere");
    } else if (verb == "binlog") {
      raise_opaque(judged.other, OpaqueCause::Program, "applies events that are not readable");
    } else if (verb == "flush" && one_of(next, "privileges")) {
      raise(judged.other, Effect::Privilege, "makes changed rights count");
    } else if (verb == "xa" && one_of(next, "recover")) {
      return;
    } else {
      raise(judged.other, Effect::Write, verb + " changes state");
    }
  }

  static void prepared(SqlSpan statement, JudgedStatement& judged) {
    raise_opaque(judged.other, OpaqueCause::Program,
                 "runs a statement made elsewhere or from a text");
    for (const SqlToken& token : statement) {
      if (token.kind == SqlToken::Kind::String)
        raise(judged.other, sql_evidence(token.text), "the text of a prepared statement");
    }
  }

  // SET GLOBAL general_log = OFF, SET sql_log_bin = 0
  static void logs_off(SqlSpan statement, JudgedStatement& judged) {
    for (std::size_t i = 1; i + 1 < statement.size(); ++i) {
      const bool log = one_of(lower_at(statement, i),
                              "general_log slow_query_log sql_log_bin server_audit_logging "
                              "audit_log_disable audit_log_policy sync_binlog log_output");
      const std::string value = lower_at(statement, i + (statement[i + 1].symbol('=') ? 2 : 3));
      if (log && one_of(value, "off 0 false none"))
        raise(judged.other, Effect::Destructive, "turns a log off");
    }
  }

  static void secrets(SqlSpan statement, JudgedStatement& judged) {
    if (!word_at(statement, 0, "SELECT")) return;
    for (std::size_t i = 0; i < statement.size(); ++i) {
      const std::string word = lower_at(statement, i);
      if (word == "authentication_string" || word == "slave_master_info" ||
          (word == "user" && i >= 2 && lower_at(statement, i - 2) == "mysql" &&
           statement[1].symbol('*')))
        raise(judged.other, Effect::Exfil, "reads stored password hashes");
    }
  }

  std::string_view text_;
  Inner& inner_;
  SqlLexer lexer_;
  SqlTokens statement_;
  std::vector<JudgedStatement> statements_;
  SqlFinding client_ = harmless_finding();
  std::string delimiter_ = ";";
  bool sourced_ = false;
};

}  // namespace

SqlFinding classify_mysql(std::string_view text, Inner& inner) {
  SqlFinding finding = MysqlClient(text, inner, false).classify();
  const std::string lower = to_lower(text);
  if (lower.find("no_backslash_escapes") != std::string::npos ||
      lower.find("ansi") != std::string::npos)
    raise_opaque(finding, OpaqueCause::Hidden, "changes how the text after it is read");
  // Whether a comment executes depends on the server's version: the worse of both readings.
  if (text.find("/*!") != std::string_view::npos || text.find("/*M!") != std::string_view::npos) {
    join(finding, MysqlClient(text, inner, true).classify());
    raise(finding, sql_evidence(text), "an executable comment");
  }
  return finding;
}

}  // namespace prodaccess
