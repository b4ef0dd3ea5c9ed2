// DetailCompiler: the fields that a verb, a template and a tool have in common, from TOML to a
// DetailRecord. prodaccess-packs(5) describes them for operators.
#pragma once

#include <optional>
#include <string>

#include "core/base/config_table.h"
#include "core/command/pack/condition_compiler.h"
#include "core/command/pack/option_scope.h"
#include "core/command/pack/pack_builder.h"

namespace prodaccess::pack {

// One verb's table together with the template it uses; the verb's own fields win, lists are joined.
class VerbFields {
 public:
  VerbFields(ConfigTable own, std::optional<ConfigTable> base)
      : own_(std::move(own)), base_(std::move(base)) {}

  ConfigTable& own() { return own_; }
  // The table to take `key` from.
  ConfigTable& holder(std::string_view key) {
    return base_ && !own_.has(key) && base_->has(key) ? *base_ : own_;
  }
  // Both, the template's first.
  std::vector<ConfigTable*> both();
  // Throws for keys that nobody took.
  void finish();

 private:
  ConfigTable own_;
  std::optional<ConfigTable> base_;
};

struct CompiledDetail {
  std::optional<Effect> effect;
  std::string kind;
  bool may_destroy = false;  // the effect or that of a rule
  DetailRecord record;
  std::uint32_t index = kNone;  // where the builder keeps it
};

class DetailCompiler {
 public:
  DetailCompiler(PackBuilder& builder, ConditionCompiler::FindOption find_option)
      : builder_(builder), conditions_(builder, std::move(find_option)) {}

  // All fields but `options`, which the caller has put into `scope`.
  CompiledDetail compile(VerbFields& fields, const OptionScope& scope);
  // FIELD=SOURCE words; `table` is named in errors.
  TargetRecord target(ConfigTable& table, const std::string& written);

 private:
  void attributes(VerbFields& fields, DetailRecord& record);
  void sources(VerbFields& fields, const OptionScope& scope, DetailRecord& record);
  Range default_help(const OptionScope& scope);
  Range source_list(ConfigTable& table, std::string_view key);
  Range condition_list(VerbFields& fields, std::string_view key);
  ConditionRecord condition(ConfigTable& table, std::string_view key);
  RuleRecord rule(ConfigTable table, CompiledDetail& detail);
  InnerRecord inner(ConfigTable table);
  std::uint32_t preview(ConfigTable& holder);

  PackBuilder& builder_;
  ConditionCompiler conditions_;
};

// The value of `key` as a list, where one string may stand for a list of one.
std::vector<std::string> take_one_or_more(ConfigTable& table, std::string_view key);

}  // namespace prodaccess::pack
