// ApprovalStore: requests for approval that wait here, and the approvals that were used. A
// statement serves once: its nonce is marked, durably and for good, before anything runs on it.
//
// Errors: as Files. Processes: marking takes a lock; two uses of one approval cannot both succeed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/os/files.h"
#include "core/policy/approval.h"

namespace prodaccess {

class ApprovalStore {
 public:
  // `folder` beneath the state folder is made when first needed.
  ApprovalStore(Files& files, std::filesystem::path folder);

  // Writes the statement's line as a request; the file's path. The same question asked again (all
  // but nonce and times equal) while its first request lives is that first one.
  std::filesystem::path write_request(const ApprovalStatement& statement, WallTime now);
  std::vector<ApprovalStatement> requests(WallTime now);  // that have not ended
  void remove_request(const std::string& nonce);
  std::filesystem::path request_path(const std::string& nonce) const;

  bool is_used(const std::string& nonce);
  // Marks it as used. Throws Error{Denied} if it already was.
  void use(const ApprovalStatement& statement);

 private:
  Files& files_;
  std::filesystem::path folder_;
};

// Those of `texts` that are approvals of this nonce; what cannot be read as one is passed over.
std::vector<ApprovalFile> approvals_of(const std::vector<std::string>& texts,
                                       const std::string& nonce);

// The parts of a statement that make it the same question.
bool same_question(const ApprovalStatement& a, const ApprovalStatement& b);

}  // namespace prodaccess
