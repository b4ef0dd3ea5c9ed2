#include "cli/clearance.h"

#include <nlohmann/json.hpp>

#include "cli/audit_sinks.h"
#include "cli/confirm.h"
#include "cli/context.h"
#include "cli/lock_check.h"
#include "cli/output.h"
#include "cli/preview_run.h"
#include "cli/records.h"
#include "cli/security_key.h"
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

[[noreturn]] void deny(Context& context, const Decision& decision, const CredentialSource& source) {
  if (!decision.locking.empty()) {
    hold_role(context, source.role().name, decision.locking.front().id);
  }
  const std::string why =
      decision.reasons.empty() ? "rule " + decision.rule.id : join(decision.reasons, "; ");
  throw Error(ErrorCode::Denied, "refused: " + why, hints_for(decision));
}

// The question that somebody else must answer: the command as typed, not the temporary names that a
// plan's application has; what the plan does is in the preview.
ApprovalStatement question_of(Context& context, const CommandLine& command, const Program& program,
                              const Judgement& judgement, const CredentialSource& source,
                              const PreviewSummary& summary) {
  ApprovalStatement question;
  fill_in_asker(question);
  question.role = source.role().name;
  question.account = source.grant().description.target;
  question.argv = redacted_words(context, command, judgement.invocation, RecordDetail::Full);
  question.program = program.path.string();
  question.folder = std::filesystem::current_path().string();
  question.files = judgement.files_read;
  question.files.erase(judgement.plan_file);
  if (judgement.decision.verdict == Verdict::Approve) {
    question.files.emplace(question.program, file_digest(context, question.program));
  }
  question.variables = judgement.variables;
  question.effect = effect_name(worst_effect(judgement.invocation));
  question.preview = summary;
  question.rule = judgement.decision.rule.id;
  question.rules_digest = judgement.decision.rules_digest;
  question.reason = source.grant().reason;
  question.ticket = source.grant().ticket;
  return question;
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
  if (judgement.decision.verdict == Verdict::Deny) deny(context, judgement.decision, source);
  if (auto plan = read_plan(context, judgement, source, clearance.session)) {
    clearance.command.argv = std::move(plan->apply);
    clearance.folded = std::move(plan->folded);
    decide_command(context, judgement, &source.role(), &source.grant());
    if (judgement.decision.verdict == Verdict::Deny) deny(context, judgement.decision, source);
    return std::move(plan->outcome);
  }
  if (judgement.decision.obligations.preview) return run_previews(context, judgement, source);
  PreviewOutcome none;
  none.summary = summarize(judgement.invocation);
  return none;
}

Json target_texts(const Invocation& invocation) {
  constexpr std::size_t kMost = 100;
  Json texts = Json::array();
  for (const Target& target : dangerous_targets(invocation)) {
    if (texts.size() == kMost) break;
    const std::string kind = target.kind.empty() ? "" : target.kind + "/";
    texts.push_back(kind + (target.name.empty() ? "*" : target.name));
  }
  return texts;
}

// What a script or an agent learns of a refusal beside its reason.
Json refused_fields(const Error& error, const Judgement& judgement, const Clearance& clearance) {
  const Decision& decision = judgement.decision;
  Json fields{{"effect", effect_name(worst_effect(judgement.invocation))},
              {"verdict", verdict_name(decision.verdict)},
              {"rule", {{"id", decision.rule.id}, {"source", decision.rule.source}}},
              {"targets", target_texts(judgement.invocation)}};
  if (!clearance.preview_hash.empty()) {
    fields["preview"] = {
        {"kind", clearance.preview_kind},       {"result", clearance.preview_ending},
        {"targets", fields["targets"]},         {"count", clearance.preview_total},
        {"summary", clearance.preview_summary}, {"hash", clearance.preview_hash}};
  }
  if (const auto* detailed = dynamic_cast<const DetailedError*>(&error)) {
    fields.update(detailed->fields());
  }
  return fields;
}

// How somebody at a terminal could do it without others, where they could.
std::string person_hint(Context& context, const CommandLine& command, const Judgement& judgement,
                        const CredentialSource& source) {
  if (judgement.decision.verdict != Verdict::Approve) return {};
  Judgement theirs;
  theirs.invocation = judgement.invocation;
  decide_command(context, theirs, &source.role(), &source.grant(), IdentityClass::Human);
  if (theirs.decision.verdict != Verdict::Confirm) return {};
  const CommandLine shown{
      redacted_words(context, command, judgement.invocation, source.role().record)};
  return "or have a person run it in a terminal, where it is confirmed by typing: prodaccess exec "
         "--role " +
         shell_quote(source.role().name) + " -- " + shown.quoted();
}

// The same error, with what it is about; where approvals are missing, with the other way.
DetailedError explained(const Error& error, const Json& fields, const std::string& other_way) {
  std::vector<std::string> hints = error.hints();
  if (error.code() == ErrorCode::ApprovalRequired && !other_way.empty()) {
    hints.push_back(other_way);
  }
  return {error, std::move(hints), fields};
}

// The approvals of others, then the confirmation of whoever asks.
void ask(Context& context, ApprovalStatement question, const ConfirmRequest& request,
         const ApprovalAnswers& answers, Clearance& clearance) {
  const Decision& decision = request.judgement.decision;
  const Obligations& obligations = decision.obligations;
  if (decision.verdict == Verdict::Approve) {
    clearance.approved_by = require_approval(context, question, obligations.approvals,
                                             obligations.security_key, answers);
    if (obligations.confirmations == 0) return;
  }
  confirm_command(context, request);
  clearance.confirmed_with = "typed";
  if (!obligations.security_key || decision.verdict != Verdict::Confirm) return;
  question.nonce = hex(context.random().bytes(16));
  confirm_by_touch(context, statement_line(question));
  clearance.confirmed_with = "security-key";
}

}  // namespace

Clearance clear_command(Context& context, const CommandLine& command, const Program& program,
                        Judgement& judgement, CredentialSource& source, bool dry_run,
                        const ApprovalAnswers& answers) {
  Clearance clearance;
  clearance.session = new_session_id(context);
  clearance.command = command;
  try {
    if (judgement.decision.verdict != Verdict::Allow) {
      bind_surroundings(context, judgement, source.role());
    }
    const PreviewOutcome preview = look_first(context, judgement, source, clearance);
    clearance.preview_kind = preview_kind_name(preview.kind);
    clearance.preview_summary = preview.summary.canonical();
    clearance.preview_hash = preview.summary.hash();
    clearance.preview_total = preview.summary.total();
    clearance.preview_ending = preview.ending;
    clearance.preview_lines = preview.output;
    const Decision& decision = judgement.decision;
    if (dry_run) return clearance;
    check_texts(decision, source);
    require_sinks(context, decision.obligations.alerts);
    if (decision.verdict == Verdict::Allow) return clearance;
    ApprovalStatement question =
        question_of(context, command, program, judgement, source, preview.summary);
    ask(context, std::move(question),
        {clearance.command, program, judgement, source, preview.summary, preview.ending,
         preview.output},
        answers, clearance);
    // Whoever asked may have taken minutes: the rules must still be those that were shown.
    check_decision_unchanged(judgement, source.grant());
  } catch (const Error& error) {
    context.ledger().append(
        refusal(context, command, judgement, source, clearance.session, error.what()),
        Durability::Durable);
    throw explained(error, refused_fields(error, judgement, clearance),
                    person_hint(context, command, judgement, source));
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
