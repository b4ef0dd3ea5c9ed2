#include "core/grant/role_reader.h"

#include <regex>

#include "core/base/text.h"
#include "core/os/zone_data.h"
#include "core/policy/policy_reader.h"

namespace prodaccess {
namespace {

const std::vector<std::string> kRequirements{"required", "optional"};

void check_pattern(const ConfigTable& table, std::string_view key, const std::string& pattern) {
  try {
    const std::regex compiled(pattern);
  } catch (const std::regex_error&) {
    table.fail(key, "'pattern' is not a regular expression: " + escape_for_terminal(pattern));
  }
}

// reason = "required", or ticket = { required = true, pattern = "INC-[0-9]+" }.
TextRequirement take_requirement(ConfigTable& table, std::string_view key) {
  TextRequirement requirement;
  if (!table.has(key)) return requirement;
  if (!table.is_table(key)) {
    requirement.required = table.take_choice(key, kRequirements) == "required";
    return requirement;
  }
  ConfigTable inner = *table.take_table(key);
  requirement.required = inner.take_bool("required").value_or(false);
  requirement.pattern = inner.take_string("pattern").value_or("");
  check_pattern(inner, "pattern", requirement.pattern);
  inner.finish();
  return requirement;
}

EffectSet take_effects(ConfigTable& table, std::string_view key) {
  EffectSet effects;
  for (const std::string& name : table.take_strings(key)) {
    const auto effect = parse_effect(name);
    if (!effect) {
      table.fail(key, "'" + escape_for_terminal(name) +
                          "' is no effect (read, write, opaque, exfil, privilege, destructive)");
    }
    effects.insert(*effect);
  }
  return effects;
}

std::vector<IdentityClass> take_identities(ConfigTable& table) {
  std::vector<IdentityClass> identities;
  for (const std::string& name : table.take_strings("identity")) {
    const auto identity = parse_identity_class(name);
    if (!identity) table.fail("identity", "'identity' holds human, ci or agent");
    identities.push_back(*identity);
  }
  return identities;
}

std::vector<TrustedProgram> take_trusted_programs(ConfigTable& table) {
  std::vector<TrustedProgram> programs;
  for (ConfigTable& entry : table.take_tables("trusted_programs")) {
    TrustedProgram program{entry.require_string("path"), entry.require_string("sha256")};
    if (program.path.empty() || program.path.front() != '/') {
      entry.fail("path", "'path' must be absolute");
    }
    const auto digest = unhex(program.sha256);
    if (!digest || digest->size() != 32) entry.fail("sha256", "'sha256' must be 64 hex digits");
    entry.finish();
    programs.push_back(std::move(program));
  }
  return programs;
}

bool is_variable_name(const std::string& name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

std::vector<std::pair<std::string, std::string>> take_templates(ConfigTable& table,
                                                                const std::string& key) {
  std::vector<std::pair<std::string, std::string>> variables;
  auto inner = table.take_table(key);
  if (!inner) return variables;
  for (const std::string& name : inner->keys()) {
    if (!is_variable_name(name)) inner->fail(name, "not the name of a variable");
    variables.emplace_back(name, inner->require_string(name));
  }
  return variables;
}

RecordDetail take_record_detail(ConfigTable& table) {
  const auto detail = table.take_choice("record", {"full", "shape", "hash"});
  if (detail == "shape") return RecordDetail::Shape;
  return detail == "hash" ? RecordDetail::Hash : RecordDetail::Full;
}

Seconds take_positive(ConfigTable& table, std::string_view key, Seconds otherwise) {
  const auto value = table.take_duration(key);
  if (!value) return otherwise;
  if (*value <= Seconds{0}) table.fail(key, "'" + std::string(key) + "' must be longer than 0s");
  return *value;
}

void take_durations(Role& role, ConfigTable& table) {
  role.ttl_max = take_positive(table, "ttl_max", Seconds{3600});
  role.ttl_default =
      take_positive(table, "ttl_default", std::min<Seconds>(Seconds{1800}, role.ttl_max));
  if (role.ttl_default > role.ttl_max) {
    table.fail("ttl_default", "'ttl_default' (" + format_duration(role.ttl_default) +
                                  ") is longer than 'ttl_max' (" + format_duration(role.ttl_max) +
                                  ")");
  }
  role.min_ttl = table.take_duration("min_ttl").value_or(Seconds{0});
  role.wide_ttl = take_positive(table, "wide_ttl", Seconds{3600});
  role.grace = table.take_duration("grace").value_or(Seconds{60});
}

std::vector<std::string> take_targets(ConfigTable& table) {
  std::vector<std::string> targets = table.take_strings("targets");
  for (const std::string& target : targets) {
    if (target.find(':') == std::string::npos) {
      table.fail("targets", "'" + escape_for_terminal(target) +
                                "' must look like \"aws:111122223333\" or \"kube:prod-eu/shop\"");
    }
  }
  return targets;
}

}  // namespace

DecisionContext decision_context(const Role& role) {
  DecisionContext context;
  context.role = role.name;
  if (role.effects_given) context.role_effects = role.effects;
  context.role_tools = role.tools;
  context.role_targets = role.targets;
  context.role_hours = role.hours;
  return context;
}

Role read_role(const std::string& name, ConfigTable table) {
  Role role;
  role.name = name;
  role.position = table.position();
  role.description = table.take_string("description").value_or("");
  role.provider = table.require_string("provider");
  take_durations(role, table);
  role.reason = take_requirement(table, "reason");
  role.ticket = take_requirement(table, "ticket");
  if (table.has("effects")) {
    role.effects = take_effects(table, "effects");
    role.effects_given = true;
  }
  role.tools = table.take_strings("tools");
  role.targets = take_targets(table);
  if (auto hours = table.take_table("hours")) {
    role.hours =
        read_hours(std::move(*hours), [](const std::string& zone) { return read_zone_data(zone); });
  }
  if (const auto narrowed = table.take_string("narrowed")) {
    role.narrowed = parse_effect(*narrowed);
    if (!role.narrowed)
      table.fail("narrowed", "'narrowed' must be an effect, for example \"read\"");
  }
  role.identity = take_identities(table);
  role.record = take_record_detail(table);
  role.hand_out = table.take_bool("hand_out").value_or(false);
  role.trusted_programs = take_trusted_programs(table);
  role.environment = take_templates(table, "env");
  role.files = take_templates(table, "files");
  for (const auto& [variable, text] : role.files) {
    const bool twice = std::any_of(
        role.environment.begin(), role.environment.end(),
        [&, &variable = variable](const auto& other) { return other.first == variable; });
    if (twice) table.fail("files", "'" + variable + "' stands in 'env' and in 'files'");
  }
  // The keys of the provider stand in a table of its name.
  if (auto parameters = table.take_table(role.provider)) role.parameters = std::move(*parameters);
  table.finish();
  return role;
}

void narrow_role(Role& role, ConfigTable table) {
  const auto shorter = [&](std::string_view key, Seconds& limit) {
    const auto value = table.take_duration(key);
    if (!value) return;
    if (*value > limit || *value <= Seconds{0}) {
      table.fail(key, "a user's file may only shorten '" + std::string(key) +
                          "' (the system says " + format_duration(limit) + ")");
    }
    limit = *value;
  };
  shorter("ttl_max", role.ttl_max);
  role.ttl_default = std::min(role.ttl_default, role.ttl_max);
  shorter("ttl_default", role.ttl_default);
  if (table.has("effects")) {
    const EffectSet effects = take_effects(table, "effects");
    for (int i = 0; i < 6; ++i) {
      const auto effect = static_cast<Effect>(i);
      if (effects.contains(effect) && !role.effects.contains(effect)) {
        table.fail("effects", "a user's file may not add the effect '" +
                                  std::string(effect_name(effect)) + "' to role " + role.name);
      }
    }
    role.effects = effects;
    role.effects_given = true;
  }
  const TextRequirement reason = take_requirement(table, "reason");
  role.reason.required = role.reason.required || reason.required;
  const TextRequirement ticket = take_requirement(table, "ticket");
  role.ticket.required = role.ticket.required || ticket.required;
  table.finish();
}

}  // namespace prodaccess
