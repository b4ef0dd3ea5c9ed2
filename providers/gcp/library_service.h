// LibraryService: leads Google's client libraries in one `exec` to the token of its command.
//
// No variable hands them a token: they read a credential file. The one in the run's private folder
// holds no secret. It names a program (us), which is given a fresh word by a socket in that folder,
// and an address on loopback, which gives the token to who shows that word: the exchange of RFC
// 8693, as with Google's own Security Token Service. All of it ends with the run. Near the
// token's end a library that asks again gets the next one of the grant.
//
// Without it a library would fall back to the user's own login.
//
// Threads: the supervising parent's one thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/grant/fresh_credential.h"
#include "core/os/child_service.h"
#include "core/os/clock.h"
#include "core/os/files.h"
#include "core/os/local_listener.h"
#include "core/os/random.h"
#include "providers/http/loopback_server.h"

namespace prodaccess {

// What an exchange must show. Pure.
struct ExchangeGate {
  std::string authority;  // "127.0.0.1:PORT"
  std::string word;
};
// 0: more is to come; 200: the token may be given; else the status that refuses it.
int judge_exchange(std::string_view received, const ExchangeGate& gate);

class LibraryService final : public ChildService {
 public:
  struct Place {
    const Clock& clock;
    Random& random;
    Files& files;
    std::filesystem::path folder;   // private to the run
    std::filesystem::path program;  // our own, absolute
  };
  // What `place` refers to must outlive it.
  // The credential's field `token` is served.
  LibraryService(const Place& place, FreshCredential credential);

  std::vector<std::pair<std::string, Secret>> environment() const override;
  std::vector<pollfd> descriptors() const override;
  void serve(const pollfd& ready) override;
  void child_ended() override { credential_.stop(); }

 private:
  LoopbackReply answer(std::string_view received);

  std::filesystem::path file_;
  LocalListener listener_;
  LoopbackServer server_;
  ExchangeGate gate_;
  FreshCredential credential_;
  bool accepting_ = true;
};

// In the library's program: the answer that it takes, with the word of the service at `socket`.
// Throws Error{NoGrant} where the run has ended.
Secret fetch_library_answer(const std::filesystem::path& socket, WallTime now);

}  // namespace prodaccess
