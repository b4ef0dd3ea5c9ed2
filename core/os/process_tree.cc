#include "core/os/process_tree.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "core/base/text.h"
#include "core/os/descriptor.h"

namespace prodaccess {
namespace {

constexpr int kMostRounds = 50;
constexpr std::size_t kMostWaitedFor = 512;
constexpr Milliseconds kKillRound{500};
constexpr Milliseconds kKillPatience{10'000};
using Steady = std::chrono::steady_clock;

Descriptor open_process(const ProcessId& id) {
  Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, id.pid, 0)));
  return process && still_runs(id) ? std::move(process) : Descriptor();
}

int left_until(Steady::time_point end) {
  const auto left = std::chrono::duration_cast<Milliseconds>(end - Steady::now()).count();
  return static_cast<int>(std::max<Milliseconds::rep>(left, 0));
}

}  // namespace

std::string session_mark(pid_t pid, const std::set<std::string>& sessions) {
  const auto environment = process_environment(pid);
  const std::string prefix = std::string(kSessionVariable) + "=";
  std::string innermost;
  for (const std::string& entry : split(environment.value_or(""), '\0')) {
    if (!entry.starts_with(prefix)) continue;
    for (std::string& id : split(entry.substr(prefix.size()), ':')) {
      if (sessions.contains(id)) innermost = std::move(id);
    }
  }
  return innermost;
}

bool send_signal(const ProcessId& id, int signal) {
  const Descriptor process = open_process(id);
  return process && syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0;
}

void wake_if_stopped(const ProcessId& id) {
  const auto now = process_info(id.pid);
  if (now && now->id == id && now->state == 'T') send_signal(id, SIGCONT);
}

ProcessTree::ProcessTree(Extent extent) : extent_(std::move(extent)) {
  if (const auto own = process_info(getpid())) extent_.spared.insert(own->id);
}

std::vector<TreeMember> ProcessTree::scan() {
  std::map<pid_t, ProcessInfo> running;
  for (const pid_t pid : all_processes()) {
    auto info = process_info(pid);
    if (info && info->state != 'Z' && info->state != 'X') running.emplace(pid, std::move(*info));
  }
  std::map<pid_t, bool> verdicts;
  const std::function<bool(const ProcessInfo&)> belongs = [&](const ProcessInfo& info) {
    const auto [known, fresh] = verdicts.emplace(info.id.pid, false);
    if (!fresh) return known->second;
    if (extent_.spared.contains(info.id) || extent_.anchors.contains(info.id)) return false;
    const auto parent = running.find(info.parent);
    const bool member = extent_.roots.contains(info.id) || seen_.contains(info.id) ||
                        (parent != running.end() && (extent_.anchors.contains(parent->second.id) ||
                                                     belongs(parent->second))) ||
                        carries_mark(info.id);
    verdicts[info.id.pid] = member;
    return member;
  };
  std::vector<TreeMember> members;
  for (const auto& [pid, info] : running) {
    if (!belongs(info)) continue;
    const auto owner = process_owner(pid);
    if (!owner) continue;
    seen_.insert(info.id);
    members.push_back({info, *owner, *owner == getuid() || geteuid() == 0});
  }
  return members;
}

// A mark is only ever gained from the session's parent, whose children belong anyway: so each
// stranger's environment is read once.
bool ProcessTree::carries_mark(const ProcessId& id) {
  if (strangers_.contains(id)) return false;
  if (!session_mark(id.pid, extent_.sessions).empty()) return true;
  strangers_.insert(id);
  return false;
}

void ProcessTree::signal_all(int signal) {
  for (const TreeMember& member : scan()) {
    if (!member.ours) continue;
    send_signal(member.info.id, signal);
    if (member.info.state == 'T') send_signal(member.info.id, SIGCONT);
  }
}

bool ProcessTree::wait_until_gone(Milliseconds patience) {
  const auto end = Steady::now() + patience;
  while (true) {
    std::vector<Descriptor> processes;
    bool any = false;
    for (const TreeMember& member : scan()) {
      if (!member.ours) continue;
      any = true;
      Descriptor process = open_process(member.info.id);
      if (process && processes.size() < kMostWaitedFor) processes.push_back(std::move(process));
    }
    if (!any) return true;
    while (!processes.empty()) {
      if (left_until(end) == 0) return false;
      std::vector<pollfd> waits;
      for (const Descriptor& process : processes) waits.push_back({process.get(), POLLIN, 0});
      poll(waits.data(), waits.size(), left_until(end));
      std::size_t at = 0;
      std::erase_if(processes, [&](const Descriptor&) { return waits[at++].revents != 0; });
    }
    if (left_until(end) == 0) return false;
  }
}

// Stops all members, so that none can start another between a scan and its end. One that the signal
// waits for runs none of its own code any more. False: there is none.
bool ProcessTree::freeze() {
  std::set<ProcessId> stopped;
  for (int round = 0; round < kMostRounds; ++round) {
    bool found_new = false;
    for (const TreeMember& member : scan()) {
      if (!member.ours || !stopped.insert(member.info.id).second) continue;
      found_new = true;
      send_signal(member.info.id, SIGSTOP);
    }
    if (!found_new) break;
  }
  return !stopped.empty();
}

bool ProcessTree::kill_all() {
  const auto end = Steady::now() + kKillPatience;
  while (freeze()) {
    bool any_can_die = false;
    for (const TreeMember& member : scan()) {
      if (!member.ours) continue;
      send_signal(member.info.id, SIGKILL);
      any_can_die = any_can_die || member.info.state != 'D';
    }
    // On a busy machine the dying wait for their turn; what sits in an uninterruptible wait of the
    // kernel is named, not waited for.
    if (wait_until_gone(kKillRound)) return true;
    if (!any_can_die || Steady::now() >= end) return false;
  }
  return true;
}

}  // namespace prodaccess
