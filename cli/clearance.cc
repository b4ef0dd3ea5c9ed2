#include "cli/clearance.h"

#include <nlohmann/json.hpp>

#include "cli/confirm.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/preview_run.h"
#include "cli/records.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/command/explain.h"
#include "core/ledger/ledger.h"

namespace prodaccess {
namespace {

LedgerRecord refusal(Context& context, const CommandLine& command, const Judgement& judgement,
                     const CredentialSource& source, const std::string& session,
                     const std::string& why) {
  LedgerRecord record = grant_record(RecordKind::Refused, source.grant(), session);
  record.text["why"] = why;
  add_command(context, record, command, judgement, source.role().record);
  return record;
}

std::vector<std::string> hints_for(const Decision& decision) {
  std::vector<std::string> hints;
  if (!decision.message.empty()) hints.push_back(decision.message);
  hints.push_back("prodaccess policy explain -- ...   says why");
  return hints;
}

[[noreturn]] void deny(const Decision& decision) {
  const std::string why =
      decision.reasons.empty() ? "rule " + decision.rule.id : join(decision.reasons, "; ");
  throw Error(ErrorCode::Denied, "refused: " + why, hints_for(decision));
}

[[noreturn]] void ask_for_approval(const Decision& decision) {
  std::vector<std::string> hints{
      "prodaccess exec ... on a terminal of your own asks you instead, where a rule allows it"};
  if (!decision.message.empty()) hints.insert(hints.begin(), decision.message);
  throw Error(ErrorCode::ApprovalRequired,
              "this needs somebody's approval (rule " + decision.rule.id + ")", std::move(hints));
}

void check_texts(const Decision& decision, const CredentialSource& source) {
  const std::string line = "prodaccess request --role " + source.role().name;
  if (decision.obligations.reason && source.grant().reason.empty()) {
    throw Error(ErrorCode::Denied, "refused: rule " + decision.rule.id + " asks for a reason",
                {line + " --reason \"...\""});
  }
  if (decision.obligations.ticket && source.grant().ticket.empty()) {
    throw Error(ErrorCode::Denied, "refused: rule " + decision.rule.id + " asks for a ticket",
                {line + " --ticket ..."});
  }
}

// A plan is read before the verdict counts: what it does is the command's effect.
PreviewOutcome look_first(Context& context, Judgement& judgement, CredentialSource& source,
                          Clearance& clearance) {
  if (judgement.decision.verdict == Verdict::Deny) deny(judgement.decision);
  if (auto plan = read_plan(context, judgement, source, clearance.session)) {
    clearance.command.argv = std::move(plan->apply);
    decide_command(context, judgement, &source.role(), &source.grant());
    if (judgement.decision.verdict == Verdict::Deny) deny(judgement.decision);
    return std::move(plan->outcome);
  }
  if (judgement.decision.obligations.preview) return run_previews(context, judgement, source);
  PreviewOutcome none;
  none.summary = summarize(judgement.invocation);
  return none;
}

}  // namespace

Clearance clear_command(Context& context, const CommandLine& command, const Program& program,
                        Judgement& judgement, CredentialSource& source, bool dry_run) {
  Clearance clearance;
  clearance.session = new_session_id(context);
  clearance.command = command;
  try {
    const PreviewOutcome preview = look_first(context, judgement, source, clearance);
    clearance.preview_kind = preview_kind_name(preview.kind);
    clearance.preview_summary = preview.summary.canonical();
    clearance.preview_hash = preview.summary.hash();
    clearance.preview_ending = preview.ending;
    clearance.preview_lines = preview.output;
    const Decision& decision = judgement.decision;
    if (dry_run || decision.verdict == Verdict::Allow) return clearance;
    check_texts(decision, source);
    if (decision.verdict == Verdict::Approve) ask_for_approval(decision);
    confirm_command(context, {clearance.command, program, judgement, source, preview.summary,
                              preview.ending, preview.output});
    clearance.confirmed_with = "typed";
  } catch (const Error& error) {
    context.ledger().append(
        refusal(context, command, judgement, source, clearance.session, error.what()),
        Durability::Durable);
    throw;
  }
  return clearance;
}

void add_clearance(LedgerRecord& record, const Clearance& clearance) {
  if (!clearance.preview_kind.empty()) record.text["preview"] = clearance.preview_kind;
  if (!clearance.preview_hash.empty()) record.text["preview_hash"] = clearance.preview_hash;
  if (!clearance.confirmed_with.empty()) record.text["confirmed"] = clearance.confirmed_with;
  if (!clearance.approved_by.empty()) {
    record.text["approved_by"] = join(clearance.approved_by, ", ");
  }
}

void print_dry_run(Context& context, const CommandLine& command, const Judgement& judgement,
                   const Clearance& clearance) {
  const Decision& decision = judgement.decision;
  const std::string effect(effect_name(worst_effect(judgement.invocation)));
  if (context.json()) {
    print_json({{"command", command.argv},
                {"effect", effect},
                {"verdict", verdict_name(decision.verdict)},
                {"rule", {{"id", decision.rule.id}, {"source", decision.rule.source}}},
                {"preview",
                 {{"kind", clearance.preview_kind},
                  {"result", clearance.preview_ending},
                  {"summary", clearance.preview_summary},
                  {"hash", clearance.preview_hash}}},
                {"ran", false}});
    return;
  }
  print_line("effect   " + effect);
  for (const std::string& reason : judgement.invocation.reasons) print_line("         " + reason);
  print_line("verdict  " + std::string(verdict_name(decision.verdict)) + ", by " +
             decision.rule.id);
  print_line("preview  " + clearance.preview_kind + "  " + clearance.preview_ending);
  for (const std::string& line : clearance.preview_lines) print_line("         " + line);
  print_line("nothing was run");
}

}  // namespace prodaccess
