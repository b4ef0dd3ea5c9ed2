#include "core/command/explain.h"

#include <algorithm>
#include <array>

#include "core/command/command_line.h"

namespace prodaccess {
namespace {

void write_strings(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
  json.key(key);
  json.begin_array();
  for (const std::string& text : list) json.string(text);
  json.end_array();
}

void write_number(JsonWriter& json, std::string_view key,
                  const std::optional<std::int64_t>& value) {
  json.key(key);
  if (value) {
    json.number(*value);
  } else {
    json.null();
  }
}

void write_target(JsonWriter& json, const Target& target) {
  json.begin_object();
  const auto field = [&](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    json.key(key);
    json.string(value);
  };
  field("system", target.system);
  field("account", target.account);
  field("cluster", target.cluster);
  field("namespace", target.namespace_);
  field("region", target.region);
  json.key("kind");
  json.string(target.kind);
  json.key("name");
  json.string(target.name);
  if (target.pattern) {
    json.key("pattern");
    json.boolean(true);
  }
  json.end_object();
}

void write_preview(JsonWriter& json, const Preview& preview) {
  json.key("preview");
  json.begin_object();
  json.key("kind");
  json.string(preview_kind_name(preview.kind));
  write_strings(json, "argv", preview.argv);
  json.key("tier");
  if (preview.kind == PreviewKind::None) {
    json.null();
  } else {
    json.string(preview.wide_tier ? "wide" : "read");
  }
  json.end_object();
}

// The part that a list of commands stands and falls with: its most severe one.
const Invocation& leading_part(const Invocation& whole) {
  const Invocation* part = &whole;
  while (part->tool.empty() && part->argv.empty() && !part->parts.empty()) {
    const Invocation* worst = &part->parts.front();
    for (const Invocation& inner : part->parts) {
      if (inner.effect > worst->effect) worst = &inner;
    }
    part = worst;
  }
  return *part;
}

void write_verdict(JsonWriter& json, const ExplainedVerdict& verdict) {
  json.key("rule");
  json.begin_object();
  json.key("id");
  json.string(verdict.rule_id);
  json.key("source");
  json.string(verdict.rule_source);
  json.end_object();
}

void write_attributes(JsonWriter& json, const Invocation& invocation) {
  write_number(json, "count", invocation.count);
  write_number(json, "scale", invocation.scale);
  json.key("opaque_cause");
  json.string(opaque_cause_name(invocation.opaque_cause));
  json.key("interactive");
  json.boolean(invocation.interactive);
  json.key("runs_project_code");
  json.boolean(invocation.runs_project_code);
  write_strings(json, "wrappers", invocation.wrappers);
}

}  // namespace

void write_explanation(JsonWriter& json, std::string_view command, const Invocation& invocation,
                       VerdictSource& verdicts) {
  const ExplainedVerdict verdict = verdicts.verdict(invocation);
  const Invocation& leading = leading_part(invocation);
  json.begin_object();
  json.key("command");
  json.string(command);
  json.key("effect");
  json.string(effect_name(invocation.effect));
  json.key("kind");
  json.string(invocation.kind);
  json.key("verdict");
  json.string(verdict.verdict);
  json.key("tool");
  json.string(leading.tool);
  json.key("action");
  json.string(leading.action);
  json.key("targets");
  json.begin_array();
  for (const Target& target : invocation.targets) write_target(json, target);
  json.end_array();
  json.key("reversible");
  if (invocation.reversible) {
    json.boolean(*invocation.reversible);
  } else {
    json.null();
  }
  write_verdict(json, verdict);
  json.key("reasons");
  json.begin_array();
  for (const std::string& reason : invocation.reasons) json.string(reason);
  for (const std::string& reason : verdict.reasons) {
    if (std::find(invocation.reasons.begin(), invocation.reasons.end(), reason) ==
        invocation.reasons.end()) {
      json.string(reason);
    }
  }
  json.end_array();
  write_strings(json, "considered", verdict.considered);
  write_preview(json, invocation.preview);
  write_attributes(json, invocation);
  json.key("parts");
  json.begin_array();
  for (const Invocation& part : invocation.parts) {
    write_explanation(json, CommandLine{part.argv}.quoted(), part, verdicts);
  }
  json.end_array();
  json.end_object();
}

std::string_view preview_kind_name(PreviewKind kind) {
  constexpr std::array<std::string_view, 4> kNames{"none", "native", "read", "plan"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view opaque_cause_name(OpaqueCause cause) {
  constexpr std::array<std::string_view, 5> kNames{"", "unknown", "program", "hidden", "limit"};
  return kNames.at(static_cast<std::size_t>(cause));
}

}  // namespace prodaccess
