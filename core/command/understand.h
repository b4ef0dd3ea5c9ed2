// understand: text in, Invocation out. No clock, no files, no environment of this process: whatever
// a command's meaning depends on comes in through Surroundings.
//
// It never throws for what a user typed: what cannot be understood is opaque, with a reason.
// Cost: linear in the length of the line. Threads: pure.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/command/command_line.h"
#include "core/command/invocation.h"

namespace prodaccess {

class PackSet;

// What one SQL statement list does. Made by the dialects' classifiers (core/command/sql/).
struct SqlFinding {
  Effect effect = Effect::Opaque;
  OpaqueCause opaque_cause = OpaqueCause::NotOpaque;
  std::vector<Target> targets;
  std::optional<bool> reversible;
  std::string
      count_query;  // a harmless SELECT count(*) of the rows concerned; "" where there is none
  std::vector<std::string> reasons;
};

// PostgreSQL's own grammar, opened when first needed (core/os/pg_query_loader); absent where the
// library is: then PostgreSQL text is classified by the cautious general lexer.
class PostgresParser {
 public:
  virtual ~PostgresParser() = default;
  // False where the grammar cannot be had; opens it if need be.
  virtual bool available() { return true; }
  // The parse tree as JSON (libpg_query's form), or absent if the text does not parse.
  virtual std::optional<std::string> parse(std::string_view sql) = 0;
};

struct Surroundings {
  // The content of a file named on the line; absent: unreadable. Empty function: no file is read.
  std::function<std::optional<std::string>(const std::string& path)> read_file;
  // What standing input will give, where it was buffered (`--judge-stdin`).
  std::optional<std::string> standard_input;
  // The environment that the command will see.
  std::map<std::string, std::string, std::less<>> environment;
  PostgresParser* postgres = nullptr;  // may be null
};

// `packs` are the built-in ones and those of trusted configuration.
Invocation understand(const CommandLine& command, const PackSet& packs,
                      const Surroundings& surroundings);

// The same for a line that a shell will read (`sh -c`, `policy explain --shell`).
Invocation understand_shell(std::string_view line, const PackSet& packs,
                            const Surroundings& surroundings);

}  // namespace prodaccess
