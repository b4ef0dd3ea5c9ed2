#include "core/os/identity.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

// Nearest first, as "name" or "name arg arg"; pids count down to 1.
CallerSnapshot under(const std::vector<std::vector<std::string>>& chain) {
  CallerSnapshot caller;
  caller.controlling_terminal = true;
  caller.identity_uid_map = true;
  auto pid = static_cast<pid_t>(chain.size());
  for (const auto& words : chain) {
    Ancestor ancestor;
    ancestor.id = {pid--, 1};
    ancestor.name = words[0];
    ancestor.arguments.assign(words.begin(), words.end());
    ancestor.variables.emplace();
    caller.ancestors.push_back(ancestor);
  }
  return caller;
}

// Gives `variable` to ourselves and the `count` nearest ancestors.
CallerSnapshot with(CallerSnapshot caller, const std::string& variable, std::size_t count) {
  caller.variables.push_back(variable);
  for (std::size_t i = 0; i < count; ++i) caller.ancestors[i].variables->push_back(variable);
  return caller;
}

std::string name_of(const CallerSnapshot& caller) {
  return std::string(identity_class_name(classify(caller).identity));
}

}  // namespace

TEST_CASE("identity: people come from logins, terminals and multiplexers") {
  for (const char* origin :
       {"login", "sshd", "sshd-session", "tmux: server", "SCREEN", "konsole", "gnome-terminal-",
        "xterm", "kitty", "code", "zellij", "mosh-server"}) {
    CAPTURE(origin);
    CHECK(name_of(under({{"bash"}, {origin}, {"systemd"}})) == "human");
    CHECK(name_of(under({{"make"}, {"zsh"}, {origin}, {"systemd"}})) == "human");
  }
}

TEST_CASE("identity: without terminal or origin nobody is a person") {
  CHECK(name_of(under({{"bash"}, {"process_manager"}})) == "ci");
  CHECK(name_of(under({{"sh"}, {"cron"}, {"systemd"}})) == "ci");
  auto caller = under({{"bash"}, {"sshd"}, {"systemd"}});
  caller.controlling_terminal = false;
  CHECK(name_of(caller) == "ci");
  CHECK(name_of(under({})) == "ci");
}

TEST_CASE("identity: a site can name further origins") {
  const auto caller = under({{"bash"}, {"acme-term"}, {"systemd"}});
  CHECK(classify(caller).identity == IdentityClass::Ci);
  CHECK(classify(caller, {"acme-*"}).identity == IdentityClass::Human);
}

TEST_CASE("identity: a known agent among the ancestors lowers, whatever stands above it") {
  for (const std::vector<std::string>& agent : std::vector<std::vector<std::string>>{
           {"claude"},
           {"node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js", "--resume"},
           {"node", "/usr/local/bin/gemini"},
           {"MainThread", "node", "/opt/@openai/codex/bin/codex.js"},
           {"python3", "/home/u/.local/bin/aider", "--model", "x"},
           {"goose"},
           {"cursor-agent"},
           {"opencode"}}) {
    CAPTURE(agent[0]);
    CHECK(name_of(under({{"bash"}, agent, {"zsh"}, {"tmux: server"}, {"systemd"}})) == "agent");
  }
}

TEST_CASE("identity: an interpreter with a harmless script is nobody special") {
  CHECK(name_of(under({{"bash"}, {"node", "/srv/server.js"}, {"sshd"}, {"systemd"}})) == "human");
  CHECK(name_of(under({{"python3", "-m", "pytest"}, {"bash"}, {"sshd"}, {"init"}})) == "human");
}

TEST_CASE("identity: a runner among the ancestors is CI") {
  CHECK(name_of(under({{"bash"}, {"Runner.Worker"}, {"Runner.Listener"}, {"systemd"}})) == "ci");
  CHECK(name_of(under({{"bash"}, {"java", "-jar", "/opt/agent.jar"}, {"sshd"}, {"init"}})) == "ci");
}

TEST_CASE("identity: a variable lowers where its setter is still an ancestor") {
  // zsh exported it: the bash below has it, the shell itself was started without.
  CHECK(name_of(with(under({{"bash"}, {"wrapper"}, {"zsh"}, {"sshd"}, {"systemd"}}), "CLAUDECODE",
                     1)) == "agent");
  CHECK(name_of(with(under({{"bash"}, {"zsh"}, {"sshd"}, {"systemd"}}), "CI", 1)) == "ci");
  CHECK(name_of(with(under({{"bash"}, {"zsh"}, {"sshd"}, {"systemd"}}), "AI_AGENT", 0)) == "agent");
}

TEST_CASE("identity: an inherited variable whose setter has gone does not lower") {
  // An agent once started the editor or the tmux server, which init has adopted since.
  CHECK(name_of(with(under({{"bash"}, {"code"}, {"systemd"}}), "CLAUDECODE", 2)) == "human");
  CHECK(name_of(with(under({{"bash"}, {"tmux: server"}, {"systemd"}}), "CI", 2)) == "human");
  CHECK(name_of(with(under({{"bash"}, {"tmux: server"}}), "CLAUDECODE", 2)) == "human");
}

TEST_CASE("identity: in a container nothing stands between the variable's setter and us") {
  CHECK(name_of(with(under({{"bash"}, {"sleep"}}), "AI_AGENT", 2)) == "agent");
  CHECK(name_of(with(under({{"bash"}, {"tini"}}), "GITHUB_ACTIONS", 2)) == "ci");
}

TEST_CASE("identity: the environment of a foreign ancestor counts as without the variable") {
  auto caller = with(under({{"bash"}, {"sshd"}, {"systemd"}}), "CLAUDECODE", 1);
  caller.ancestors[1].variables.reset();
  CHECK(name_of(caller) == "agent");
}

TEST_CASE("identity: mapped users are agents") {
  auto caller = under({{"bash"}, {"sshd"}, {"systemd"}});
  caller.identity_uid_map = false;
  CHECK(name_of(caller) == "agent");
}

TEST_CASE("identity: adding a sign never raises the class") {
  const std::vector<CallerSnapshot> callers{
      under({{"bash"}, {"sshd"}, {"systemd"}}), under({{"bash"}, {"cron"}}),
      under({{"bash"}, {"claude"}, {"sshd"}}), under({{"bash"}, {"Runner.Worker"}, {"sshd"}})};
  for (const CallerSnapshot& caller : callers) {
    const auto before = classify(caller).identity;
    for (const char* variable : {"CI", "CLAUDECODE", "AI_AGENT", "GITHUB_ACTIONS"}) {
      CHECK(classify(with(caller, variable, 1)).identity >= before);
    }
    for (const char* name : {"claude", "Runner.Worker", "bash"}) {
      CallerSnapshot more = caller;
      Ancestor ancestor;
      ancestor.name = name;
      more.ancestors.insert(more.ancestors.begin(), ancestor);
      CHECK(classify(more).identity >= before);
    }
    CallerSnapshot deaf = caller;
    deaf.controlling_terminal = false;
    CHECK(classify(deaf).identity >= before);
  }
}

TEST_CASE("identity: who asks is what the kernel says") {
  const Requester requester = observe_requester();
  CHECK(requester.uid == getuid());
  CHECK(!requester.account.empty());
  CHECK(!requester.host.empty());
}
