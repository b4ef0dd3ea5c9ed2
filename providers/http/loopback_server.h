// LoopbackServer: a small HTTP server on 127.0.0.1, for what one `exec` serves to its child. It
// reads whole requests and sends one answer each, then hangs up.
//
// A client has ten seconds and 24 KiB; there are 32 at most, the oldest makes way. No client can
// hold up another, or the child. It tells nothing of who calls: what is served must ask for a
// secret.
//
// Errors: as HTTP statuses. Threads: the supervising parent's one thread.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"
#include "core/os/clock.h"
#include "core/os/loopback_listener.h"

namespace prodaccess {

// What a request comes to.
struct LoopbackReply {
  enum class State { More, Wait, Done } state = State::More;  // Wait: `answer_waiting` will come
  Secret answer;                                              // of Done: all that is sent
};

class LoopbackServer {
 public:
  using Handler = std::function<LoopbackReply(std::string_view received)>;
  // `clock` must outlive it.
  LoopbackServer(const Clock& clock, Handler handler);

  // "127.0.0.1:PORT", as the Host header has it.
  std::string authority() const;
  std::vector<pollfd> descriptors() const;
  void serve(const pollfd& ready);
  // Asks the handler again for each client that waits, with the request it sent.
  void answer_waiting();

 private:
  struct Client {
    explicit Client(LocalConnection accepted) : connection(std::move(accepted)) {}
    LocalConnection connection;
    std::string received;
    Secret answer;
    std::size_t sent = 0;
    bool waiting = false;
    BootTime deadline{};
  };

  static short wanted_events(const Client& client);
  void accept_client();
  void drop_late_clients();
  // False: the client is to be let go.
  bool serve_client(Client& client, short events);
  void judge(Client& client);
  static bool send_answer(Client& client);

  LoopbackListener listener_;
  PollTimer timer_;
  const Clock& clock_;
  Handler handler_;
  std::list<Client> clients_;
  bool accepting_ = true;
};

// "OK", "Not Found", ...
std::string_view http_reason(int status);
// A whole JSON answer, not to be kept by anybody.
Secret http_answer(int status, std::string_view body);

}  // namespace prodaccess
