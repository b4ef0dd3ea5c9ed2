// An approval's file: what is taken for a statement is in the one form that was signed, and text
// that nobody signed never holds.
#include <cstdlib>

#include "core/base/error.h"
#include "core/policy/approval.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// One person may sign; the fuzzer does not have the key.
const AllowedSigners& signers() {
  static const AllowedSigners all = AllowedSigners::parse(
      "bob ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO/vfhdvr+0yvr296T1u6qps9inSO0uOe0h84o1/FyFU\n",
      "signers");
  return all;
}

ApprovalSettings settings() {
  ApprovalSettings settings;
  settings.people["ana"] = {{1000}, {"ana"}};
  settings.people["bob"] = {{1001}, {"bob"}};
  return settings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto signature = parse_sshsig(text)) {
    require(!signature->name_space.empty());
    require(SshPublicKey::parse(signature->key.blob()).has_value());
  }
  try {
    const ApprovalFile file = parse_approval_file(text);
    require(statement_line(file.statement) == file.line);
    require(
        mismatches(file.statement, file.statement, settings(), file.statement.not_after).size() >
        0);
    const auto findings = check_signatures({file}, {{"", 1}}, false, settings(), signers(),
                                           {1000, {"ana"}}, file.statement.not_before);
    require(!findings.holds());
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Denied);
  }
  return 0;
}
