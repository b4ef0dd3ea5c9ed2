// The words that variables like TF_CLI_ARGS_plan add after the verb, as the packs name them.
//
// Pure.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/pack/arguments.h"
#include "core/command/pack/pack_blob.h"
#include "core/command/word.h"

namespace prodaccess::pack {

class EnvironmentOptions {
 public:
  EnvironmentOptions(const PackBlob& blob, const Arguments& arguments, Inner& inner);

  // `words` with the added ones before `--`, which stands at `dashes`.
  Words joined(const Words& words, std::size_t dashes) const;
  bool empty() const { return added_.empty(); }

 private:
  void add(std::string_view name, std::string_view verb, Inner& inner);

  Words added_;
};

}  // namespace prodaccess::pack
