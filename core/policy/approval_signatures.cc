// Whose signatures count, and which seats they fill.
#include <map>

#include "core/base/text.h"
#include "core/policy/approval.h"

namespace prodaccess {
namespace {

// The seats that `people` fill, one person one seat (augmenting paths; both are few).
class Seating {
 public:
  Seating(const std::vector<ApprovalNeed>& needs, const std::set<std::string>& people,
          const ApprovalSettings& settings)
      : people_(people.begin(), people.end()) {
    for (const ApprovalNeed& need : needs) {
      const auto group = settings.groups.find(need.group);
      for (std::uint8_t i = 0; i < need.count; ++i) {
        seats_.push_back({need.group, need.group.empty() ? nullptr : &group->second, -1});
        if (!need.group.empty() && group == settings.groups.end()) seats_.back().members = &kNobody;
      }
    }
    for (std::size_t person = 0; person < people_.size(); ++person) {
      std::vector<bool> tried(seats_.size());
      seat(static_cast<int>(person), tried);
    }
  }

  std::vector<std::string> empty_seats() const {
    std::map<std::string, int> missing;
    for (const Seat& seat : seats_) missing[seat.group] += seat.person < 0 ? 1 : 0;
    std::vector<std::string> lines;
    for (const auto& [group, count] : missing) {
      if (count == 0) continue;
      lines.push_back(std::to_string(count) + " more of " +
                      (group.empty() ? "those who may sign" : group));
    }
    return lines;
  }

 private:
  struct Seat {
    std::string group;
    const std::set<std::string>* members;  // null: anybody
    int person;
  };
  static const std::set<std::string> kNobody;

  bool seat(int person, std::vector<bool>& tried) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      const bool may = seats_[i].members == nullptr ||
                       seats_[i].members->count(people_[static_cast<std::size_t>(person)]) != 0;
      if (!may || tried[i]) continue;
      tried[i] = true;
      if (seats_[i].person < 0 || seat(seats_[i].person, tried)) {
        seats_[i].person = person;
        return true;
      }
    }
    return false;
  }

  std::vector<std::string> people_;
  std::vector<Seat> seats_;
};
const std::set<std::string> Seating::kNobody;

// The person whose signature this is; else why it does not count.
struct Signer {
  std::optional<std::string> person;
  std::string problem;
};

Signer signer_of(const std::string& armored, const std::string& line, bool security_key,
                 const ApprovalSettings& settings, const AllowedSigners& signers,
                 const Asker& requester, WallTime now) {
  const auto signature = parse_sshsig(armored);
  if (!signature) return {{}, "a signature cannot be read"};
  if (!signature->verify(line, kApprovalNamespace)) {
    return {{}, "a signature is not over this statement"};
  }
  if (security_key && !signature->key.is_security_key()) {
    return {{}, "a signature is not by a security key, which the rule asks for"};
  }
  std::set<std::string> people;
  for (const auto& principal : signers.signers_of(*signature, settings.all_principals(), now)) {
    people.insert(*settings.person_of_principal(principal));
  }
  if (people.empty()) return {{}, "a signature is by a key that allowed_signers does not give now"};
  if (people.size() > 1) return {{}, "a signature's key stands for several people"};
  if (requester.people.count(*people.begin()) != 0) {
    return {{}, *people.begin() + " asks and cannot approve"};
  }
  return {*people.begin(), ""};
}

}  // namespace

ApprovalFindings check_signatures(const std::vector<ApprovalFile>& approvals,
                                  const std::vector<ApprovalNeed>& needs, bool security_key,
                                  const ApprovalSettings& settings, const AllowedSigners& signers,
                                  const Asker& requester, WallTime now) {
  ApprovalFindings findings;
  if (requester.people.empty()) {
    findings.problems.push_back("uid " + std::to_string(requester.uid) +
                                " is nobody in [approvals.people], so nobody can be kept from "
                                "approving their own request");
    return findings;
  }
  std::vector<std::string> remarks;
  for (const ApprovalFile& approval : approvals) {
    if (approval.line != approvals.front().line) {
      remarks.emplace_back("an approval is of another statement");
      continue;
    }
    for (const std::string& armored : approval.signatures) {
      Signer signer =
          signer_of(armored, approval.line, security_key, settings, signers, requester, now);
      if (signer.person) {
        findings.people.insert(*signer.person);
      } else {
        remarks.push_back(std::move(signer.problem));
      }
    }
  }
  findings.problems = missing_people(needs, findings.people, settings);
  // Why signatures did not count matters only where one is missing.
  if (!findings.problems.empty()) {
    findings.problems.insert(findings.problems.end(), remarks.begin(), remarks.end());
  }
  return findings;
}

std::vector<std::string> missing_people(const std::vector<ApprovalNeed>& needs,
                                        const std::set<std::string>& people,
                                        const ApprovalSettings& settings) {
  return Seating(needs, people, settings).empty_seats();
}

}  // namespace prodaccess
