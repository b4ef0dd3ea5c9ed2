#include "core/command/pack/tool_compiler.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/command/pack/word_list.h"

namespace prodaccess::pack {
namespace {

struct Style {
  std::string_view name;
  std::uint32_t flags;
};

constexpr std::uint32_t kCobra = kClusters | kBoolValues;
constexpr Style kStyles[] = {
    {"gnu", kClusters | kAbbreviate},
    {"plain", kClusters},
    {"cobra", kCobra},
    {"go", kSingleDashLong | kBoolValues},
    {"aws", kAbbreviate | kNegation | kUnknownTakesValues},
    {"git", kClusters | kAbbreviate | kNegation | kGlobalsFirst},
    {"gcloud", kClusters | kNegation | kBoolValues},
    {"words", kNoOptions},
    // What can be added to one of the above.
    {"abbreviate", kAbbreviate},
    {"bundle-first", kBundleFirst},
    {"globals-first", kGlobalsFirst},
    {"negation", kNegation},
    {"single-dash-long", kSingleDashLong},
    {"unknown-takes-values", kUnknownTakesValues},
};

constexpr Effect kEffects[] = {Effect::Read,  Effect::Write,     Effect::Opaque,
                               Effect::Exfil, Effect::Privilege, Effect::Destructive};

std::string parent_path(const std::string& path) {
  const auto blank = path.rfind(' ');
  return blank == std::string::npos ? "" : path.substr(0, blank);
}

// A row's options stand without their dashes.
std::string row_spec(const std::string& names) {
  std::string spec;
  for (const std::string& name : word_list(names)) spec += " --" + name;
  return spec;
}

}  // namespace

void ToolCompiler::compile(ConfigTable tool, const std::string& file) {
  const std::string name = tool.require_string("name");
  ToolRecord record;
  record.name = builder_.text(name);
  record.source = builder_.text(tool.take_string("source").value_or(file));
  record.system = builder_.text(tool.take_string("system").value_or(name));
  record.alias_file = builder_.text(tool.take_string("alias_file").value_or(""));
  if (auto steered = tool.take_table("steered_by")) {
    record.variables = builder_.text(steered->take_string("variables").value_or(""));
    record.files = builder_.text(steered->take_string("files").value_or(""));
    steered->finish();
  }
  record.dashed = tool.take_bool("dashed").value_or(false);
  style_ = record.style = take_style(tool);
  take_names(tool, record, name);
  take_kinds(tool, record);
  add_options(scope_, tool);
  take_templates(tool);
  for (ConfigTable& verb : tool.take_tables("verb")) take_verb(std::move(verb));
  take_effect_lists(tool);
  take_table_rows(tool);
  if ((style_ & (kCobra | kNegation | kSingleDashLong)) == kCobra) add_completion();
  take_root(tool);
  tool.finish();
  require_previews(tool, root_, false);

  DetailRecord group;
  group.runnable = false;
  builder_.details.push_back(group);
  const auto group_detail = static_cast<std::uint32_t>(builder_.details.size() - 1);
  record.root = lay_out(root_, builder_, group_detail);
  builder_.tools.push_back(record);
}

void ToolCompiler::take_names(ConfigTable& tool, ToolRecord& record, const std::string& name) {
  std::vector<std::string> names = tool.take_strings("aliases");
  names.push_back(name);
  if (record.dashed) names.push_back(name + "-*");
  for (std::string& one : names) {
    ToolName entry;
    entry.prefix = one.ends_with('*');
    if (entry.prefix) one.pop_back();
    if (one.empty() || one.find_first_of("/ *") != std::string::npos) {
      tool.fail("name", "a tool's name is that of its program, perhaps with '*' at the end");
    }
    entry.name = builder_.text(one);
    entry.tool = static_cast<std::uint32_t>(builder_.tools.size());
    const bool taken =
        std::any_of(builder_.names.begin(), builder_.names.end(), [&](const ToolName& other) {
          return other.prefix == entry.prefix && builder_.view(other.name) == one;
        });
    if (taken) tool.fail("name", "the tool '" + one + "' is described twice");
    builder_.names.push_back(entry);
  }
}

std::uint32_t ToolCompiler::take_style(ConfigTable& tool) {
  std::uint32_t flags = 0;
  for (const std::string& word : word_list(tool.take_string("style").value_or("gnu"))) {
    const auto* found = std::find_if(std::begin(kStyles), std::end(kStyles),
                                     [&](const Style& style) { return style.name == word; });
    if (found == std::end(kStyles)) tool.fail("style", "no style named '" + word + "'");
    flags |= found->flags;
  }
  return flags;
}

void ToolCompiler::take_kinds(ConfigTable& tool, ToolRecord& record) {
  auto table = tool.take_table("kinds");
  if (!table) return;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& kind : table->keys()) {
    pairs.emplace_back(kind, kind);
    for (const std::string& alias : word_list(table->require_string(kind))) {
      pairs.emplace_back(alias, kind);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<KindRecord> records;
  records.reserve(pairs.size());
  for (const auto& [alias, kind] : pairs) {
    records.push_back({builder_.text(alias), builder_.text(kind)});
  }
  record.kinds = builder_.append(builder_.kinds, records);
}

void ToolCompiler::add_options(OptionScope& scope, ConfigTable& table) {
  const std::string spec = table.take_string("options").value_or("");
  if (auto problem = scope.add(spec, lists_, builder_); !problem.empty()) {
    table.fail("options", problem);
  }
  for (const OptionRecord& option : scope.records(builder_)) {
    every_option_.emplace(builder_.view(option.name), option.id);
  }
}

void ToolCompiler::take_templates(ConfigTable& tool) {
  for (ConfigTable& one : tool.take_tables("template")) {
    const std::string name = one.require_string("name");
    if (!templates_.emplace(name, one).second) one.fail("name", "a template of that name exists");
  }
}

CompiledDetail ToolCompiler::compile_fields(VerbFields& fields, OptionScope& scope) {
  const auto find = [this, &scope](const std::string& name) -> std::optional<std::uint32_t> {
    if (const auto id = scope.find(name)) return id;
    if (const auto found = every_option_.find(name); found != every_option_.end()) {
      return found->second;
    }
    if ((style_ & kUnknownTakesValues) == 0) return std::nullopt;
    scope.add(name + "=*", lists_, builder_);
    return scope.find(name);
  };
  CompiledDetail detail = DetailCompiler(builder_, find).compile(fields, scope);
  detail.index = keep(detail.record);
  return detail;
}

void ToolCompiler::take_verb(ConfigTable verb) {
  if (!verb.has("path")) verb.fail("path", "a verb needs 'path'");
  const auto paths = take_one_or_more(verb, "path");
  std::optional<ConfigTable> base;
  if (const auto use = verb.take_string("use")) {
    const auto found = templates_.find(*use);
    if (found == templates_.end()) verb.fail("use", "no template named '" + *use + "'");
    base = found->second;
  }
  std::vector<VerbNode*> nodes;
  for (const std::string& path : paths) {
    for (VerbNode* node : nodes_at(root_, path)) nodes.push_back(node);
  }
  if (nodes.empty() || nodes.front() == &root_) verb.fail("path", "'path' is empty");
  const std::string first = nodes.front()->path;
  const OptionScope* parent = &scope_;
  for (std::string up = parent_path(first); !up.empty(); up = parent_path(up)) {
    if (const auto found = group_scopes_.find(up); found != group_scopes_.end()) {
      parent = found->second.get();
      break;
    }
  }
  auto scope = std::make_unique<OptionScope>(parent);
  VerbFields fields(std::move(verb), std::move(base));
  for (ConfigTable* table : fields.both()) add_options(*scope, *table);
  const CompiledDetail detail = compile_fields(fields, *scope);
  fields.finish();
  for (VerbNode* node : nodes) {
    if (node->explicit_)
      fields.own().fail("path", "the verb '" + node->path + "' is described twice");
    node->explicit_ = true;
    set(*node, detail.effect.value_or(Effect::Read), detail.kind, &detail);
    if (!detail.effect && detail.record.runnable) {
      fields.own().fail("path", "the verb '" + node->path + "' has no effect");
    }
  }
  group_scopes_[first] = std::move(scope);
}

void ToolCompiler::set(VerbNode& node, Effect effect, const std::string& kind,
                       const CompiledDetail* detail) {
  node.defined = true;
  node.effect = effect;
  node.kind = kind;
  node.may_destroy = effect == Effect::Destructive || (detail != nullptr && detail->may_destroy);
  if (detail != nullptr) node.detail = detail->index;
}

std::uint32_t ToolCompiler::keep(const DetailRecord& record) {
  builder_.details.push_back(record);
  return static_cast<std::uint32_t>(builder_.details.size() - 1);
}

void ToolCompiler::take_effect_lists(ConfigTable& tool) {
  for (const Effect effect : kEffects) {
    const std::string key(effect_name(effect));
    for (const std::string& path : tool.take_strings(key)) {
      for (VerbNode* node : nodes_at(root_, path)) {
        if (node->defined) tool.fail(key, "the verb '" + node->path + "' is described twice");
        set(*node, effect, "", nullptr);
      }
    }
  }
}

// What shells call for completions of a command line (cobra, ShellCompRequestCmd): the words after
// it are looked at and not obeyed.
void ToolCompiler::add_completion() {
  if (root_.children.empty()) return;
  CompiledDetail detail;
  detail.record.no_options = true;
  detail.index = keep(detail.record);
  for (const char* name : {"__complete", "__completeNoDesc"}) {
    set(*nodes_at(root_, name).front(), Effect::Read, "", &detail);
  }
}

const CompiledDetail& ToolCompiler::template_detail(ConfigTable& tool, const std::string& name) {
  const auto done = compiled_templates_.find(name);
  if (done != compiled_templates_.end()) return done->second;
  const auto found = templates_.find(name);
  if (found == templates_.end()) tool.fail("table", "no template named '" + name + "'");
  ConfigTable own = found->second;
  std::optional<ConfigTable> base;
  if (const auto use = own.take_string("use")) {
    const auto general = templates_.find(*use);
    if (general == templates_.end()) own.fail("use", "no template named '" + *use + "'");
    base = general->second;
  }
  OptionScope scope(&scope_);
  VerbFields fields(std::move(own), std::move(base));
  for (ConfigTable* table : fields.both()) add_options(scope, *table);
  CompiledDetail detail = compile_fields(fields, scope);
  fields.finish();
  return compiled_templates_.emplace(name, detail).first->second;
}

Range ToolCompiler::row_options(const std::string& names) {
  if (names.empty()) return {};
  const auto known = row_options_.find(names);
  if (known != row_options_.end()) return known->second;
  OptionScope scope(nullptr);
  scope.add(row_spec(names), lists_, builder_);
  return row_options_[names] = builder_.append(builder_.options, scope.records(builder_));
}

// Parted by semicolons, each as packs write them.
Range ToolCompiler::row_targets(ConfigTable& tool, const std::string& options,
                                const std::string& written) {
  OptionScope scope(&scope_);
  scope.add(row_spec(options), lists_, builder_);
  DetailCompiler compiler(builder_, [&scope](const std::string& name) { return scope.find(name); });
  std::vector<TargetRecord> records;
  for (const std::string& one : split(written, ';')) {
    records.push_back(compiler.target(tool, one + " account=--profile region=--region"));
  }
  return builder_.append(builder_.targets, records);
}

void ToolCompiler::take_row(ConfigTable& tool, const std::vector<std::string>& cells,
                            const std::string& where) {
  const auto effect = cells.size() > 1 ? parse_effect(cells[1]) : std::nullopt;
  if (!effect || cells.size() > 7) {
    tool.fail("table", where +
                           " must be VERB, effect, template, kind, preview, options, targets, "
                           "parted by tabs");
  }
  const Range options = row_options(cells.size() > 5 ? cells[5] : "");
  const Range targets = cells.size() > 6 ? row_targets(tool, cells[5], cells[6]) : Range{};
  for (VerbNode* node : nodes_at(root_, cells[0])) {
    if (node->explicit_) continue;
    const bool named = cells.size() > 2 && !cells[2].empty();
    const bool preview = cells.size() > 4 && !cells[4].empty();
    CompiledDetail detail = named ? template_detail(tool, cells[2]) : CompiledDetail{};
    if (preview) {
      PreviewRecord record;
      record.kind = 2;  // a read
      record.argv = builder_.text(cells[4]);
      builder_.previews.push_back(record);
      detail.record.preview = static_cast<std::uint32_t>(builder_.previews.size() - 1);
      detail.index = keep(detail.record);
    }
    node->options = options;
    node->targets = targets;
    set(*node, *effect, cells.size() > 3 ? cells[3] : detail.kind, &detail);
  }
}

void ToolCompiler::take_table_rows(ConfigTable& tool) {
  for (const std::string& name : take_one_or_more(tool, "table")) {
    const auto content = read_table_(name);
    if (!content) tool.fail("table", "there is no table '" + name + "'");
    std::size_t number = 0;
    for (const std::string& line : split(*content, '\n')) {
      ++number;
      if (line.empty() || line.front() == '#') continue;
      take_row(tool, split(line, '\t'), name + ":" + std::to_string(number));
    }
  }
}

void ToolCompiler::take_root(ConfigTable& tool) {
  const bool has_verbs = !root_.children.empty();
  if (has_verbs && root_.find("help") == nullptr) {
    set(*nodes_at(root_, "help").front(), Effect::Read, "", nullptr);
  }
  VerbFields fields(std::move(tool), std::nullopt);
  CompiledDetail detail = compile_fields(fields, scope_);
  if (!detail.effect) {
    if (!has_verbs) fields.own().fail("name", "a tool needs an effect or verbs");
    builder_.details[detail.index].runnable = false;
  }
  set(root_, detail.effect.value_or(Effect::Read), detail.kind, &detail);
  tool = std::move(fields.own());
}

void ToolCompiler::require_previews(const ConfigTable& tool, const VerbNode& node,
                                    bool inherited) const {
  const bool has =
      inherited || (node.detail != kNone && builder_.details[node.detail].preview != kNone);
  if (node.may_destroy && !has) {
    tool.fail("name", "'" + node.path + "' can destroy and has no preview (or says \"none\")");
  }
  for (const auto& [name, child] : node.children) require_previews(tool, *child, has);
}

}  // namespace prodaccess::pack
