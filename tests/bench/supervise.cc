// The supervising parent alone, for end-to-end tests of it and for measuring:
//   supervise [--session ID] [--folder DIR] [--lasts MS] [--grace S] [--signals 2,15] -- CMD...
//   supervise --end DIR SESSION...      ends the sessions and prints what may still be alive
//   supervise --list DIR                the sessions and whether they run
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/clock.h"
#include "core/os/harden.h"
#include "core/os/session_registry.h"
#include "core/os/supervisor.h"
#include "core/os/watcher.h"

extern char** environ;

namespace {

using namespace prodaccess;

int end(const std::vector<std::string>& words) {
  const std::vector<std::string> sessions(words.begin() + 2, words.end());
  const KillReport report = end_sessions(words[1], sessions);
  std::printf("%d ended in %lld ms\n", report.ended, static_cast<long long>(report.took.count()));
  for (const auto& left : report.maybe_alive) std::printf("maybe: %s\n", left.words.c_str());
  return 0;
}

int list(const std::string& folder) {
  for (const SessionRecord& record : list_sessions(folder)) {
    std::printf("%s %s\n", session_record_text(record).c_str(),
                record.running() ? "running" : "ended");
  }
  return 0;
}

int supervise(const std::vector<std::string>& words) {
  RunPlan plan;
  std::size_t at = 0;
  for (; at + 1 < words.size() && words[at] != "--"; at += 2) {
    const std::string& value = words[at + 1];
    if (words[at] == "--session") plan.session = value;
    if (words[at] == "--folder") plan.session_folder = value;
    if (words[at] == "--lasts") {
      plan.deadline = SystemClock().wall_now() + Milliseconds(std::atoll(value.c_str()));
    }
    if (words[at] == "--grace") plan.grace = Seconds(std::atoi(value.c_str()));
    if (words[at] == "--warn") plan.warn_before = Seconds(std::atoi(value.c_str()));
    if (words[at] == "--signals") {
      for (const auto& word : split(value, ','))
        plan.stop_signals.push_back(std::atoi(word.c_str()));
    }
    if (words[at] == "--record") plan.recording = RecordingPlan{value, "test"};
    if (words[at] == "--fds") plan.close_inherited = value == "close";
  }
  plan.argv.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  const char* path = std::getenv("PATH");
  const auto program = find_program(plan.argv.at(0), path != nullptr ? path : "");
  if (!program) {
    std::fprintf(stderr, "supervise: no such command\n");
    return 127;
  }
  plan.program = *program;
  for (char** entry = environ; *entry != nullptr; ++entry)
    plan.environment.plain.emplace_back(*entry);
  // For tests of the recording: what SECRET holds is treated as the grant's.
  if (const char* secret = std::getenv("SECRET")) {
    plan.environment.secret.emplace_back("MASKED", Secret(std::string_view(secret)));
  }
  const RunOutcome outcome = run_supervised(plan);
  if (plan.recording) std::fprintf(stderr, "%s\n", outcome.recording_sha256.c_str());
  if (std::getenv("SUPERVISE_TELL") != nullptr) {
    std::fprintf(stderr, "ended by %s, %s\n", outcome.ended_by.c_str(),
                 outcome.others_remain ? "others remain" : "nobody remains");
  }
  return outcome.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
  harden_process();
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() >= 2 && words[0] == "--end") return end(words);
    if (words.size() == 2 && words[0] == "--list") return list(words[1]);
    return supervise(words);
  } catch (const StartFailure& failure) {
    std::fprintf(stderr, "supervise: error: %s\n", failure.what());
    return failure.exit_code();
  } catch (const Error& error) {
    std::fprintf(stderr, "supervise: error: %s\n", error.what());
    for (const auto& hint : error.hints())
      std::fprintf(stderr, "supervise: hint: %s\n", hint.c_str());
    return 125;
  }
}
