// Prints the count query of the PostgreSQL text on standing input; nothing where there is none.
// For the tests that compare it with a real server.
#include <iostream>
#include <iterator>

#include "cli/postgres_parser.h"
#include "core/command/language/classify.h"
#include "tests/fakes/scripted_inner.h"

int main() {
  prodaccess::LoadedPostgresParser parser;
  if (!parser.available()) return 3;
  prodaccess::ScriptedInner inner;
  const std::string sql{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  std::cout
      << prodaccess::classify(prodaccess::Language::Postgres, sql, &parser, inner).count_query;
  return 0;
}
