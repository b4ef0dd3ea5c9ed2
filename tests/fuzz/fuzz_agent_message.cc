// An agent's answer is a refusal, the list, or a signature that verifies over exactly the bytes
// that were asked for.
#include <cstdlib>

#include "core/base/ssh_wire.h"
#include "providers/local/ssh_agent.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

const AgentIdentity& identity() {
  static const AgentIdentity held{"certificate",
                                  [] { return Ed25519Key(Secret(std::string(32, 'k'))); }, "c"};
  return held;
}

void check_signature(std::string_view message, SshReader answer) {
  SshReader request(message.substr(1));
  require(request.string() == identity().certificate);
  const std::string_view data = request.string();
  SshReader signature(answer.string());
  require(answer.finished() && signature.string() == kSshEd25519);
  require(ed25519_verify(identity().key().public_key(), data, signature.string()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(bytes), size);
  const std::string answer = answer_agent_message(message, identity(), true);
  SshReader reader(answer);
  const std::uint8_t type = reader.u8();
  require(type == 5 || type == 12 || type == 14);
  if (type == 14) check_signature(message, reader);
  const std::string late = answer_agent_message(message, identity(), false);
  require(late == SshWriter().u8(5).bytes() || late == SshWriter().u8(12).u32(0).bytes());
  return 0;
}
