// ToolCompiler: one [[tool]] of a pack file, from TOML to its records in the blob.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/base/config_table.h"
#include "core/command/pack/detail_compiler.h"
#include "core/command/pack/option_scope.h"
#include "core/command/pack/pack_builder.h"
#include "core/command/pack/pack_compiler.h"
#include "core/command/pack/verb_tree.h"

namespace prodaccess::pack {

class ToolCompiler {
 public:
  ToolCompiler(PackBuilder& builder, const OptionScope::Lists& lists, const ReadTable& read_table)
      : builder_(builder), lists_(lists), read_table_(read_table), scope_(nullptr) {}

  // `file`: what listings say where the pack gives no `source`.
  void compile(ConfigTable tool, const std::string& file);

 private:
  void take_names(ConfigTable& tool, ToolRecord& record, const std::string& name);
  std::uint32_t take_style(ConfigTable& tool);
  void take_kinds(ConfigTable& tool, ToolRecord& record);
  void take_templates(ConfigTable& tool);
  void take_effect_lists(ConfigTable& tool);
  void add_completion();
  void take_verb(ConfigTable verb);
  void take_table_rows(ConfigTable& tool);
  void take_row(ConfigTable& tool, const std::vector<std::string>& cells, const std::string& where);
  Range row_options(const std::string& names);
  Range row_targets(ConfigTable& tool, const std::string& options, const std::string& written);
  const CompiledDetail& template_detail(ConfigTable& tool, const std::string& name);
  CompiledDetail compile_fields(VerbFields& fields, OptionScope& scope);
  void add_options(OptionScope& scope, ConfigTable& table);
  void set(VerbNode& node, Effect effect, const std::string& kind, const CompiledDetail* detail);
  std::uint32_t keep(const DetailRecord& record);
  void take_root(ConfigTable& tool);
  void require_previews(const ConfigTable& tool, const VerbNode& node, bool inherited) const;

  PackBuilder& builder_;
  const OptionScope::Lists& lists_;
  const ReadTable& read_table_;
  OptionScope scope_;
  std::map<std::string, std::uint32_t> every_option_;  // of the whole tool, by name
  std::map<std::string, ConfigTable> templates_;
  std::map<std::string, CompiledDetail> compiled_templates_;
  std::map<std::string, Range> row_options_;  // of the rows so far, by their written form
  std::map<std::string, std::unique_ptr<OptionScope>> group_scopes_;  // by path
  VerbNode root_;
  std::uint32_t style_ = 0;
};

}  // namespace prodaccess::pack
