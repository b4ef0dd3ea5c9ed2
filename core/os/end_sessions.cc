#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>

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

// Which of `sessions` a process runs in: the innermost that it is marked with, else its parent's.
class SessionFinder {
 public:
  explicit SessionFinder(const std::set<std::string>& sessions) : sessions_(sessions) {}

  void add_root(const ProcessId& id, const std::string& session) { found_[id.pid] = session; }
  std::string session_of(const ProcessInfo& info) {
    const auto known = found_.find(info.id.pid);
    if (known != found_.end()) return known->second;
    std::string session = session_mark(info.id.pid, sessions_);
    const auto parent = found_.find(info.parent);
    if (session.empty() && parent != found_.end()) session = parent->second;
    if (!session.empty()) found_[info.id.pid] = session;
    return session;
  }

 private:
  const std::set<std::string>& sessions_;
  std::map<pid_t, std::string> found_;
};

void note_member(const TreeMember& member, const std::string& session, KillReport& report) {
  if (member.ours) {
    ++report.ended;
    ++report.ended_in[session];
  } else {
    report.maybe_alive.push_back(
        {session, describe(member.info) + " runs as uid " + std::to_string(member.owner)});
  }
  for (const auto& [program, to] : kHandovers) {
    if (hands_over(member.info, program)) {
      report.maybe_alive.push_back({session, "what " + describe(member.info) + " left with " + to});
    }
  }
}

}  // namespace

KillReport end_sessions(const std::filesystem::path& session_folder,
                        const std::vector<std::string>& sessions) {
  const auto begin = std::chrono::steady_clock::now();
  std::signal(SIGHUP, SIG_IGN);  // `revoke` may be typed in the very session that it ends
  ProcessTree::Extent extent;
  std::vector<ProcessId> parents;
  const std::set<std::string> wanted(sessions.begin(), sessions.end());
  SessionFinder finder(wanted);
  for (const SessionRecord& record : list_sessions(session_folder)) {
    if (!wanted.contains(record.session)) continue;
    note_ending(session_folder, record.session, "revocation");
    extent.anchors.insert(record.supervisor);
    extent.spared.insert(record.watcher);
    finder.add_root(record.supervisor, record.session);
    if (record.child.pid != 0) {
      extent.roots.insert(record.child);
      finder.add_root(record.child, record.session);
    }
    parents.push_back(record.supervisor);
  }
  extent.sessions = wanted;
  KillReport report;
  ProcessTree tree(std::move(extent));
  for (const TreeMember& member : tree.scan()) {
    note_member(member, finder.session_of(member.info), report);
  }
  tree.signal_all(SIGTERM);
  if (!tree.wait_until_gone(kTermGrace) && !tree.kill_all()) {
    for (const TreeMember& member : tree.scan()) {
      if (!member.ours) continue;
      const std::string session = finder.session_of(member.info);
      --report.ended;
      --report.ended_in[session];
      report.maybe_alive.push_back(
          {session, describe(member.info) + " cannot be killed now", true});
    }
  }
  for (const ProcessId& parent : parents) wake_if_stopped(parent);
  report.took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
  return report;
}

}  // namespace prodaccess
