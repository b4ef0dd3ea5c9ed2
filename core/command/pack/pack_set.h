// PackSet: the grammars and verbs of all known tools, as data.
//
// The built-in packs are written as TOML under core/command/packs/, compiled by the build into one
// blob of offset tables that costs nothing at start-up (no relocations, no parsing). Packs of
// trusted configuration have the same form, are compiled by the same code at run time, and come
// first.
//
// Threads: immutable after construction.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/command/inner.h"
#include "core/command/invocation.h"
#include "core/command/word.h"

namespace prodaccess {

class PackSet {
 public:
  PackSet();  // the built-in packs
  ~PackSet();
  PackSet(PackSet&&) noexcept;
  PackSet& operator=(PackSet&&) noexcept;

  // Adds a pack of trusted configuration. Throws Error{Policy} with FILE:LINE:COLUMN.
  void add(std::string_view toml, const std::string& file);

  struct Listing {
    std::string tool;
    std::string verb;
    std::string effect;
    std::string source;  // what a built-in one was made from: "kubectl 1.32 --help"; or the file
  };
  std::vector<Listing> list() const;
  std::vector<std::string> tools() const;  // names and aliases, for `shell`'s wrappers

  // What steers the tool of this name beside its line, as its pack says ("" for nothing):
  // variables, perhaps with `*` at the end, and files (prodaccess-packs(5), steered_by).
  struct SteeredBy {
    std::string_view variables;
    std::string_view files;
  };
  SteeredBy steered_by(std::string_view tool) const;

  // The invocation that `words` (program first) make. Never throws for what was typed: an unknown
  // program, verb, option or body is opaque, with a reason.
  Invocation match(const Words& words, Inner& inner) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace prodaccess
