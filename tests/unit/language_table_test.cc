// The tables tests/decisions/language_*.tsv, judged by the classifiers alone: a line is
// PROGRAM 'text'<TAB>effect, the words quoted as a shell would read them.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "cli/postgres_parser.h"
#include "core/base/text.h"
#include "core/command/language/classify.h"
#include "tests/fakes/scripted_inner.h"

using namespace prodaccess;

namespace {

// Single quotes, double quotes with backslashes, $'...' with \n, and bare words.
std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    std::string word;
    for (; i < line.size() && line[i] != ' '; ++i) {
      const bool ansi = line[i] == '$' && i + 1 < line.size() && line[i + 1] == '\'';
      if (ansi) ++i;
      const char quote = line[i];
      if (quote != '\'' && quote != '"') {
        word += line[i];
        continue;
      }
      for (++i; i < line.size() && line[i] != quote; ++i) {
        const bool escape = line[i] == '\\' && i + 1 < line.size() &&
                            (ansi || (quote == '"' && (line[i + 1] == '"' || line[i + 1] == '\\' ||
                                                       line[i + 1] == '$' || line[i + 1] == '`')));
        if (escape) ++i;
        word += escape && ansi && line[i] == 'n' ? '\n' : line[i];
      }
    }
    words.push_back(word);
  }
  return words;
}

std::optional<Language> language_of(const std::string& program) {
  static const std::map<std::string, Language> kLanguages{
      {"psql", Language::Postgres},
      {"mysql", Language::Mysql},
      {"mariadb", Language::Mysql},
      {"sqlite3", Language::Sqlite},
      {"bq", Language::BigQuery},
      {"sqlcmd", Language::GenericSql},
      {"snowsql", Language::GenericSql},
      {"clickhouse-client", Language::GenericSql},
      {"cqlsh", Language::GenericSql},
      {"mongosh", Language::Mongosh},
      {"mongo", Language::Mongosh},
      {"python3", Language::Python},
      {"node", Language::JavaScript},
      {"perl", Language::Perl},
      {"ruby", Language::Ruby},
      {"php", Language::Php},
      {"awk", Language::Awk},
      {"sed", Language::Sed},
      {"groovy", Language::Groovy},
      {"lua", Language::Lua}};
  const auto found = kLanguages.find(program);
  return found == kLanguages.end() ? std::nullopt : std::optional<Language>(found->second);
}

// Which word holds the code: the one after -c, -e and the like, else the first that is no option.
std::string text_of(const std::vector<std::string>& words) {
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "-c" || word == "-e" || word == "-r" || word == "-q" || word == "-Q" ||
        word == "--eval" || word == "-ne" || word == "-pe" || word == "-lane" || word == "-p" ||
        word == "--query" || word == "-d" || word == "-n" || word == "-E")
      return words[i + 1];
  }
  if (words[0] == "sqlite3" && words.size() > 2) return words[2];
  if (words[0] == "bq") return words.back();
  return words.size() > 1 ? words[1] : std::string();
}

SqlFinding judge(const std::string& line, PostgresParser* parser) {
  ScriptedInner inner;
  const std::vector<std::string> words = shell_words(line);
  if (words[0] == "redis-cli") {
    std::string text;
    for (std::size_t i = 1; i < words.size(); ++i)
      text += "'" + words[i] + (i + 1 < words.size() ? "' " : "'");
    return classify(Language::Redis, text, parser, inner);
  }
  const std::optional<Language> language = language_of(words[0]);
  REQUIRE_MESSAGE(language.has_value(), line);
  return classify(*language, text_of(words), parser, inner);
}

}  // namespace

TEST_CASE("every line of the language tables has its effect") {
  LoadedPostgresParser parser;
  const std::filesystem::path folder =
      std::filesystem::path(PRODACCESS_SOURCE_DIR) / "tests/decisions";
  std::size_t lines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("sql_") || entry.path().extension() != ".tsv") continue;
    if (name.find("postgres") != std::string::npos && !parser.available()) {
      MESSAGE("skipped, libpg_query is not installed: " << name);
      continue;
    }
    std::ifstream in(entry.path());
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.empty() || line[0] == '#') continue;
      const std::vector<std::string> fields = split(line, '\t');
      REQUIRE_MESSAGE(fields.size() >= 2, name << ":" << number);
      const SqlFinding finding = judge(fields[0], &parser);
      ++lines;
      CHECK_MESSAGE(effect_name(finding.effect) == fields[1],
                    name << ":" << number << ": " << fields[0] << "  ["
                         << join(finding.reasons, "; ") << "]");
    }
  }
  CHECK(lines > 100);
}
