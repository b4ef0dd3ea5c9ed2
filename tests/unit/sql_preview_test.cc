#include "core/command/sql_preview.h"

#include <doctest/doctest.h>

#include "core/base/text.h"

using namespace prodaccess;

namespace {

const std::string kDelete = "delete from t where id = 1";

std::string counted(const std::vector<std::string>& argv) {
  const Words words(argv.begin(), argv.end());
  const Preview preview = count_preview(words, kDelete, "SELECT count(*) FROM t WHERE id = 1");
  if (preview.kind == PreviewKind::None) return "none";
  CHECK(preview.output_is_count);
  std::vector<std::string> shown = preview.argv;
  REQUIRE(shown.back().starts_with("BEGIN READ ONLY; "));
  REQUIRE(shown.back().ends_with("; SELECT count(*) FROM t WHERE id = 1; ROLLBACK"));
  shown.pop_back();
  return join(shown, " ");
}

}  // namespace

TEST_CASE("a count connects as the command does and takes nothing else of it") {
  CHECK(counted({"psql", "-c", kDelete}) == "psql -XAtqw -c");
  CHECK(counted({"/usr/bin/psql", "-Xc", kDelete}) == "/usr/bin/psql -XAtqw -c");
  CHECK(counted({"psql", "-qAtc" + kDelete}) == "psql -XAtqw -c");
  CHECK(counted({"psql", "--command=" + kDelete, "shop", "ana"}) == "psql -XAtqw shop ana -c");
  CHECK(counted({"psql", "-hdb", "-p", "5433", "--username=u", "--dbname", "shop", "-c",
                 kDelete}) == "psql -XAtqw -h db -p 5433 -U u -d shop -c");
  CHECK(counted({"psql", "-v", "ON_ERROR_STOP=1", "-1", "-o", "out", "-L", "log", "-c", kDelete}) ==
        "psql -XAtqw -c");
  CHECK(counted({"psql", "-f", "script.sql"}) == "psql -XAtqw -c");
}

TEST_CASE("what is more than one statement source has no count: none may run in a preview") {
  CHECK(counted({"psql", "-c", kDelete, "-c", "delete from u"}) == "none");
  CHECK(counted({"psql", "-c", "set search_path = other", "-c", kDelete}) == "none");
  CHECK(counted({"psql", "-f", "a.sql", "-c", kDelete}) == "none");
  CHECK(counted({"psql", "-c" + kDelete, "--file=a.sql"}) == "none");
  CHECK(counted({"psql", "-c", "delete from t"}) == "none");
  CHECK(counted({"psql", "-f", "-"}) == "none");
  CHECK(counted({"psql"}) == "none");
}

TEST_CASE("options that are not known, and other clients, have no count") {
  CHECK(counted({"psql", "-c", kDelete, "--no-psqlr"}) == "none");
  CHECK(counted({"psql", "-c", kDelete, "--"}) == "none");
  CHECK(counted({"psql", "-lc", kDelete}) == "none");
  CHECK(counted({"psql", "-c", kDelete, "-h"}) == "none");
  CHECK(counted({"psql", "--quiet=x", "-c", kDelete}) == "none");
  CHECK(counted({"pgcli", "-c", kDelete}) == "none");
  Words words{Word("psql"), Word("-c"), Word(kDelete), Word("db")};
  words.back().known = false;
  CHECK(count_preview(words, kDelete, "SELECT 1").kind == PreviewKind::None);
}
