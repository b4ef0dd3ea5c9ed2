// Inner: what the pack matcher asks of the rest of the understanding when a command carries another
// command, a script or a query inside. understand.cc implements it; recursion is limited there, and
// a limit only ever makes the answer more severe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/command/invocation.h"
#include "core/command/understand.h"
#include "core/command/word.h"

namespace prodaccess {

enum class Language : std::uint8_t {
  Postgres,
  Mysql,
  Sqlite,
  BigQuery,
  GenericSql,
  Mongosh,
  Redis,   // one command, its words joined by blanks and quoted as redis-cli reads them
  Python,  // inline code of an interpreter: inner command strings found, else opaque
  JavaScript,
  Perl,
  Ruby,
  Php,
  Awk,
  Sed,
  Groovy,
  Lua,
};

class Inner {
 public:
  virtual ~Inner() = default;
  // `sudo`, `env`, `xargs`, `kubectl exec --`, ...: words of another command.
  virtual Invocation command(const Words& words) = 0;
  // `sh -c`, `ssh host ...`, `watch`, `su -c`: text that a shell will parse.
  virtual Invocation shell(const Word& text) = 0;
  // `psql -c`, `mysql -e`, `python -c`, ...: text in another language.
  virtual Invocation code(Language language, const Word& text) = 0;
  // The content of a file named on the line; absent: unreadable or unknown name.
  virtual std::optional<std::string> file(const Word& path) = 0;
  // What the command will read on standing input, where the line or the caller tells (heredoc,
  // here-string, `echo ... |`, a buffered stdin).
  virtual std::optional<std::string> standard_input() = 0;
  // A variable of the command's environment, leading assignments included.
  virtual std::optional<std::string> variable(std::string_view name) = 0;
};

}  // namespace prodaccess
