// Context: the one place that knows the real collaborators. Each is made when first asked for, so
// that a command pays for what it uses: `exec` of an allowed read opens no D-Bus, no network
// library and no policy file that it does not need.
//
// Ownership: the context owns all of them and outlives every action. Threads: one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/grant/config.h"
#include "core/os/clock.h"
#include "core/os/random.h"

namespace prodaccess {

class Files;

// Where our own files lie. Only $HOME and the XDG variables move them; the system's folder is fixed
// when the program is built.
struct Paths {
  ConfigPaths config;
  std::filesystem::path state;    // $XDG_STATE_HOME/prodaccess
  std::filesystem::path runtime;  // $XDG_RUNTIME_DIR/prodaccess, else under `state`

  std::filesystem::path grants() const { return state / "grants"; }
  std::filesystem::path ledger() const { return state / "ledger"; }
  std::filesystem::path claims() const { return state / "claims"; }
  std::filesystem::path sessions() const { return runtime / "sessions"; }
};

class Context {
 public:
  explicit Context(bool json);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  bool json() const { return json_; }
  const Paths& paths() const { return paths_; }
  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  Files& files();
  const Config& config();

 private:
  bool json_;
  Paths paths_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Config> config_;
};

// A variable of our environment; "" where it is unset.
std::string environment_variable(const char* name);

}  // namespace prodaccess
