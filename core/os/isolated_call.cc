#include "core/os/isolated_call.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/netstring.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargestMessage = 4U << 20;
using Deadline = std::chrono::steady_clock::time_point;

// False at the deadline.
bool wait_ready(int socket, short events, Deadline deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ready{socket, events, 0};
    const int count = poll(&ready, 1, left < 0 ? 0 : static_cast<int>(left));
    if (count > 0) return true;
    if (count == 0) return false;
    if (errno != EINTR) throw system_error("waiting for a helper process", errno);
  }
}

// False at the deadline. A reader that has gone is not an error here: its reply says why.
bool send_all(int socket, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (!wait_ready(socket, POLLOUT, deadline)) return false;
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EINTR && errno != EAGAIN) break;
  }
  shutdown(socket, SHUT_WR);
  return true;
}

// One read into `buffer`, which grows as needed; true at the other side's end.
bool receive_some(int socket, Secret& buffer, std::size_t& filled) {
  if (filled == buffer.size()) {
    if (filled >= kLargestMessage) throw Error(ErrorCode::System, "a helper process said too much");
    Secret larger(std::max(std::size_t{64} << 10, buffer.size() * 2));
    if (filled != 0) std::memcpy(larger.data(), buffer.data(), filled);
    buffer = std::move(larger);
  }
  const ssize_t got = recv(socket, buffer.data() + filled, buffer.size() - filled, MSG_DONTWAIT);
  if (got < 0 && errno != EINTR && errno != EAGAIN) {
    throw system_error("hearing from a helper process", errno);
  }
  if (got > 0) filled += static_cast<std::size_t>(got);
  return got == 0;
}

// All up to the other side's end; absent at the deadline.
std::optional<Secret> receive_all(int socket, Deadline deadline) {
  Secret buffer;
  std::size_t filled = 0;
  while (wait_ready(socket, POLLIN, deadline)) {
    if (receive_some(socket, buffer, filled)) return Secret(buffer.view().substr(0, filled));
  }
  return std::nullopt;
}

Secret encode_error(const Error& error) {
  const std::string code = std::to_string(static_cast<int>(error.code()));
  std::vector<std::string_view> parts{"error", code, error.what()};
  parts.insert(parts.end(), error.hints().begin(), error.hints().end());
  return encode_netstrings(parts);
}

Secret decode_reply(std::string_view reply) {
  const auto parts = decode_netstrings(reply);
  if (parts && parts->size() == 2 && parts->front() == "value") return Secret((*parts)[1]);
  if (!parts || parts->size() < 3 || parts->front() != "error") {
    throw Error(ErrorCode::System, "a helper process died");
  }
  const auto code = static_cast<ErrorCode>(std::stoi(std::string((*parts)[1])));
  throw Error(code, std::string((*parts)[2]), {parts->begin() + 3, parts->end()});
}

// Libraries write their warnings where they like.
void silence() {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) return;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, fd);
}

[[noreturn]] void run_child(int socket, Deadline deadline,
                            const std::function<Secret(std::string_view)>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  silence();
  try {
    const std::optional<Secret> input = receive_all(socket, deadline);
    if (!input) _exit(1);
    Secret reply;
    try {
      const Secret value = work(input->view());
      reply = encode_netstrings({"value", value.view()});
    } catch (const Error& error) {
      reply = encode_error(error);
    }
    send_all(socket, reply.view(), deadline);
  } catch (const std::exception&) {
    _exit(1);
  }
  _exit(0);
}

// Ends the child on every way out.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  pid_t pid_;
};

}  // namespace

Secret run_isolated(std::string_view input, Milliseconds patience,
                    const std::function<Secret(std::string_view input)>& work) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw system_error("making a socket pair", errno);
  }
  const Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) throw system_error("making a helper process", errno);
  if (pid == 0) {
    close(ends[0]);
    run_child(ends[1], deadline, work);
  }
  theirs = Descriptor();
  const Child child(pid);
  const bool sent = send_all(ours.get(), input, deadline);
  const std::optional<Secret> reply = sent ? receive_all(ours.get(), deadline) : std::nullopt;
  if (!reply) {
    throw Error(ErrorCode::Busy,
                "no answer within " + format_duration(std::chrono::ceil<Seconds>(patience)));
  }
  return decode_reply(reply->view());
}

namespace {

// Our descriptors would keep connections open that we close; and nothing may outlive the deadline.
void stand_apart(int socket, Seconds patience) {
  setpgid(0, 0);
  const auto kept = static_cast<unsigned>(socket);
  if (kept > 3) close_range(3, kept - 1, 0);
  close_range(kept + 1, ~0U, 0);
  sigset_t all;
  sigemptyset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  for (const int number : {SIGALRM, SIGTERM, SIGCHLD, SIGPIPE}) std::signal(number, SIG_DFL);
  alarm(static_cast<unsigned>(patience.count()));
}

}  // namespace

BackgroundCall::BackgroundCall(Seconds patience, const std::function<Secret()>& work) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw system_error("making a socket pair", errno);
  }
  socket_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) throw system_error("making a helper process", errno);
  if (pid == 0) {
    stand_apart(ends[1], patience);
    run_child(ends[1], std::chrono::steady_clock::now() + patience,
              [&](std::string_view) { return work(); });
  }
  shutdown(ends[0], SHUT_WR);  // it is given nothing
  process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

BackgroundCall::~BackgroundCall() {
  if (process_) syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
  siginfo_t ended{};
  if (process_)
    waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_.get()), &ended, WEXITED);
}

bool BackgroundCall::receive() { return receive_some(socket_.get(), buffer_, filled_); }

Secret BackgroundCall::result() const { return decode_reply(buffer_.view().substr(0, filled_)); }

}  // namespace prodaccess
