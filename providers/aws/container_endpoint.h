// ContainerEndpoint: the container credentials endpoint of one `exec`, on loopback, so that a child
// that runs long gets new keys within its grant.
// AWS SDKs and Tools Reference, "Container credential provider".
//
// It serves the credential of its command (of that tier) to who shows its token, and a
// longer-living one once the old one nears its end. A client has a few seconds and 8
// KiB; no client can hold up another, or the child.
//
// Errors: as HTTP statuses. Threads: the supervising parent's one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/grant/fresh_credential.h"
#include "core/os/child_service.h"
#include "core/os/clock.h"
#include "core/os/random.h"
#include "providers/http/loopback_server.h"

namespace prodaccess {

// The body that clients read. Credential fields: access_key_id, secret_access_key, session_token,
// account_id (may be absent).
Secret container_credentials_json(const Credential& credential);

// What a request is, apart from the credential. Pure, so that it can be fuzzed.
struct EndpointGate {
  std::string authority;  // "127.0.0.1:PORT"
  std::string token;
};
// 0: more is to come; 200: the credential; else the status that refuses it.
int judge_endpoint_request(std::string_view received, const EndpointGate& gate);

class ContainerEndpoint final : public ChildService {
 public:
  // `clock` must outlive it.
  ContainerEndpoint(const Clock& clock, Random& random, FreshCredential credential);

  std::vector<std::pair<std::string, Secret>> environment() const override;
  std::vector<pollfd> descriptors() const override;
  void serve(const pollfd& ready) override;
  void child_ended() override { credential_.stop(); }

 private:
  LoopbackReply judge(std::string_view received);
  LoopbackReply answer_with_credential();

  LoopbackServer server_;
  EndpointGate gate_;
  FreshCredential credential_;
};

}  // namespace prodaccess
