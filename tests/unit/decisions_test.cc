// The decision tables in tests/decisions/*.tsv: a command as a shell would read it, a tab, the
// effect it must have, and perhaps a tab and a note. U+240A stands for a newline in a command,
// U+2409 for a tab; a line that begins with "# " is a comment. (The tables sql_*.tsv have a
// form of their own.)
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/postgres_parser.h"
#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"

using namespace prodaccess;

namespace {

void replace_all(std::string& text, const std::string& mark, const std::string& by) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, mark.size(), by);
  }
}

std::string with_blanks(std::string text) {
  replace_all(text, "\u240a", "\n");
  replace_all(text, "\u2409", "\t");
  return text;
}

std::vector<std::filesystem::path> tables() {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path folder =
      std::filesystem::path(PRODACCESS_SOURCE_DIR) / "tests/decisions";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const bool ours = !entry.path().filename().string().starts_with("sql");
    if (ours && entry.path().extension() == ".tsv") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool is_harmless(Effect effect) { return effect == Effect::Read || effect == Effect::Write; }

struct Tally {
  std::size_t cases = 0, hard = 0, soft = 0, other = 0;
  std::string report;
};

void judge_line(const std::string& line, const std::string& place, const PackSet& packs,
                const Surroundings& surroundings, Tally& tally) {
  const std::vector<std::string> fields = split(line, '\t');
  const std::optional<Effect> expected =
      fields.size() >= 2 ? parse_effect(fields[1]) : std::nullopt;
  REQUIRE_MESSAGE(expected, place << ": no effect stands in " << line);
  const Invocation invocation = understand_shell(with_blanks(fields[0]), packs, surroundings);
  ++tally.cases;
  if (invocation.effect == *expected) return;
  const bool hard = is_harmless(invocation.effect) && !is_harmless(*expected);
  const bool soft = !is_harmless(invocation.effect) && is_harmless(*expected);
  ++(hard ? tally.hard : (soft ? tally.soft : tally.other));
  tally.report += place + ": " + (hard ? "HARD " : (soft ? "soft " : "")) +
                  std::string(effect_name(invocation.effect)) + " instead of " + fields[1] + ": " +
                  fields[0] + "  (" + join(invocation.reasons, "; ") + ")\n";
}

}  // namespace

TEST_CASE("every command of the decision tables has its effect") {
  const PackSet packs;
  LoadedPostgresParser postgres;
  Surroundings surroundings;
  surroundings.postgres = &postgres;
  Tally tally;
  for (const std::filesystem::path& path : tables()) {
    std::ifstream file(path);
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      if (line.empty() || line.starts_with("# ")) continue;
      judge_line(line, path.filename().string() + ":" + std::to_string(number), packs, surroundings,
                 tally);
    }
  }
  INFO(tally.report);
  CHECK(tally.cases > 0);
  CHECK(tally.hard == 0);
  CHECK(tally.soft == 0);
  CHECK(tally.other == 0);
}
