// Approval: a signed statement by somebody else about one request or one exact command.
//
// A statement is one line of canonical JSON and its newline; the signatures (SSHSIG) are over
// exactly these bytes, so `ssh-keygen -Y verify` can check them. A file of an approval is that line
// followed by the armoured signatures; without any it is a request for approval.
//
// Pure: keys, people and groups come from the system layer (approval_settings.h), the clock and who
// asks from the caller; that an approval serves once is core/grant/approval_store's.
// Errors: Error{Denied} for text that is no statement. Threads: pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/policy/allowed_signers.h"
#include "core/policy/approval_settings.h"
#include "core/policy/decision.h"
#include "core/policy/preview_summary.h"

namespace prodaccess {

// Review: an emergency access that was taken without an approval, looked at afterwards.
enum class ApprovalKind : std::uint8_t { Command, Role, Review };

std::string_view approval_kind_name(ApprovalKind kind);

struct ApprovalStatement {
  ApprovalKind kind = ApprovalKind::Command;
  std::string role;
  std::string account;
  // Of a command. Values that its pack marks as secret are masked, here and so in the digest.
  std::vector<std::string> argv;
  std::string program;
  std::string folder;  // the working folder
  // Files that it runs, reads or is steered by, with their SHA-256 ("" for one that is not there),
  // and variables that steer it.
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> variables;
  std::string effect;
  PreviewSummary preview;
  // Of a role, and of a review.
  Seconds ttl{0};
  // Of a review: the grant that was taken.
  std::string grant;
  // Of all.
  std::string rule;          // for people
  std::string rules_digest;  // Decision::rules_digest
  std::string machine;
  std::uint32_t uid = 0;
  std::string requester;  // person or account name, for people: who asks is judged by uid
  std::string reason;
  std::string ticket;
  WallTime not_before{};
  WallTime not_after{};
  std::string nonce;  // 32 hex digits

  bool operator==(const ApprovalStatement&) const = default;
};

// The line that is signed.
std::string statement_line(const ApprovalStatement& statement);
ApprovalStatement parse_statement(std::string_view line);

// SHA-256 over the words, each with its length, hex.
std::string argv_digest(const std::vector<std::string>& argv);

// A file: the statement's line, and what follows it.
struct ApprovalFile {
  std::string line;
  ApprovalStatement statement;
  std::vector<std::string> signatures;  // armoured
};
ApprovalFile parse_approval_file(std::string_view text);

// Why an approval does not hold, in words; empty: it does.
struct ApprovalFindings {
  std::vector<std::string> problems;
  std::set<std::string> people;  // whose signatures count
  bool holds() const { return problems.empty(); }
};

// Who asks: the persons of the kernel's uid and login uid. Empty where neither is mapped: then
// nobody can be excluded, and no approval counts.
struct Asker {
  std::uint32_t uid = 0;
  std::set<std::string> people;
};

// Whether the signatures of `approvals`, all of one statement, meet all needs at `now`.
// `security_key`: only signatures by touched security keys count.
ApprovalFindings check_signatures(const std::vector<ApprovalFile>& approvals,
                                  const std::vector<ApprovalNeed>& needs, bool security_key,
                                  const ApprovalSettings& settings, const AllowedSigners& signers,
                                  const Asker& requester, WallTime now);

// Whether the approved statement is about what is asked now, by the same user on the same machine,
// under the same rules, and in time. Each difference is one line.
std::vector<std::string> mismatches(const ApprovalStatement& approved,
                                    const ApprovalStatement& asked,
                                    const ApprovalSettings& settings, WallTime now);

// How many people of each need are still missing: "1 more of sre-leads".
std::vector<std::string> missing_people(const std::vector<ApprovalNeed>& needs,
                                        const std::set<std::string>& people,
                                        const ApprovalSettings& settings);

}  // namespace prodaccess
