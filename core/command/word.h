// Word: one argument as far as the line tells it, and where it came from.
#pragma once

#include <string>
#include <vector>

namespace prodaccess {

struct Word {
  std::string text;   // the final text; where `known` is false, the known parts around the unknown
  bool known = true;  // false: holds an expansion whose value is not on the line
  bool quoted =
      false;  // some of it was quoted, so it is no option cluster, glob or keyword by accident
  bool splits = false;  // unknown and unquoted: may become any number of words
  bool glob = false;    // an unquoted pattern: stands for any number of file names

  Word() = default;
  Word(std::string value) : text(std::move(value)) {}  // a word of an argv: known as it is
};

using Words = std::vector<Word>;

}  // namespace prodaccess
