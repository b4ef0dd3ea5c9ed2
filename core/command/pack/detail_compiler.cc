#include "core/command/pack/detail_compiler.h"

#include <stdexcept>

#include "core/base/text.h"
#include "core/command/inner.h"
#include "core/command/pack/word_list.h"

namespace prodaccess::pack {
namespace {

const std::vector<std::string>& effect_names() {
  static const std::vector<std::string> names{"read",  "write",     "opaque",
                                              "exfil", "privilege", "destructive"};
  return names;
}

// The order of InnerForm, then that of Language.
const std::vector<std::string>& form_names() {
  static const std::vector<std::string> names{"argv",   "shell",      "joined", "postgres", "mysql",
                                              "sqlite", "bigquery",   "sql",    "mongosh",  "redis",
                                              "python", "javascript", "perl",   "ruby",     "php",
                                              "awk",    "sed",        "groovy", "lua"};
  return names;
}

const std::vector<std::string>& field_names() {
  static const std::vector<std::string> names{"system", "account", "cluster", "namespace", "region",
                                              "kind",   "name",    "pattern", "resource"};
  return names;
}

std::optional<std::size_t> index_in(const std::vector<std::string>& names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

std::optional<Effect> take_effect(ConfigTable& table) {
  const auto name = table.take_choice("effect", effect_names());
  return name ? parse_effect(*name) : std::nullopt;
}

Flag take_flag(ConfigTable& table, std::string_view key) {
  const auto value = table.take_bool(key);
  if (!value) return Flag::Unset;
  return *value ? Flag::Yes : Flag::No;
}

// The first {placeholder} of a preview's words that has no meaning; "" if all have one.
std::string wrong_placeholder(std::string_view words) {
  for (const std::string& word : word_list(words)) {
    const auto open = word.find('{');
    if (open == std::string::npos) continue;
    const auto close = word.find('}', open);
    const std::string name =
        close == std::string::npos ? "" : word.substr(open + 1, close - open - 1);
    const bool known = name == "command" || name == "rest" || name == "globals" || name == "plan" ||
                       name == "program" || name.starts_with('$') || name.starts_with('-') ||
                       name.starts_with("+-");
    if (!known) return word;
  }
  return "";
}

}  // namespace

std::vector<std::string> take_one_or_more(ConfigTable& table, std::string_view key) {
  if (table.is_array(key)) return table.take_strings(key);
  const auto one = table.take_string(key);
  return one ? std::vector<std::string>{*one} : std::vector<std::string>{};
}

std::vector<ConfigTable*> VerbFields::both() {
  std::vector<ConfigTable*> tables;
  if (base_) tables.push_back(&*base_);
  tables.push_back(&own_);
  return tables;
}

void VerbFields::finish() {
  own_.finish();
  if (!base_) return;
  for (const std::string& key : base_->keys()) {
    if (!own_.has(key)) base_->finish();
  }
}

CompiledDetail DetailCompiler::compile(VerbFields& fields, const OptionScope& scope) {
  CompiledDetail detail;
  detail.effect = take_effect(fields.holder("effect"));
  detail.kind = fields.holder("kind").take_string("kind").value_or("");
  detail.may_destroy = detail.effect == Effect::Destructive;
  attributes(fields, detail.record);
  sources(fields, scope, detail.record);
  std::vector<RuleRecord> rules;
  std::vector<InnerRecord> inners;
  for (ConfigTable* table : fields.both()) {
    for (ConfigTable& one : table->take_tables("rules")) {
      rules.push_back(rule(std::move(one), detail));
    }
    for (ConfigTable& one : table->take_tables("inner")) inners.push_back(inner(std::move(one)));
  }
  detail.record.rules = builder_.append(builder_.rules, rules);
  detail.record.inners = builder_.append(builder_.inners, inners);
  ConfigTable& holder = fields.holder("preview");
  if (holder.has("preview")) detail.record.preview = preview(holder);
  // Last: where the style lets a condition name an option that no list has, it is now in the scope.
  detail.record.options = builder_.append(builder_.options, scope.records(builder_));
  return detail;
}

void DetailCompiler::attributes(VerbFields& fields, DetailRecord& record) {
  record.reversible = take_flag(fields.holder("reversible"), "reversible");
  const auto flag = [&](std::string_view key) {
    return fields.holder(key).take_bool(key).value_or(false);
  };
  record.runs_project_code = flag("runs_project_code");
  record.interactive = flag("interactive");
  record.wrapper = flag("wrapper");
  record.assignments = flag("assignments");
  record.open_options = flag("open_options");
  record.runnable = fields.holder("runnable").take_bool("runnable").value_or(true);
  record.why = builder_.text(fields.holder("why").take_string("why").value_or(""));
  const auto takes = fields.holder("usually_takes").take_duration("usually_takes");
  if (takes) record.usually_takes = static_cast<std::uint32_t>(takes->count());
  ConfigTable& stop = fields.holder("stop_after");
  const std::int64_t after = stop.take_integer("stop_after").value_or(0);
  if (after < 0 || after > 99) stop.fail("stop_after", "'stop_after' must be from 0 to 99");
  record.stop_after = static_cast<std::uint16_t>(after);
}

// A tool that lists --help has it.
Range DetailCompiler::default_help(const OptionScope& scope) {
  for (const std::string name : {"--help", "-help"}) {
    if (!scope.find_here(name)) continue;
    return builder_.append(builder_.conditions,
                           std::vector<ConditionRecord>{conditions_.condition({name})});
  }
  return {};
}

void DetailCompiler::sources(VerbFields& fields, const OptionScope& scope, DetailRecord& record) {
  record.dry_run = condition_list(fields, "dry_run");
  record.help = condition_list(fields, "help");
  if (record.help.count == 0) record.help = default_help(scope);
  record.secrets = source_list(fields.holder("secrets"), "secrets");
  record.reads = source_list(fields.holder("reads"), "reads");
  record.writes = source_list(fields.holder("writes"), "writes");
  record.http_method = source_list(fields.holder("http_method"), "http_method");
  record.http_url = source_list(fields.holder("http_url"), "http_url");
  record.http_body = source_list(fields.holder("http_body"), "http_body");
  record.count = source_list(fields.holder("count"), "count");
  record.scale = source_list(fields.holder("scale"), "scale");
  std::vector<Text> variables;
  for (const auto& name : fields.holder("env_options").take_strings("env_options")) {
    variables.push_back(builder_.text(name));
  }
  record.environment = builder_.append(builder_.texts, variables);
  std::vector<TargetRecord> targets;
  ConfigTable& holder = fields.holder("target");
  for (const std::string& written : take_one_or_more(holder, "target")) {
    targets.push_back(target(holder, written));
  }
  record.targets = builder_.append(builder_.targets, targets);
}

Range DetailCompiler::source_list(ConfigTable& table, std::string_view key) {
  std::vector<SourceRecord> records;
  try {
    for (const std::string& written : word_list(table.take_string(key).value_or(""))) {
      records.push_back(conditions_.source(written));
    }
  } catch (const std::invalid_argument& error) {
    table.fail(key, error.what());
  }
  return builder_.append(builder_.sources, records);
}

ConditionRecord DetailCompiler::condition(ConfigTable& table, std::string_view key) {
  try {
    return conditions_.condition(take_one_or_more(table, key));
  } catch (const std::invalid_argument& error) {
    table.fail(key, error.what());
  }
}

Range DetailCompiler::condition_list(VerbFields& fields, std::string_view key) {
  ConfigTable& table = fields.holder(key);
  if (!table.has(key)) return {};
  return builder_.append(builder_.conditions, std::vector<ConditionRecord>{condition(table, key)});
}

RuleRecord DetailCompiler::rule(ConfigTable table, CompiledDetail& detail) {
  RuleRecord rule;
  if (!table.has("when")) table.fail("when", "a rule needs 'when'");
  rule.when = condition(table, "when");
  const auto effect = take_effect(table);
  rule.has_effect = effect.has_value();
  rule.effect = effect.value_or(Effect::Read);
  rule.sure = table.take_bool("sure").value_or(false);
  rule.reversible = take_flag(table, "reversible");
  rule.interactive = take_flag(table, "interactive");
  rule.kind = builder_.text(table.take_string("kind").value_or(""));
  rule.why = builder_.text(table.take_string("why").value_or(""));
  table.finish();
  if (effect == Effect::Destructive) detail.may_destroy = true;
  return rule;
}

InnerRecord DetailCompiler::inner(ConfigTable table) {
  InnerRecord record;
  const std::string form = table.require_string("as");
  const auto index = index_in(form_names(), form);
  if (!index) table.fail("as", "'as' must be one of " + join(form_names(), ", "));
  record.form = static_cast<std::uint8_t>(*index);
  record.is_file = table.has("file");
  const std::string key = record.is_file ? "file" : "from";
  try {
    record.source = conditions_.source(table.require_string(key));
  } catch (const std::invalid_argument& error) {
    table.fail(key, error.what());
  }
  if (table.has("when")) {
    record.when = condition(table, "when");
  }
  record.adds_words = table.take_bool("adds_words").value_or(false);
  record.rest = table.take_bool("rest").value_or(false);
  record.joined = table.take_bool("joined").value_or(false);
  record.elsewhere = table.take_bool("elsewhere").value_or(false);
  record.prefix = builder_.text(table.take_string("prefix").value_or(""));
  std::vector<Text> placeholders;
  for (const std::string& one : word_list(table.take_string("placeholder").value_or(""))) {
    placeholders.push_back(builder_.text(one));
  }
  record.placeholders = builder_.append(builder_.texts, placeholders);
  record.until = builder_.text(table.take_string("until").value_or(""));
  table.finish();
  return record;
}

TargetRecord DetailCompiler::target(ConfigTable& table, const std::string& written) {
  std::vector<TargetPart> parts;
  for (const std::string& word : word_list(written)) {
    const auto equals = word.find('=');
    const auto field = index_in(field_names(), word.substr(0, equals));
    if (equals == std::string::npos || !field) {
      table.fail("target", "'" + word + "' must be FIELD=SOURCE, with a field of " +
                               join(field_names(), ", "));
    }
    try {
      TargetPart part;
      part.field = static_cast<TargetField>(*field);
      part.source = conditions_.source(word.substr(equals + 1));
      parts.push_back(part);
    } catch (const std::invalid_argument& error) {
      table.fail("target", error.what());
    }
  }
  return {builder_.append(builder_.target_parts, parts)};
}

std::uint32_t DetailCompiler::preview(ConfigTable& holder) {
  static const std::vector<std::string> kinds{"none", "native", "read", "plan"};
  PreviewRecord record;
  std::string kind;
  if (const auto table = holder.is_table("preview") ? holder.take_table("preview") : std::nullopt) {
    ConfigTable inner = *table;
    kind = inner.require_string("kind");
    record.argv = builder_.text(inner.take_string("argv").value_or(""));
    record.wide = inner.take_choice("tier", {"read", "wide"}).value_or("read") == "wide";
    record.success = builder_.text(inner.take_string("success").value_or(""));
    record.denied = builder_.text(inner.take_string("denied").value_or(""));
    record.show = builder_.text(inner.take_string("show").value_or(""));
    record.apply = builder_.text(inner.take_string("apply").value_or(""));
    record.saved = builder_.text(inner.take_string("saved").value_or(""));
    record.folder = builder_.text(inner.take_string("folder").value_or(""));
    record.unless = builder_.text(inner.take_string("unless").value_or(""));
    record.digest = inner.take_choice("output", {"pulumi-digest"}).has_value();
    inner.finish();
  } else {
    const std::string written = holder.take_string("preview").value_or("");
    const std::string_view view = written;
    const std::size_t blank = std::min(view.find(' '), view.size());
    kind = view.substr(0, blank);
    record.argv = builder_.text(trim(view.substr(blank)));
    record.wide = kind == "native" || kind == "plan";
  }
  const auto index = index_in(kinds, kind);
  if (!index || (*index != 0) != (record.argv.length != 0)) {
    holder.fail("preview", "'preview' must be \"none\", or native, read or plan and its command");
  }
  record.kind = static_cast<std::uint8_t>(*index);
  for (const Text text : {record.argv, record.show, record.apply}) {
    if (const auto wrong = wrong_placeholder(builder_.view(text)); !wrong.empty()) {
      holder.fail("preview", "'" + wrong + "' is no placeholder");
    }
  }
  builder_.previews.push_back(record);
  return static_cast<std::uint32_t>(builder_.previews.size() - 1);
}

}  // namespace prodaccess::pack
