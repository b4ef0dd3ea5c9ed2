// OptionScope: the options that may stand at one place of a command, while a pack is compiled.
//
// Written as words parted by blanks: names joined by `|`, then what the option takes.
//   -f|--force          nothing
//   -o|--output=        a value, attached or the next word
//   --color=?           a value only if attached
//   --instance-ids=*    all words up to the next option
//   -exec=;             words up to `;` or `+`
//   --filter=#  =#*     a value, values that are JSON or the AWS CLI's shorthand
//   @kubectl-delete     the options of the [[option_list]] of that name
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/command/pack/pack_builder.h"

namespace prodaccess::pack {

class OptionScope {
 public:
  // `parent`: the scope around, may be null; must outlive this one.
  explicit OptionScope(const OptionScope* parent) : parent_(parent) {}

  // Finds the text of an option list; absent: no such list.
  using Lists = std::function<std::optional<std::string>(const std::string& name)>;

  // Adds the options that `spec` describes. Returns what is wrong with it, or "".
  std::string add(std::string_view spec, const Lists& lists, PackBuilder& builder);

  // The id of the option with that name here or in a scope around.
  std::optional<std::uint32_t> find(const std::string& name) const;
  std::optional<std::uint32_t> find_here(const std::string& name) const;

  // The records of this scope alone, sorted by name.
  std::vector<OptionRecord> records(PackBuilder& builder) const;

 private:
  struct Entry {
    std::uint32_t id;
    Arity arity;
    bool structured;
  };
  std::string add_one(std::string_view item, PackBuilder& builder);
  const Entry* entry(const std::string& name) const;  // here or around; null: none

  const OptionScope* parent_;
  std::map<std::string, Entry> entries_;
};

}  // namespace prodaccess::pack
