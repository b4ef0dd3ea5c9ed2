#include "core/command/shell/variables.h"

#include <algorithm>

namespace prodaccess::shell {

bool is_one_word(const Value& value) {
  if (value.knowledge == Value::Knowledge::OneWord) return true;
  return value.knowledge == Value::Knowledge::Known && value.items.empty() && !value.text.empty() &&
         value.text.find_first_of(" \t\n*?[") == std::string::npos;
}

Value Variables::get(std::string_view name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second.value;
  if (environment_known_) {
    const auto outer = environment_.find(name);
    if (outer != environment_.end()) return Value::known(outer->second);
  }
  return {};
}

Value Variables::separators() const {
  const auto found = entries_.find("IFS");
  if (found != entries_.end() && found->second.value.knowledge != Value::Knowledge::Unset) {
    return found->second.value;
  }
  return environment_known_ || found != entries_.end() ? Value::known(" \t\n") : Value{};
}

void Variables::assign(std::string_view name, Value value) {
  auto found = entries_.find(name);
  const bool existed = found != entries_.end();
  if (!existed && entries_.size() >= kMostVariables) {
    overflowed_ = true;
    return;
  }
  if (!existed) found = entries_.emplace(std::string(name), Entry{}).first;
  if (marks_ != 0) changes_.push_back({found->first, found->second, existed});
  Entry& entry = found->second;
  if (all_distrusted_ || entry.distrusted) value = {};
  entry.value = std::move(value);
}

void Variables::distrust(std::string_view name) {
  assign(name, {});
  const auto found = entries_.find(name);
  if (found != entries_.end()) found->second.distrusted = true;
}

void Variables::forget_all() {
  environment_known_ = false;
  for (auto& [name, entry] : entries_) {
    if (marks_ != 0) changes_.push_back({name, entry, true});
    entry.value = {};
  }
}

void Variables::distrust_all() {
  forget_all();
  all_distrusted_ = true;
}

void Variables::mark_exported(std::string_view name) {
  auto found = entries_.find(name);
  if (found == entries_.end()) {
    assign(name, get(name));
    found = entries_.find(name);
  }
  if (found != entries_.end()) found->second.exported = true;
}

std::vector<Variables::Exported> Variables::exported() const {
  std::vector<Exported> list;
  for (const auto& [name, entry] : entries_) {
    const bool capitals = name[0] >= 'A' && name[0] <= 'Z' && name != "IFS" && name != "REPLY" &&
                          name != "MAPFILE" && name != "OPTARG";
    if (entry.exported || capitals) list.push_back({name, &entry.value});
  }
  return list;
}

Variables::Mark Variables::mark() {
  ++marks_;
  return changes_.size();
}

void Variables::put(const Change& change) {
  if (change.existed) {
    entries_.insert_or_assign(change.name, change.before);
  } else {
    entries_.erase(change.name);
  }
}

void Variables::blur(Mark mark) {
  --marks_;
  for (std::size_t i = mark; i < changes_.size(); ++i) {
    const auto found = entries_.find(changes_[i].name);
    if (found == entries_.end()) continue;
    const Value before = changes_[i].existed ? changes_[i].before.value : Value{};
    Value& value = found->second.value;
    if (value == before) continue;
    const bool one_word = is_one_word(value) && is_one_word(before);
    value = one_word ? Value::one_word() : Value{};
  }
  if (marks_ == 0) changes_.clear();
}

void Variables::forget_changed(Mark mark) {
  --marks_;
  for (std::size_t i = mark; i < changes_.size(); ++i) {
    const auto found = entries_.find(changes_[i].name);
    if (found != entries_.end()) found->second.value = {};
  }
  if (marks_ == 0) changes_.clear();
}

void Variables::restore(Mark mark) {
  --marks_;
  for (std::size_t i = changes_.size(); i > mark; --i) put(changes_[i - 1]);
  changes_.resize(mark);
}

void Variables::restore_only(Mark mark, const std::vector<std::string>& names) {
  --marks_;
  for (std::size_t i = changes_.size(); i > mark; --i) {
    const Change& change = changes_[i - 1];
    if (std::find(names.begin(), names.end(), change.name) != names.end()) put(change);
  }
  if (marks_ == 0) changes_.clear();
}

}  // namespace prodaccess::shell
