// ConditionCompiler: a pack's sources and conditions, from their written form to records.
//
// A source:  --replicas   the option's values      $1  $-1   an operand, the last operand
//            $2..         operands from the second $--       the words after `--`
//            @of          of=VALUE                 %kind     kinds of the resources named
//            env:NAME     a variable               stdin     standing input
//            member:GLOB|GLOB  the options, and the members within structured ones, of such a name:
//                         backup-retention-period, *logging*.enabled (with `.`: of such a path)
//            SOURCE#a.*.b a place within its JSON  'x or x   the text itself (targets only)
// A term:    SOURCE (is there)   SOURCE=GLOB|GLOB   SOURCE=@zero|@false|@true
//            SOURCE<5  SOURCE>5  SOURCE~text (its content, or the file it names, contains)
//            each with `!` before it for "not".
// A condition: terms parted by blanks, all of which must hold; a list of such: any of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/command/pack/option_scope.h"
#include "core/command/pack/pack_builder.h"

namespace prodaccess::pack {

class ConditionCompiler {
 public:
  // Gives the id of an option by name; absent: the tool has none of that name.
  using FindOption = std::function<std::optional<std::uint32_t>(const std::string& name)>;
  ConditionCompiler(PackBuilder& builder, FindOption find_option)
      : builder_(builder), find_option_(std::move(find_option)) {}

  // Both throw std::invalid_argument that says what is wrong.
  SourceRecord source(const std::string& written);
  ConditionRecord condition(const std::vector<std::string>& written);

 private:
  std::uint32_t option(const std::string& name);
  TermRecord term(std::string written);
  void compare(TermRecord& term, char sign, const std::string& value);

  PackBuilder& builder_;
  FindOption find_option_;
};

}  // namespace prodaccess::pack
