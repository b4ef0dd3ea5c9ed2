#include "core/command/pack/verb_tree.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/command/pack/word_list.h"

namespace prodaccess::pack {
namespace {

VerbNode& child_of(VerbNode& parent, const std::vector<std::string>& names) {
  VerbNode* found = parent.find(names.front());
  if (found == nullptr) {
    auto node = std::make_unique<VerbNode>();
    node->name = names.front();
    node->path = parent.path.empty() ? node->name : parent.path + " " + node->name;
    found = node.get();
    parent.children.emplace(node->name, std::move(node));
  }
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (parent.find(names[i]) == nullptr) found->aliases.push_back(names[i]);
  }
  return *found;
}

VerbRecord record_of(const VerbNode& node, PackBuilder& builder, std::uint32_t group_detail) {
  VerbRecord record;
  record.name = builder.text(node.name);
  record.path = builder.text(node.path);
  record.effect = node.effect;
  record.options = node.options;
  record.targets = node.targets;
  record.detail = node.defined ? node.detail : group_detail;
  if (!node.kind.empty()) {
    record.kind = static_cast<std::uint32_t>(builder.texts.size());
    builder.texts.push_back(builder.text(node.kind));
  }
  return record;
}

// Lays out the children of `node` as one sorted run and returns where.
Range lay_out_children(const VerbNode& node, PackBuilder& builder, std::uint32_t group_detail) {
  std::vector<std::pair<std::string, const VerbNode*>> names;
  for (const auto& [name, child] : node.children) {
    names.emplace_back(name, child.get());
    for (const std::string& alias : child->aliases) names.emplace_back(alias, child.get());
  }
  std::sort(names.begin(), names.end());
  const Range range{static_cast<std::uint32_t>(builder.verbs.size()),
                    static_cast<std::uint32_t>(names.size())};
  builder.verbs.resize(builder.verbs.size() + names.size());
  std::map<const VerbNode*, VerbRecord> done;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const VerbNode* child = names[i].second;
    auto found = done.find(child);
    if (found == done.end()) {
      VerbRecord record = record_of(*child, builder, group_detail);
      record.children = lay_out_children(*child, builder, group_detail);
      found = done.emplace(child, record).first;
    }
    VerbRecord record = found->second;
    record.name = builder.text(names[i].first);
    builder.verbs[range.first + i] = record;
  }
  return range;
}

}  // namespace

VerbNode* VerbNode::find(std::string_view word) {
  const auto found = children.find(word);
  if (found != children.end()) return found->second.get();
  for (const auto& [key, child] : children) {
    for (const std::string& alias : child->aliases) {
      if (alias == word) return child.get();
    }
  }
  return nullptr;
}

std::vector<VerbNode*> nodes_at(VerbNode& root, std::string_view path) {
  std::vector<VerbNode*> nodes{&root};
  for (const std::string& word : word_list(path)) {
    std::vector<VerbNode*> next;
    for (VerbNode* node : nodes) {
      for (const std::string& one : split(word, ',')) {
        next.push_back(&child_of(*node, split(one, '|')));
      }
    }
    nodes = std::move(next);
  }
  return nodes;
}

std::uint32_t lay_out(VerbNode& root, PackBuilder& builder, std::uint32_t group_detail) {
  VerbRecord record = record_of(root, builder, group_detail);
  record.children = lay_out_children(root, builder, group_detail);
  builder.verbs.push_back(record);
  return static_cast<std::uint32_t>(builder.verbs.size() - 1);
}

}  // namespace prodaccess::pack
