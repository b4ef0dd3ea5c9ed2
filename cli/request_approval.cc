#include "cli/request_approval.h"

#include <nlohmann/json.hpp>

#include "cli/audit_sinks.h"
#include "cli/context.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/grant/approval_store.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"
#include "core/ledger/query.h"
#include "core/os/terminal.h"
#include "core/policy/confirmation.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kChallengePatience{60'000};
constexpr std::chrono::hours kReviewKept{24 * 3650};

// Who must sign for the role; none where nobody need.
std::vector<ApprovalNeed> needs_of(const ApprovalSettings& settings, const std::string& role) {
  const auto found = settings.roles.find(role);
  return found == settings.roles.end() ? std::vector<ApprovalNeed>{} : found->second;
}

// What an approval of a role is bound to beside its words: who must sign, and what the role gives.
std::string role_digest(Context& context, const Role& role,
                        const std::vector<ApprovalNeed>& needs) {
  Json seats = Json::array();
  for (const ApprovalNeed& need : needs) seats.push_back({need.group, need.count});
  return sha256_hex(canonical_json({{"needs", std::move(seats)},
                                    {"provider", role.provider},
                                    {"shape", context.provider(role).shape(role)}}));
}

ApprovalStatement question_of(Context& context, const Role& role, const AccessRequest& access,
                              const std::vector<ApprovalNeed>& needs) {
  ApprovalStatement question;
  question.kind = ApprovalKind::Role;
  fill_in_asker(question);
  question.role = role.name;
  question.account = context.provider(role).describe(role).target;
  question.ttl = access.ttl;
  question.rule = "approvals.roles." + role.name;
  question.rules_digest = role_digest(context, role, needs);
  question.reason = access.reason;
  question.ticket = access.ticket;
  return question;
}

// An emergency that nobody has reviewed yet.
struct Emergency {
  std::string line;  // the statement that its review signs
  ApprovalStatement statement;
};

std::vector<Emergency> unreviewed(Context& context) {
  std::vector<Emergency> open;
  if (!std::filesystem::exists(context.paths().ledger())) return open;
  RecordFilter filter;
  filter.kinds = {"intent", "note"};
  for_each_record(context.paths().ledger(), filter, [&open](const RecordEntry& entry) {
    if (entry.kind == RecordKind::Intent && entry.number("break_glass") == 1) {
      const std::string line = entry.text("review") + "\n";
      open.push_back({line, parse_statement(line)});
    } else if (entry.text("event") == "review") {
      std::erase_if(open, [&entry](const Emergency& emergency) {
        return emergency.statement.nonce == entry.text("nonce");
      });
    }
    return true;
  });
  return open;
}

// One of those who were skipped is enough to have looked.
ApprovalFindings judge_review(Context& context, const ApprovalSettings& settings,
                              const Emergency& emergency, const std::vector<ApprovalFile>& given) {
  std::vector<ApprovalFile> files =
      approvals_in_places(context, settings, emergency.statement.nonce);
  files.insert(files.end(), given.begin(), given.end());
  std::erase_if(files,
                [&emergency](const ApprovalFile& file) { return file.line != emergency.line; });
  std::vector<ApprovalNeed> needs = needs_of(settings, emergency.statement.role);
  for (ApprovalNeed& need : needs) need.count = 1;
  if (needs.empty()) needs.push_back({"", 1});
  return check_signatures(files, needs, false, settings, load_signers(context, settings),
                          observe_asker(settings), context.clock().wall_now());
}

std::string review_path(Context& context, const Emergency& emergency) {
  ApprovalStore store(context.files(), context.paths().approvals());
  return store.write_request(emergency.statement, context.clock().wall_now()).string();
}

void require_earlier_reviewed(Context& context, const std::vector<std::string>& files) {
  settle_reviews(context, read_approval_files(context, files));
  const std::vector<Emergency> open = unreviewed(context);
  if (open.empty()) return;
  throw Error(ErrorCode::Denied,
              "the emergency access of " + format_rfc3339(open.front().statement.not_before) +
                  " to role " + open.front().statement.role + " has not been reviewed yet",
              {"prodaccess approve --file " + shell_quote(review_path(context, open.front())) +
               "   (somebody else)"});
}

std::vector<std::string> skipped_people(const ApprovalSettings& settings, const std::string& role) {
  std::set<std::string> names;
  for (const ApprovalNeed& need : needs_of(settings, role)) {
    if (need.group.empty()) {
      for (const auto& [name, person] : settings.people) names.insert(name);
    } else if (const auto group = settings.groups.find(need.group);
               group != settings.groups.end()) {
      names.insert(group->second.begin(), group->second.end());
    }
  }
  for (const std::string& name : observe_asker(settings).people) names.erase(name);
  return {names.begin(), names.end()};
}

// A person, who has read what it means, and no script.
void confirm_emergency(Context& context, const AccessRequest& access,
                       const std::vector<std::string>& skipped) {
  Terminal* terminal = context.terminal();
  if (context.actor().identity != IdentityClass::Human || terminal == nullptr) {
    throw Error(
        ErrorCode::Denied, "emergency access is for a person at a terminal",
        {"run it in the foreground of a terminal, or without --break-glass for the approval"});
  }
  const std::string challenge = make_challenge(context.random().bytes(kChallengeRandom));
  terminal->show("prodaccess: emergency access to role " + escape_for_terminal(access.role) +
                 " for " + format_duration(access.ttl) + ", without the approval it needs\n  " +
                 escape_for_terminal(join(skipped, ", ")) + " will be told, and must review it\n");
  Question question;
  question.prompt = "Type  " + challenge + "  to take it: ";
  question.patience = kChallengePatience;
  const Answer answer = terminal->ask(question);
  if (answer.kind == Answer::Kind::Given && trim(answer.text.view()) == challenge) return;
  throw Error(ErrorCode::Denied,
              "not confirmed: " + (answer.why.empty() ? "the answer was wrong" : answer.why),
              {"run it again to be asked again"});
}

void prepare_emergency(Context& context, const Role& role, AccessRequest& access,
                       const ApprovalSettings& settings, const ApprovalAnswers& answers) {
  if (needs_of(settings, role.name).empty()) {
    throw Error(ErrorCode::Usage, "role " + role.name + " needs no approval",
                {"prodaccess request --role " + role.name});
  }
  if (!settings.break_glass || !settings.break_glass->roles.contains(role.name)) {
    throw Error(ErrorCode::Denied, "role " + role.name + " cannot be had without its approval",
                {"[approvals.break_glass] names the roles that can"});
  }
  if (access.reason.empty()) {
    throw Error(ErrorCode::Usage, "emergency access needs a reason",
                {"prodaccess request --role " + role.name + " --break-glass --reason \"...\""});
  }
  require_sinks(context, {settings.break_glass->alert});
  require_earlier_reviewed(context, answers.files);
  access.ttl = std::min(access.ttl, settings.break_glass->ttl);
  confirm_emergency(context, access, skipped_people(settings, role.name));
}

void record_refusal(Context& context, const AccessRequest& access, const Error& error) {
  LedgerRecord record;
  record.kind = RecordKind::Refused;
  record.role = access.role;
  record.text["action"] = access.break_glass ? "break-glass request" : "request";
  record.text["reason"] = access.reason;
  record.text["ticket"] = access.ticket;
  record.text["why"] = error.what();
  context.ledger().append(record, Durability::Durable);
}

}  // namespace

void approve_request(Context& context, const Role& role, AccessRequest& access,
                     const ApprovalAnswers& answers) {
  const ApprovalSettings settings = approval_settings(context);
  const std::vector<ApprovalNeed> needs = needs_of(settings, role.name);
  if (needs.empty() && !access.break_glass) return;
  try {
    if (access.break_glass) return prepare_emergency(context, role, access, settings, answers);
    access.approved_by =
        require_approval(context, question_of(context, role, access, needs), needs, false, answers);
  } catch (const Error& error) {
    record_refusal(context, access, error);
    throw;
  }
}

void add_request_approval(Context& context, LedgerRecord& record, const Grant& grant,
                          const AccessRequest& access) {
  if (!access.approved_by.empty()) record.text["approved_by"] = join(access.approved_by, ", ");
  if (!access.break_glass) return;
  const ApprovalSettings settings = approval_settings(context);
  const WallTime now = std::chrono::floor<Seconds>(context.clock().wall_now());
  ApprovalStatement review;
  review.kind = ApprovalKind::Review;
  fill_in_asker(review);
  review.role = grant.role;
  review.account = context.provider(context.config().role(grant.role))
                       .describe(context.config().role(grant.role))
                       .target;
  review.ttl = access.ttl;
  review.grant = grant.id;
  review.rule = "approvals.break_glass";
  review.reason = access.reason;
  review.ticket = access.ticket;
  review.not_before = now;
  review.not_after = now + kReviewKept;
  review.nonce = hex(context.random().bytes(16));
  record.numbers["break_glass"] = 1;
  record.text["alert"] = settings.break_glass->alert;
  record.text["skipped"] = join(skipped_people(settings, grant.role), ", ");
  record.text["review"] = trim(statement_line(review));
}

std::vector<std::string> announce_emergency(Context& context, const LedgerRecord& intent) {
  send_alerts(context, {intent.text.at("alert")}, AlertFailure::Refuses);
  const std::string line = intent.text.at("review") + "\n";
  const std::string path = review_path(context, {line, parse_statement(line)});
  return {"emergency access: " + intent.text.at("skipped") + " were told through " +
              intent.text.at("alert"),
          "to be reviewed by one of them: prodaccess approve --file " + shell_quote(path)};
}

void settle_reviews(Context& context, const std::vector<ApprovalFile>& given) {
  const std::vector<Emergency> open = unreviewed(context);
  if (open.empty()) return;
  const ApprovalSettings settings = approval_settings(context);
  for (const Emergency& emergency : open) {
    const ApprovalFindings findings = judge_review(context, settings, emergency, given);
    if (!findings.holds()) continue;
    LedgerRecord record;
    record.kind = RecordKind::Note;
    record.grant = emergency.statement.grant;
    record.role = emergency.statement.role;
    record.text["event"] = "review";
    record.text["nonce"] = emergency.statement.nonce;
    record.text["reviewed_by"] = join({findings.people.begin(), findings.people.end()}, ", ");
    context.ledger().append(record, Durability::Durable);
    ApprovalStore(context.files(), context.paths().approvals())
        .remove_request(emergency.statement.nonce);
  }
}

}  // namespace prodaccess
