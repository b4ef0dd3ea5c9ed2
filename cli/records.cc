#include "cli/records.h"

#include <nlohmann/json.hpp>

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/ledger/canonical.h"
#include "core/ledger/ledger.h"
#include "core/ledger/redact.h"

namespace prodaccess {
namespace {

Json target_json(const Target& target) {
  Json json = Json::object();
  const auto add = [&json](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  add("system", target.system);
  add("account", target.account);
  add("cluster", target.cluster);
  add("namespace", target.namespace_);
  add("region", target.region);
  add("kind", target.kind);
  add("name", target.name);
  if (target.pattern) json["pattern"] = true;
  return json;
}

void collect_targets(const Invocation& invocation, Json& targets) {
  for (const Target& target : invocation.targets) targets.push_back(target_json(target));
  for (const Invocation& part : invocation.parts) collect_targets(part, targets);
}

void collect_secret_words(const CommandLine& command, const Invocation& invocation,
                          std::set<std::size_t>& places) {
  // Places count from the part's own program; wrappers stand before it.
  const std::size_t before =
      command.argv.size() - std::min(command.argv.size(), invocation.argv.size());
  for (const std::size_t place : invocation.secret_words) places.insert(before + place);
  for (const Invocation& part : invocation.parts) collect_secret_words(command, part, places);
}

std::string unusual_text(const std::vector<AnomalyFlag>& flags) {
  std::vector<std::string> texts;
  for (const AnomalyFlag& flag : flags) texts.push_back(flag.rule + ": " + flag.why);
  return join(texts, "; ");
}

void collect_names(const Invocation& invocation, std::vector<std::string>& names) {
  for (const Target& target : invocation.targets) {
    if (!target.name.empty()) names.push_back(target.name);
  }
  for (const Invocation& part : invocation.parts) collect_names(part, names);
}

}  // namespace

std::vector<std::string> target_names(const Invocation& invocation) {
  std::vector<std::string> names;
  collect_names(invocation, names);
  return names;
}

std::string new_session_id(Context& context) { return hex(context.random().bytes(8)); }

LedgerRecord grant_record(RecordKind kind, const Grant& grant, const std::string& session) {
  LedgerRecord record;
  record.kind = kind;
  record.session = session;
  record.grant = grant.id;
  record.role = grant.role;
  return record;
}

void record_failure(Context& context, const Grant& grant, const std::string& session,
                    const std::string& stage, const std::exception& error) {
  LedgerRecord record = grant_record(RecordKind::Failed, grant, session);
  record.text["stage"] = stage;
  if (const auto* known = dynamic_cast<const Error*>(&error)) {
    record.text["code"] = code_name(known->code());
  }
  record.text["message"] = error.what();
  context.ledger().append(record, Durability::Written);
}

std::vector<std::string> redacted_words(Context& context, const CommandLine& command,
                                        const Invocation& invocation, RecordDetail detail) {
  std::set<std::size_t> secret_words;
  collect_secret_words(command, invocation, secret_words);
  return context.redactor().words(command.argv, secret_words, detail);
}

void add_command(Context& context, LedgerRecord& record, const CommandLine& command,
                 const Judgement& judgement, RecordDetail detail) {
  const Invocation& invocation = judgement.invocation;
  const Decision& decision = judgement.decision;
  Json targets = Json::array();
  collect_targets(invocation, targets);
  record.text["tool"] = invocation.tool;
  record.text["verb"] = invocation.action;
  record.text["effect"] = effect_name(worst_effect(invocation));
  record.text["verdict"] = verdict_name(decision.verdict);
  record.text["rule"] = decision.rule.id;
  record.text["rule_source"] = decision.rule.source;
  if (!judgement.unusual.empty()) record.text["unusual"] = unusual_text(judgement.unusual);
  if (!decision.obligations.alerts.empty()) {
    record.text["alert"] = join(decision.obligations.alerts, ", ");
  }
  Json words = Json::array();
  for (const std::string& word : redacted_words(context, command, invocation, detail)) {
    words.push_back(represent_bytes(word));
  }
  const Json parts{
      {"argv", std::move(words)}, {"targets", std::move(targets)}, {"labels", decision.labels}};
  record.detail_json = parts.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string command_summary(Context& context, const CommandLine& command, RecordDetail detail) {
  // It goes to the watcher through a channel that holds little: what is longer is only shown cut.
  constexpr std::size_t kLongest = 4096;
  std::string text = CommandLine{context.redactor().words(command.argv, {}, detail)}.quoted();
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

}  // namespace prodaccess
