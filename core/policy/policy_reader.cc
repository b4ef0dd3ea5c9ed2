#include "core/policy/policy_reader.h"

#include "core/base/text.h"
#include "core/base/version.h"

namespace prodaccess {
namespace {

constexpr std::int64_t kMostPeople = 16;

// A string or a list of strings.
std::vector<std::string> take_list(ConfigTable& table, std::string_view key) {
  if (table.is_array(key)) {
    auto values = table.take_strings(key);
    if (values.empty()) table.fail(key, "'" + std::string(key) + "' is empty: it fits nothing");
    return values;
  }
  auto value = table.take_string(key);
  return value ? std::vector<std::string>{std::move(*value)} : std::vector<std::string>{};
}

std::optional<std::int64_t> take_number(ConfigTable& table, std::string_view key,
                                        std::int64_t least, std::int64_t most) {
  const auto value = table.take_integer(key);
  if (value && (*value < least || *value > most)) {
    table.fail(key, "'" + std::string(key) + "' must be from " + std::to_string(least) + " to " +
                        std::to_string(most));
  }
  return value;
}

Range read_range(ConfigTable table) {
  Range range{table.take_integer("above"), table.take_integer("below")};
  table.finish();
  if (!range.above && !range.below) table.fail("", "write { above = N }, { below = N } or both");
  if (range.above && range.below && *range.below - 1 <= *range.above) {
    table.fail("below", "nothing is above " + std::to_string(*range.above) + " and below " +
                            std::to_string(*range.below));
  }
  return range;
}

void check_names(const ConfigTable& table, Dimension dimension, const Rule& rule) {
  const std::string key(kDimensionKeys[static_cast<std::size_t>(dimension)]);
  for (const std::string& name : rule.on(dimension)) {
    const bool known = dimension == Dimension::Effect ? parse_effect(name).has_value()
                                                      : parse_identity_class(name).has_value();
    if (!known) {
      table.fail(key, "'" + escape_for_terminal(name) + "' is no " + key,
                 {dimension == Dimension::Effect
                      ? "effects: destructive, privilege, exfil, opaque, write, read"
                      : "identity classes: human, ci, agent"});
    }
  }
}

void read_conditions(ConfigTable& table, Rule& rule, const ZoneSource& zones) {
  for (std::size_t i = 0; i < kDimensionCount; ++i) {
    rule.globs[i] = take_list(table, kDimensionKeys[i]);
  }
  check_names(table, Dimension::Effect, rule);
  check_names(table, Dimension::Identity, rule);
  if (auto hours = table.take_table("hours")) rule.hours = read_hours(std::move(*hours), zones);
  rule.reversible = table.take_bool("reversible");
  rule.interactive = table.take_bool("interactive");
  rule.project_code = table.take_bool("project_code");
  if (auto count = table.take_table("count")) rule.count = read_range(std::move(*count));
  if (auto scale = table.take_table("scale")) rule.scale = read_range(std::move(*scale));
  if (auto argument = table.take_table("argument")) {
    rule.argument = ArgumentCondition{take_list(*argument, "any"), take_list(*argument, "except")};
    argument->finish();
    if (rule.argument->any.empty()) argument->fail("", "'any' is missing");
  }
}

ApprovalNeed read_approval(ConfigTable table) {
  ApprovalNeed need;
  need.group = table.take_string("group").value_or("");
  need.count = static_cast<std::uint8_t>(take_number(table, "count", 1, kMostPeople).value_or(1));
  table.finish();
  return need;
}

// `from` may be one table or a list of them: then all must be met.
std::vector<ApprovalNeed> take_approvals(ConfigTable& table) {
  Obligations joined;
  const auto add = [&joined](ConfigTable need) {
    Obligations one;
    one.approvals.push_back(read_approval(std::move(need)));
    join(joined, one);
  };
  if (table.is_array("from")) {
    for (ConfigTable& need : table.take_tables("from")) add(std::move(need));
  } else if (auto need = table.take_table("from")) {
    add(std::move(*need));
  }
  return joined.approvals;
}

Statement read_statement(ConfigTable& table) {
  Statement says;
  if (const auto verdict = table.take_choice("verdict", {"allow", "confirm", "approve", "deny"})) {
    says.verdict = parse_verdict(*verdict);
  }
  says.preview = table.take_bool("preview");
  if (const auto confirmations = take_number(table, "confirmations", 1, 2)) {
    says.confirmations = static_cast<std::uint8_t>(*confirmations);
  }
  says.approvals = take_approvals(table);
  says.reason = table.take_bool("reason").value_or(false);
  says.ticket = table.take_bool("ticket").value_or(false);
  says.security_key = table.take_choice("confirm_with", {"security-key"}).has_value();
  says.recording = table.take_bool("recording").value_or(false);
  says.lock = table.take_bool("lock").value_or(false);
  says.alert = table.take_string("alert").value_or("");
  says.max_per_hour = take_number(table, "max_per_hour", 0, 1'000'000);
  says.message = table.take_string("message").value_or("");
  return says;
}

// What does not fit together within one rule.
void check_statement(const ConfigTable& table, const Rule& rule, Statement& says) {
  const bool approve = says.verdict == Verdict::Approve;
  if (!says.approvals.empty() && !approve) {
    table.fail("from", "'from' needs verdict = \"approve\"");
  }
  if (approve && says.approvals.empty()) says.approvals.push_back({"", 1});
  const bool asks = says.verdict == Verdict::Confirm || approve;
  if (says.confirmations && !asks) {
    table.fail("confirmations", "'confirmations' needs verdict = \"confirm\" or \"approve\"");
  }
  if (says.security_key && !asks) {
    table.fail("confirm_with", "'confirm_with' needs verdict = \"confirm\" or \"approve\"");
  }
  if (says.max_per_hour && rule.on(Dimension::Effect) != std::vector<std::string>{"destructive"}) {
    table.fail("max_per_hour",
               "'max_per_hour' counts destructive commands: the rule needs effect = "
               "\"destructive\"");
  }
  if (says.lock && says.verdict != Verdict::Deny) {
    table.fail("lock", "'lock' needs verdict = \"deny\"");
  }
  const bool obliges = says.preview.value_or(false) || says.reason || says.ticket ||
                       !says.alert.empty() || says.max_per_hour || says.recording;
  if (!says.verdict && !obliges) {
    table.fail("",
               "the rule says nothing: add verdict, or preview, reason, ticket, alert, recording "
               "or max_per_hour");
  }
}

Rule read_rule(ConfigTable table, const ZoneSource& zones) {
  Rule rule;
  rule.reference.id = table.require_string("id");
  rule.reference.source = table.position().text();
  if (rule.reference.id.empty() || rule.reference.id.find(':') != std::string::npos) {
    table.fail("id", "'id' must not be empty, nor hold ':' (built-in rules have one)");
  }
  read_conditions(table, rule, zones);
  rule.says = read_statement(table);
  table.finish();
  check_statement(table, rule, rule.says);
  rule.text = rule_text(rule);
  return rule;
}

PolicyTest::Expectation read_expectation(ConfigTable table) {
  PolicyTest::Expectation expect;
  if (const auto verdict = table.take_choice("verdict", {"allow", "confirm", "approve", "deny"})) {
    expect.verdict = parse_verdict(*verdict);
  }
  expect.rule = table.take_string("rule");
  if (const auto effect = table.take_choice(
          "effect", {"read", "write", "opaque", "exfil", "privilege", "destructive"})) {
    expect.effect = parse_effect(*effect);
  }
  expect.preview = table.take_bool("preview");
  expect.reason = table.take_bool("reason");
  expect.ticket = table.take_bool("ticket");
  expect.confirmations = table.take_integer("confirmations");
  expect.approvals = table.take_integer("approvals");
  if (table.empty()) table.fail("", "'expect' is empty: the test cannot fail");
  table.finish();
  return expect;
}

PolicyTest read_test(ConfigTable table) {
  PolicyTest test;
  test.position = table.position();
  if (table.is_array("command")) {
    test.argv = table.take_strings("command");
    if (test.argv.empty()) table.fail("command", "'command' is empty");
  } else {
    test.line = table.require_string("command");
  }
  test.role = table.take_string("role").value_or("");
  if (const auto at = table.take_string("at")) {
    test.at = parse_rfc3339(*at);
    if (!test.at) table.fail("at", "'at' must look like \"2026-03-01T23:00:00+01:00\"");
  }
  if (const auto identity = table.take_choice("identity", {"human", "ci", "agent"})) {
    test.identity = *parse_identity_class(*identity);
  }
  test.terminal = table.take_bool("terminal").value_or(true);
  test.anomalies = take_list(table, "anomaly");
  test.destructive_last_hour =
      take_number(table, "destructive_last_hour", 0, 1'000'000).value_or(0);
  auto expect = table.take_table("expect");
  if (!expect) table.fail("", "'expect' is missing");
  table.finish();
  test.expect = read_expectation(std::move(*expect));
  return test;
}

void read_environments(ConfigTable table, PolicyLayer& layer) {
  for (const std::string& key : table.keys()) {
    if (key.find(':') == std::string::npos) {
      table.fail(key, "'" + escape_for_terminal(key) + "' must look like \"aws:111122223333\"");
    }
    layer.environments[key] = table.take_strings(key);
  }
}

}  // namespace

Hours read_hours(ConfigTable table, const ZoneSource& zones) {
  Hours hours;
  const bool outside = table.has("outside");
  if (outside == table.has("inside")) {
    table.fail("", "'hours' needs either inside or outside = \"08:00-20:00\"");
  }
  const std::string_view key = outside ? "outside" : "inside";
  hours.outside = outside;
  if (!parse_window(table.require_string(key), hours)) {
    table.fail(key, "'" + std::string(key) + "' must look like \"08:00-20:00\"");
  }
  if (table.has("days")) {
    hours.days = 0;
    for (const std::string& name : take_list(table, "days")) {
      const auto day = parse_day(name);
      if (!day) table.fail("days", "days are mon, tue, wed, thu, fri, sat, sun");
      hours.days = static_cast<std::uint8_t>(hours.days | *day);
    }
  }
  hours.zone_name = table.take_string("zone").value_or("UTC");
  if (hours.zone_name != "UTC") {
    const auto bytes = zones ? zones(hours.zone_name) : std::nullopt;
    const auto zone = bytes ? Zone::parse(*bytes) : std::nullopt;
    if (!zone) {
      table.fail("zone", "no time zone '" + escape_for_terminal(hours.zone_name) + "' here",
                 {"names look like Europe/Berlin; the data is Debian's package tzdata"});
    }
    hours.zone = *zone;
  }
  table.finish();
  return hours;
}

PolicyLayer read_policy_layer(const PolicySource& source, const ZoneSource& zones) {
  ConfigTable table = parse_toml(source.text, source.file, ErrorCode::Policy);
  // First, so that an older program says one line of a newer file.
  if (const auto requirement = table.take_string("requires")) {
    check_requirement(*requirement, table.position("requires").text(), ErrorCode::Policy);
  }
  PolicyLayer layer;
  layer.file = source.file;
  for (ConfigTable& rule : table.take_tables("rule")) {
    layer.rules.push_back(read_rule(std::move(rule), zones));
  }
  for (ConfigTable& test : table.take_tables("test")) {
    layer.tests.push_back(read_test(std::move(test)));
  }
  if (auto environments = table.take_table("environments")) {
    read_environments(std::move(*environments), layer);
  }
  if (auto bounds = table.take_table("bounds")) {
    layer.scale_bound = take_number(*bounds, "scale", 0, 1'000'000'000);
    bounds->finish();
  }
  table.finish();
  layer.index = RuleIndex(layer.rules);
  return layer;
}

}  // namespace prodaccess
