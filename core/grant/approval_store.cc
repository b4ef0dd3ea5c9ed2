#include "core/grant/approval_store.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargest = 4U << 20;
constexpr Milliseconds kPatience{5000};

// The mark of a used approval. It stays for good: a clock that is set forward and back must not
// bring an approval to life again.
std::filesystem::path used_path(const std::filesystem::path& folder, const std::string& nonce) {
  return folder / "used" / nonce;
}

}  // namespace

bool same_question(const ApprovalStatement& a, const ApprovalStatement& b) {
  ApprovalStatement same = a;
  same.nonce = b.nonce;
  same.not_before = b.not_before;
  same.not_after = b.not_after;
  return same == b;
}

ApprovalStore::ApprovalStore(Files& files, std::filesystem::path folder)
    : files_(files), folder_(std::move(folder)) {}

std::filesystem::path ApprovalStore::request_path(const std::string& nonce) const {
  return folder_ / "requests" / ("req-" + nonce.substr(0, 8) + ".json");
}

std::filesystem::path ApprovalStore::write_request(const ApprovalStatement& statement,
                                                   WallTime now) {
  for (const ApprovalStatement& waiting : requests(now)) {
    if (same_question(waiting, statement) && !is_used(waiting.nonce)) {
      return request_path(waiting.nonce);
    }
  }
  files_.make_folder(folder_ / "requests");
  const auto path = request_path(statement.nonce);
  files_.write(path, statement_line(statement));
  return path;
}

std::vector<ApprovalStatement> ApprovalStore::requests(WallTime now) {
  std::vector<ApprovalStatement> found;
  const auto names = files_.list(folder_ / "requests", Owner::Me);
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (!name.ends_with(".json")) continue;
    const auto text = files_.read(folder_ / "requests" / name, Owner::Me, kLargest);
    if (!text) continue;
    ApprovalStatement statement = parse_statement(*text);
    if (statement.not_after > now) {
      found.push_back(std::move(statement));
    } else {
      files_.remove(folder_ / "requests" / name);
    }
  }
  return found;
}

void ApprovalStore::remove_request(const std::string& nonce) { files_.remove(request_path(nonce)); }

bool ApprovalStore::is_used(const std::string& nonce) {
  return files_.read(used_path(folder_, nonce), Owner::Me, kLargest).has_value();
}

void ApprovalStore::use(const ApprovalStatement& statement) {
  files_.make_folder(folder_ / "used");
  const auto lock = files_.lock(folder_ / "used.lock", kPatience);
  if (is_used(statement.nonce)) {
    throw Error(ErrorCode::Denied, "this approval was used already",
                {"prodaccess approvals      lists what waits; each approval serves once"});
  }
  files_.write(used_path(folder_, statement.nonce), format_rfc3339(statement.not_after) + "\n");
  remove_request(statement.nonce);
}

std::vector<ApprovalFile> approvals_of(const std::vector<std::string>& texts,
                                       const std::string& nonce) {
  std::vector<ApprovalFile> found;
  for (const std::string& text : texts) {
    if (text.find(nonce) == std::string::npos) continue;
    try {
      ApprovalFile approval = parse_approval_file(text);
      if (approval.statement.nonce == nonce) found.push_back(std::move(approval));
    } catch (const Error&) {
      continue;  // somebody else's file
    }
  }
  return found;
}

}  // namespace prodaccess
