// [approvals] of the trusted configuration: who may sign, who is who, and where approvals are
// found. prodaccess-policy(5), APPROVALS.
//
//   [approvals]
//   allowed_signers = "/etc/prodaccess/allowed_signers"
//   places   = ["/srv/approvals"]          # folders, or git working copies
//   command  = ["/usr/local/bin/fetch-approvals"]
//   validity = "1h"                        # what `approve` signs for, and the most that counts
//   fewer_is_enough = false                # an approval covers smaller counts too
//   [approvals.people]
//   ana = { uid = 1000, principals = ["ana@example.com"] }
//   [approvals.groups]
//   sre-leads = ["ana", "bob"]
//   [approvals.roles]
//   ops = { group = "sre-leads", count = 1 }   # to get the role at all
//   [approvals.break_glass]
//   roles = ["ops"]
//   ttl   = "15m"
//   alert = "pager"
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/policy/decision.h"

namespace prodaccess {

struct Person {
  std::vector<std::uint32_t> uids;
  std::vector<std::string> principals;  // in allowed_signers; the person's own name always is one
};

struct BreakGlass {
  std::set<std::string> roles;
  Seconds ttl{900};
  std::string alert;  // the sink that tells everybody who was skipped
};

struct ApprovalSettings {
  std::string allowed_signers;  // the file; "" for none: nobody can approve
  std::vector<std::string> places;
  std::vector<std::string> command;
  Seconds validity{3600};
  bool fewer_is_enough = false;
  std::map<std::string, Person, std::less<>> people;
  std::map<std::string, std::set<std::string>, std::less<>> groups;  // of people
  std::map<std::string, std::vector<ApprovalNeed>, std::less<>> roles;
  std::optional<BreakGlass> break_glass;

  // The person of a kernel uid; absent: unmapped.
  std::optional<std::string> person_of(std::uint32_t uid) const;
  std::vector<std::string> all_principals() const;
  // The person that a principal stands for; absent: nobody's.
  std::optional<std::string> person_of_principal(const std::string& principal) const;
};

// Takes all keys of the table. Throws Error{Config} with FILE:LINE:COLUMN; a uid or principal of
// two people, and a group's member who is nobody, are errors.
ApprovalSettings read_approval_settings(ConfigTable table);

}  // namespace prodaccess
