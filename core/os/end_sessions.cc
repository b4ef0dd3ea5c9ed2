#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "core/base/text.h"
#include "core/os/process_tree.h"
#include "core/os/session_registry.h"
#include "core/os/supervisor.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kTermGrace{1000};

// Clients that hand work to something that is not their descendant.
struct Handover {
  const char* program;
  const char* to;
};
constexpr Handover kHandovers[] = {
    {"ssh", "the remote host"},      {"mosh-client", "the remote host"},
    {"tmux", "a tmux server"},       {"screen", "a screen server"},
    {"docker", "the docker daemon"}, {"podman", "podman's containers"},
    {"nerdctl", "containerd"},       {"kubectl", "the cluster"},
    {"systemd-run", "systemd"},      {"at", "the at daemon"},
    {"batch", "the at daemon"},
};

// "tmux: client" is how tmux calls itself.
bool hands_over(const ProcessInfo& info, const std::string& program) {
  return info.name == program || info.name.starts_with(program + ":");
}

std::string describe(const ProcessInfo& info) {
  return "pid " + std::to_string(info.id.pid) + " (" + escape_for_terminal(info.name) + ")";
}

}  // namespace

KillReport end_sessions(const std::filesystem::path& session_folder,
                        const std::vector<std::string>& sessions) {
  const auto begin = std::chrono::steady_clock::now();
  std::signal(SIGHUP, SIG_IGN);  // `revoke` may be typed in the very session that it ends
  ProcessTree::Extent extent;
  std::vector<ProcessId> parents;
  const std::set<std::string> wanted(sessions.begin(), sessions.end());
  for (const SessionRecord& record : list_sessions(session_folder)) {
    if (!wanted.contains(record.session)) continue;
    note_ending(session_folder, record.session, "revocation");
    extent.anchors.insert(record.supervisor);
    extent.spared.insert(record.watcher);
    if (record.child.pid != 0) extent.roots.insert(record.child);
    parents.push_back(record.supervisor);
  }
  extent.sessions = wanted;
  KillReport report;
  ProcessTree tree(std::move(extent));
  for (const TreeMember& member : tree.scan()) {
    if (member.ours) {
      ++report.ended;
    } else {
      report.maybe_alive.push_back(describe(member.info) + " runs as uid " +
                                   std::to_string(member.owner));
    }
    for (const auto& [program, to] : kHandovers) {
      if (hands_over(member.info, program)) {
        report.maybe_alive.push_back("what " + describe(member.info) + " left with " + to);
      }
    }
  }
  tree.signal_all(SIGTERM);
  if (!tree.wait_until_gone(kTermGrace) && !tree.kill_all()) {
    for (const TreeMember& member : tree.scan()) {
      if (!member.ours) continue;
      --report.ended;
      report.maybe_alive.push_back(describe(member.info) + " cannot be killed now");
    }
  }
  for (const ProcessId& parent : parents) wake_if_stopped(parent);
  report.took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
  return report;
}

}  // namespace prodaccess
