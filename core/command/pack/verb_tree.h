// VerbTree: the verbs of one tool while its pack is compiled, and their layout in the blob.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/command/pack/pack_builder.h"

namespace prodaccess::pack {

struct VerbNode {
  std::string name;
  std::string path;
  std::vector<std::string> aliases;
  Effect effect = Effect::Read;
  std::string kind;
  std::uint32_t detail = kNone;
  Range options;
  Range targets;
  bool defined = false;    // a pack's own [[verb]] or list entry, not only a group on the way
  bool explicit_ = false;  // a [[verb]], which wins over lists and tables
  bool may_destroy = false;
  std::map<std::string, std::unique_ptr<VerbNode>, std::less<>> children;

  // The child of that name or alias; null if there is none.
  VerbNode* find(std::string_view word);
};

// Every node that a written path stands for, made where missing. Words are parted by blanks; in a
// word `a|b` are names of one verb and `a,b` are two verbs: "get manifest,notes", "list|ls".
std::vector<VerbNode*> nodes_at(VerbNode& root, std::string_view path);

// Puts the tree into the blob; returns the index of the root's record.
std::uint32_t lay_out(VerbNode& root, PackBuilder& builder, std::uint32_t group_detail);

}  // namespace prodaccess::pack
