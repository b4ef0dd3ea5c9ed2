// libpg_query: PostgreSQL's own grammar as a library, opened when first asked for and never linked
// (Debian: libpg-query1504.0; https://github.com/pganalyze/libpg_query).
//
// A short text is parsed in this process: the grammar bounds its own stack. What is longer could
// make a tree so deep that writing it as JSON overflows the stack, so it is parsed in a child
// process with limits of its own, whose end, however it comes, costs only the answer.
//
// Threads: one PgQueryLibrary, one thread; the library's own state is per thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace prodaccess {

class PgQueryLibrary {
 public:
  static constexpr std::size_t kInProcess = std::size_t{32} << 10;  // bytes of text
  static constexpr std::size_t kLongest = std::size_t{1} << 20;

  // Null where the library is not installed or lacks a function.
  static std::unique_ptr<PgQueryLibrary> open();
  ~PgQueryLibrary();
  PgQueryLibrary(const PgQueryLibrary&) = delete;
  PgQueryLibrary& operator=(const PgQueryLibrary&) = delete;

  // The parse tree as JSON; absent if the text does not parse, is too long or holds a NUL.
  std::optional<std::string> parse(std::string_view sql);

 private:
  struct Functions;
  explicit PgQueryLibrary(std::unique_ptr<Functions> functions);

  std::unique_ptr<Functions> functions_;
};

}  // namespace prodaccess
