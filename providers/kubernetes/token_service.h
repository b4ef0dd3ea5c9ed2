// TokenService: hands the credential of one `exec` to the kubectl that runs under it.
//
// In the run's private folder lie a kubeconfig, with no secret in it, and a socket. kubectl runs
// `prodaccess kubernetes exec-credential --socket PATH` as the kubeconfig says; that connects, and
// is given the token and its end. Both die with the run.
//
// Threads: the supervising parent's one thread.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/os/child_service.h"
#include "core/os/local_listener.h"

namespace prodaccess {

class TokenService final : public ChildService {
 public:
  TokenService(const std::filesystem::path& folder, std::filesystem::path kubeconfig, Secret token,
               WallTime expires_at);

  std::vector<std::pair<std::string, Secret>> environment() const override;
  std::vector<pollfd> descriptors() const override;
  void serve(const pollfd& ready) override;

  static std::filesystem::path socket_in(const std::filesystem::path& folder) {
    return folder / "token.sock";
  }

 private:
  LocalListener listener_;
  std::filesystem::path kubeconfig_;
  Secret answer_;
  bool accepting_ = true;
};

// What the service says: "EXPIRY TOKEN".
struct ServedToken {
  WallTime expires_at{};
  Secret token;
};
ServedToken fetch_served_token(const std::filesystem::path& socket);

}  // namespace prodaccess
