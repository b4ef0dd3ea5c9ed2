#include "core/command/pack/pack_set.h"

#include <algorithm>
#include <deque>

#include "core/command/pack/matcher.h"
#include "core/command/pack/pack_blob.h"
#include "core/command/pack/pack_compiler.h"

namespace prodaccess {
namespace {

using pack::PackBlob;
using pack::ToolName;
using pack::ToolRecord;
using pack::VerbRecord;

Invocation opaque(const Words& words, OpaqueCause cause, std::string reason) {
  Invocation result;
  for (const Word& word : words) result.argv.push_back(word.text);
  result.effect = Effect::Opaque;
  result.opaque_cause = cause;
  result.reasons.push_back(std::move(reason));
  return result;
}

// A path that anybody, or the project in the current folder, may have put a program at.
bool is_foreign_place(std::string_view program) {
  if (program.find('/') == std::string_view::npos) return false;
  if (program.front() != '/') return true;
  return program.find("/../") != std::string_view::npos || program.starts_with("/tmp/") ||
         program.starts_with("/var/tmp/") || program.starts_with("/dev/shm/");
}

struct Found {
  const ToolRecord* tool = nullptr;
  std::string_view dashed_verb;
};

Found find_tool(const PackBlob& blob, std::string_view program) {
  const auto names = blob.names();
  const auto prefixes = std::partition_point(names.begin(), names.end(),
                                             [](const ToolName& name) { return !name.prefix; });
  const auto exact = std::lower_bound(
      names.begin(), prefixes, program,
      [&](const ToolName& name, std::string_view word) { return blob.text(name.name) < word; });
  if (exact != prefixes && blob.text(exact->name) == program) return {&blob.tool(exact->tool), ""};
  for (auto name = prefixes; name != names.end(); ++name) {
    const std::string_view prefix = blob.text(name->name);
    if (!program.starts_with(prefix)) continue;
    const ToolRecord& tool = blob.tool(name->tool);
    const bool dashed = tool.dashed && prefix.ends_with('-') &&
                        prefix.substr(0, prefix.size() - 1) == blob.text(tool.name);
    return {&tool, dashed ? program.substr(prefix.size()) : ""};
  }
  return {};
}

void list_verbs(const PackBlob& blob, const ToolRecord& tool, const VerbRecord& verb,
                std::vector<PackSet::Listing>& listings) {
  const bool runnable = verb.detail == pack::kNone || blob.detail(verb.detail).runnable;
  const std::string_view path = blob.text(verb.path);
  if (runnable) {
    listings.push_back({std::string(blob.text(tool.name)), std::string(path),
                        std::string(effect_name(verb.effect)),
                        std::string(blob.text(tool.source))});
  }
  for (const VerbRecord& child : blob.verbs(verb.children)) {
    // An alias stands for a verb that is listed under its own name.
    if (blob.text(child.path).ends_with(blob.text(child.name))) {
      list_verbs(blob, tool, child, listings);
    }
  }
}

}  // namespace

struct PackSet::State {
  std::deque<std::string> bytes;   // of the packs added at run time
  std::vector<PackBlob> blobs;     // the last added first, the built-in one last
  std::vector<std::string> files;  // of each but the built-in one
};

PackSet::PackSet() : state_(std::make_unique<State>()) {
  state_->blobs.emplace_back(pack::built_in_packs());
}
PackSet::~PackSet() = default;
PackSet::PackSet(PackSet&&) noexcept = default;
PackSet& PackSet::operator=(PackSet&&) noexcept = default;

void PackSet::add(std::string_view toml, const std::string& file) {
  const auto no_table = [](const std::string&) { return std::optional<std::string>(); };
  state_->bytes.push_back(pack::compile_packs({{file, std::string(toml)}}, no_table));
  state_->blobs.emplace(state_->blobs.begin(), state_->bytes.back());
  state_->files.insert(state_->files.begin(), file);
}

std::vector<PackSet::Listing> PackSet::list() const {
  std::vector<Listing> listings;
  for (std::size_t i = 0; i < state_->blobs.size(); ++i) {
    const PackBlob& blob = state_->blobs[i];
    const std::size_t before = listings.size();
    for (const ToolRecord& tool : blob.tools()) {
      list_verbs(blob, tool, blob.verb(tool.root), listings);
    }
    if (i >= state_->files.size()) continue;
    for (std::size_t j = before; j < listings.size(); ++j) listings[j].source = state_->files[i];
  }
  return listings;
}

std::vector<std::string> PackSet::tools() const {
  std::vector<std::string> names;
  for (const PackBlob& blob : state_->blobs) {
    for (const ToolName& name : blob.names()) {
      if (!name.prefix) names.emplace_back(blob.text(name.name));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

PackSet::SteeredBy PackSet::steered_by(std::string_view tool) const {
  for (const PackBlob& blob : state_->blobs) {
    const Found found = find_tool(blob, tool);
    if (found.tool == nullptr) continue;
    return {blob.text(found.tool->variables), blob.text(found.tool->files)};
  }
  return {};
}

Invocation PackSet::match(const Words& words, Inner& inner) const {
  if (words.empty()) return opaque(words, OpaqueCause::Unknown, "there is no command");
  const Word& program = words.front();
  if (!program.known || program.glob) {
    return opaque(words, OpaqueCause::Hidden, "the program is not on the line");
  }
  const std::string_view path = program.text;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const PackBlob& blob : state_->blobs) {
    const Found found = find_tool(blob, name);
    if (found.tool == nullptr) continue;
    Invocation result = pack::match_tool(blob, *found.tool, words, found.dashed_verb, inner);
    if (is_foreign_place(path) && result.effect < Effect::Opaque) {
      result.effect = Effect::Opaque;
      result.opaque_cause = OpaqueCause::Program;
      result.reasons.push_back("'" + std::string(path) + "' need not be the system's program");
    }
    return result;
  }
  return opaque(words, OpaqueCause::Unknown, "no pack knows the program '" + program.text + "'");
}

}  // namespace prodaccess
