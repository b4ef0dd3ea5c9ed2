// Arguments: the words of a command, sorted into verb, options and operands by its pack's grammar.
//
// Lifetime: views the blob and the words; both must outlive it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/command/pack/pack_blob.h"
#include "core/command/word.h"

namespace prodaccess::pack {

// A value given on the line: all of a word or the end of one.
struct Value {
  std::string_view text;
  bool known = true;
  bool glob = false;
  std::size_t word = 0;  // index of the word that holds it
};

struct OptionUse {
  std::uint32_t id = 0;     // 0: no listed option (only where the style takes such)
  std::string_view name;    // as typed, without a value
  std::string_view option;  // as the pack lists it; as typed where it lists none
  std::size_t word = 0;
  bool has_value = false;
  bool certain = true;      // false: part of the word is not on the line
  bool off = false;         // --no-x, --x=false
  bool structured = false;  // see OptionRecord
  Value value;              // Semicolon: the first word of several
  Value next;               // Optional without a value: the word after it, which may be meant
  std::size_t value_count = 0;
};

struct Arguments {
  const Words* words = nullptr;
  std::vector<const VerbRecord*> path;  // from the tool down to the verb
  std::vector<OptionUse> options;
  std::vector<Value> operands;
  std::vector<std::size_t> assignments;          // words NAME=value before a wrapper's command
  std::size_t after_dashes = std::string::npos;  // the first operand that stood after `--`
  std::size_t dashes = std::string::npos;        // the word `--`
  bool hidden = false;                           // there may be more words than the line shows
  bool verb_hidden = false;  // a word that is not on the line may be a further verb
  std::string unknown;       // why the words are not understood; empty: they are

  const VerbRecord& verb() const { return *path.back(); }
};

// `tool`: whose words; `words[0]` is the program. A verb given by the program's own name
// (git-reset) comes in as `dashed_verb`.
Arguments parse_arguments(const PackBlob& blob, const ToolRecord& tool, const Words& words,
                          std::string_view dashed_verb);

}  // namespace prodaccess::pack
