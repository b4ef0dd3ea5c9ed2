#include "core/os/pty_relay.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include "core/base/error.h"
#include "core/os/clock.h"

namespace prodaccess {
namespace {

constexpr std::size_t kMostTyped = 64U << 10;

TerminalSize size_of(const winsize& window) {
  return {window.ws_col == 0 ? 80 : window.ws_col, window.ws_row == 0 ? 24 : window.ws_row};
}

// The person's terminal may block: so would the command's own output to it.
void show(int terminal, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(terminal, text.data(), text.size());
    if (written < 0 && errno != EINTR && errno != EAGAIN) return;  // it has hung up
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

PtyRelay::PtyRelay(const RecordingPlan& plan, const std::vector<std::string_view>& secrets)
    : outer_(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)),
      begin_(std::chrono::steady_clock::now()) {
  if (!outer_ || tcgetpgrp(outer_.get()) != getpgrp() || tcgetattr(outer_.get(), &before_) != 0) {
    throw Error(ErrorCode::Denied,
                "this command is recorded, which needs the foreground of a terminal",
                {"run it in the foreground of a terminal"});
  }
  winsize window{};
  ioctl(outer_.get(), TIOCGWINSZ, &window);
  open_inner();
  std::vector<std::string_view> all = secrets;
  for (const Secret& secret : plan.masked) all.push_back(secret.view());
  cast_.emplace(plan, size_of(window), SystemClock().wall_now(), all);
  termios raw = before_;
  cfmakeraw(&raw);
  raw_ = tcsetattr(outer_.get(), TCSADRAIN, &raw) == 0;
}

PtyRelay::~PtyRelay() {
  if (raw_) tcsetattr(outer_.get(), TCSADRAIN, &before_);
}

void PtyRelay::open_inner() {
  master_ = Descriptor(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!master_ || unlockpt(master_.get()) != 0) throw system_error("a terminal to record", errno);
  inner_ = Descriptor(ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!inner_) throw system_error("a terminal to record", errno);
  winsize window{};
  if (ioctl(outer_.get(), TIOCGWINSZ, &window) == 0) ioctl(inner_.get(), TIOCSWINSZ, &window);
  tcsetattr(inner_.get(), TCSANOW, &before_);
}

void PtyRelay::window_changed() {
  winsize window{};
  if (ioctl(outer_.get(), TIOCGWINSZ, &window) != 0) return;
  ioctl(master_.get(), TIOCSWINSZ, &window);  // the kernel tells the command
  cast_->resized(size_of(window), elapsed());
}

std::vector<pollfd> PtyRelay::descriptors() const {
  std::vector<pollfd> waits;
  const int write_too = typed_.empty() ? 0 : POLLOUT;
  if (open_) waits.push_back({master_.get(), static_cast<short>(POLLIN | write_too), 0});
  if (typed_.size() < kMostTyped) waits.push_back({outer_.get(), POLLIN, 0});
  return waits;
}

void PtyRelay::serve(const pollfd& ready) {
  if (ready.fd == outer_.get()) return pass_input();
  if ((ready.revents & POLLOUT) != 0) send_input();
  if ((ready.revents & (POLLIN | POLLHUP)) != 0) open_ = pass_output();
}

// False: nobody has the command's terminal open any more.
bool PtyRelay::pass_output() {
  char bytes[16384];
  const ssize_t got = read(master_.get(), bytes, sizeof bytes);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  const std::string_view text(bytes, static_cast<std::size_t>(got));
  cast_->output(text, elapsed());
  show(outer_.get(), text);
  return true;
}

void PtyRelay::pass_input() {
  char bytes[4096];
  const ssize_t got = read(outer_.get(), bytes, sizeof bytes);
  if (got > 0) typed_.append(bytes, static_cast<std::size_t>(got));
  wipe(bytes, sizeof bytes);
  send_input();
}

void PtyRelay::send_input() {
  const ssize_t sent = write(master_.get(), typed_.data(), typed_.size());
  if (sent <= 0) return;
  const auto count = static_cast<std::size_t>(sent);
  wipe(typed_.data(), count);
  typed_.erase(0, count);
}

std::string PtyRelay::finish() {
  pollfd wait{master_.get(), POLLIN, 0};
  while (open_ && poll(&wait, 1, 0) > 0 && (wait.revents & (POLLIN | POLLHUP)) != 0) {
    open_ = pass_output();
  }
  return cast_->finish(elapsed());
}

Milliseconds PtyRelay::elapsed() const {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin_);
}

}  // namespace prodaccess
