// ContainerEndpoint: the container credentials endpoint of one `exec`, on loopback, so that a child
// that runs long gets new keys within its grant.
// AWS SDKs and Tools Reference, "Container credential provider".
//
// It serves one credential (the tier of its command) to who shows its token, and a longer-living
// one from a process of its own once the old one nears its end. A client has a few seconds and 8
// KiB; no client can hold up another, or the child.
//
// Errors: as HTTP statuses. Threads: the supervising parent's one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/grant/credential.h"
#include "core/os/child_service.h"
#include "core/os/clock.h"
#include "core/os/isolated_call.h"
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
  // Gives a credential that ends later than the one held, serialised. Called in a process of its
  // own, where no Secret made before exists.
  using Refresh = std::function<Secret(WallTime later_than)>;
  // `clock` must outlive it. `until`: the grant's end. No `refresh`: the one credential is all.
  ContainerEndpoint(const Clock& clock, Random& random, Credential credential, WallTime until,
                    Refresh refresh);

  std::vector<std::pair<std::string, Secret>> environment() const override;
  std::vector<pollfd> descriptors() const override;
  void serve(const pollfd& ready) override;
  void child_ended() override { call_.reset(); }

 private:
  LoopbackReply judge(std::string_view received);
  LoopbackReply answer_with_credential();
  void refresh_if_due();
  void finish_refresh();
  Milliseconds left() const;

  const Clock& clock_;
  LoopbackServer server_;
  EndpointGate gate_;
  Credential credential_;
  WallTime until_;
  Refresh refresh_;
  std::optional<BackgroundCall> call_;
  std::string failure_;  // why the last refresh failed
  BootTime next_try_{};
};

}  // namespace prodaccess
