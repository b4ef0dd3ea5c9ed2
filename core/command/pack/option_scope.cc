#include "core/command/pack/option_scope.h"

#include "core/base/text.h"
#include "core/command/pack/word_list.h"

namespace prodaccess::pack {
namespace {

struct Ending {
  std::string_view text;
  Arity arity = Arity::None;
  bool structured = false;
};

// Cuts what an option takes off the end of its description.
Ending take_ending(std::string_view& item) {
  constexpr Ending kEndings[] = {{"=#*", Arity::Many, true},      {"=#", Arity::Required, true},
                                 {"=?", Arity::Optional, false},  {"=*", Arity::Many, false},
                                 {"=;", Arity::Semicolon, false}, {"=!", Arity::Last, false},
                                 {"=", Arity::Required, false}};
  for (const Ending& ending : kEndings) {
    if (item.size() > ending.text.size() && item.ends_with(ending.text)) {
      item.remove_suffix(ending.text.size());
      return ending;
    }
  }
  return {};
}

}  // namespace

std::string OptionScope::add_one(std::string_view item, PackBuilder& builder) {
  const std::string original(item);
  const Ending ending = take_ending(item);
  const auto names = split(item, '|');
  std::string canonical = names.front();
  for (const std::string& name : names) {
    if (name.empty() || name == "+" || name.find('=') != std::string::npos ||
        (name.front() != '-' && name.front() != '+')) {
      return "'" + original + "' is no option";
    }
    if (name.starts_with("--") && !canonical.starts_with("--")) canonical = name;
  }
  std::uint32_t id = builder.text(canonical).offset;
  // One that takes another thing than that of the scope around is another option: `-version` asks
  // for help, `kv rollback -version=2` does not.
  for (const std::string& name : names) {
    const Entry* outer = parent_ != nullptr ? parent_->entry(name) : nullptr;
    if (outer != nullptr && (outer->arity == Arity::None) != (ending.arity == Arity::None)) {
      id = builder.text(canonical + "=").offset;
    }
  }
  // A name that is listed already says which option this is.
  for (const std::string& name : names) {
    if (const auto known = entries_.find(name); known != entries_.end()) id = known->second.id;
  }
  for (const std::string& name : names) entries_[name] = {id, ending.arity, ending.structured};
  return "";
}

std::string OptionScope::add(std::string_view spec, const Lists& lists, PackBuilder& builder) {
  for (const std::string& item : word_list(spec)) {
    if (item.front() != '@') {
      if (auto problem = add_one(item, builder); !problem.empty()) return problem;
      continue;
    }
    const auto list = lists(item.substr(1));
    if (!list) return "no option_list named '" + item.substr(1) + "'";
    if (list->find('@') != std::string::npos) return "an option_list cannot name another";
    if (auto problem = add(*list, lists, builder); !problem.empty()) return problem;
  }
  return "";
}

const OptionScope::Entry* OptionScope::entry(const std::string& name) const {
  for (const OptionScope* scope = this; scope != nullptr; scope = scope->parent_) {
    const auto found = scope->entries_.find(name);
    if (found != scope->entries_.end()) return &found->second;
  }
  return nullptr;
}

std::optional<std::uint32_t> OptionScope::find_here(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return std::nullopt;
  return found->second.id;
}

std::optional<std::uint32_t> OptionScope::find(const std::string& name) const {
  const Entry* found = entry(name);
  return found == nullptr ? std::nullopt : std::optional(found->id);
}

std::vector<OptionRecord> OptionScope::records(PackBuilder& builder) const {
  std::vector<OptionRecord> records;
  records.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) {
    records.push_back({builder.text(name), entry.id, entry.arity, entry.structured});
  }
  return records;
}

}  // namespace prodaccess::pack
