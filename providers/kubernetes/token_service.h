// TokenService: hands the credential of one `exec` to the kubectl that runs under it.
//
// In the run's private folder lie a kubeconfig, with no secret in it, and a socket. kubectl runs
// `prodaccess kubernetes exec-credential --socket PATH` as the kubeconfig says; that connects, and
// is given the token and its end. Both die with the run. Near the token's end, callers wait for the
// next one.
//
// Threads: the supervising parent's one thread.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/grant/fresh_credential.h"
#include "core/os/child_service.h"
#include "core/os/files.h"
#include "core/os/local_listener.h"
#include "providers/kubernetes/kubernetes_parameters.h"

namespace prodaccess {

class TokenService final : public ChildService {
 public:
  struct Place {
    Files& files;
    std::filesystem::path folder;   // private to the run
    std::filesystem::path program;  // our own, absolute
  };
  // The credential's field `token` is served.
  TokenService(const Place& place, const KubernetesParameters& cluster, FreshCredential credential);

  std::vector<std::pair<std::string, Secret>> environment() const override;
  std::vector<pollfd> descriptors() const override;
  void serve(const pollfd& ready) override;
  void child_ended() override { credential_.stop(); }

 private:
  bool must_wait() const;
  Secret answer() const;

  LocalListener listener_;
  std::filesystem::path kubeconfig_;
  FreshCredential credential_;
  bool accepting_ = true;
};

// What the service says: "EXPIRY TOKEN".
struct ServedToken {
  WallTime expires_at{};
  Secret token;
};
ServedToken fetch_served_token(const std::filesystem::path& socket);

}  // namespace prodaccess
