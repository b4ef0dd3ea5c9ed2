// parse_shell: a line as POSIX sh and bash read it, down to the argv lists that it may run.
//
// Every command that could run under any branch, loop, function, substitution or trap is listed;
// what cannot be followed is marked, so that hiding never helps. Linear time and stack in the
// line's length.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/command/word.h"

namespace prodaccess {

struct Redirect {
  enum class Kind { Read, Write, Append, ReadWrite, Clobber, Heredoc, HereString, Duplicate };
  Kind kind = Kind::Write;
  int descriptor = 1;
  bool both = false;  // &> and >&: standard error goes there too
  Word target;        // file, descriptor, or the body of a heredoc or here-string
};

struct SimpleCommand {
  // Variables set before it on the line that its environment is likely to hold (exported, or named
  // in capitals), then those set for it alone; the last of a name counts.
  std::vector<std::pair<std::string, Word>> assignments;
  Words words;  // empty: assignments or redirects alone
  std::vector<Redirect> redirects;
  // What stands on standing input where the line tells: a heredoc, a here-string, or the output of
  // `echo`/`printf` with known words just before in the pipeline.
  std::optional<Word> input;
  bool from_pipe = false;  // standing input is another command's output
  bool to_pipe = false;
  bool group = false;  // the redirects of a compound command, which stand before its commands
};

struct Script {
  std::vector<SimpleCommand> commands;  // in the order of the text
  // Why something could not be followed: "nested deeper than 64", "unclosed quote". Each makes the
  // verdict at least opaque and as severe as destructive.
  std::vector<std::string> problems;
};

// `environment`: variables whose values are known.
Script parse_shell(std::string_view line,
                   const std::map<std::string, std::string, std::less<>>& environment);

}  // namespace prodaccess
