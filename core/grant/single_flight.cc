#include "core/grant/single_flight.h"

#include "core/base/error.h"
#include "core/base/sha256.h"

namespace prodaccess {
namespace {

// What a holder's words begin with once its fetch has failed.
constexpr std::string_view kDenied = "!denied ";
constexpr std::string_view kFailed = "!failed ";

// Throws if `holder` failed while we waited: its words are news to us.
void require_no_failure(const LockHolder& holder, const std::optional<LockHolder>& at_first) {
  if (at_first && holder.token == at_first->token && holder.note == at_first->note) return;
  const std::string_view note = holder.note;
  const bool denied = note.starts_with(kDenied);
  if (!denied && !note.starts_with(kFailed)) return;
  const std::string reason(note.substr(denied ? kDenied.size() : kFailed.size()));
  throw Error(denied ? ErrorCode::Denied : ErrorCode::Provider,
              reason + " (asked for by pid " + std::to_string(holder.pid) + ")");
}

void fetch_and_report(FileLock& claim, const std::function<void(const StageReport&)>& fetch) {
  const auto report = [&](const std::string& stage) { claim.note(stage); };
  report("fetches the credential");
  try {
    fetch(report);
  } catch (const Error& error) {
    const bool denied = error.code() == ErrorCode::Denied;
    claim.note(std::string(denied ? kDenied : kFailed) + error.what());
    throw;
  }
}

}  // namespace

SingleFlight::SingleFlight(Files& files, std::filesystem::path folder)
    : files_(files), folder_(std::move(folder)) {}

void SingleFlight::run(const std::string& key, Milliseconds patience,
                       const std::function<bool()>& ready,
                       const std::function<void(const StageReport&)>& fetch,
                       const std::function<void(const std::string&)>& waiting) {
  const std::filesystem::path path = folder_ / (sha256_hex(key) + ".claim");
  const std::optional<LockHolder> at_first = files_.last_holder(path);
  const auto observe = [&](const LockHolder& holder) {
    require_no_failure(holder, at_first);
    if (!holder.note.empty() && !holder.note.starts_with('!')) {
      waiting("waiting for pid " + std::to_string(holder.pid) + " (" + holder.note + ")");
    }
  };
  const auto claim = files_.lock(path, patience, observe);
  if (claim->previous()) {
    try {
      require_no_failure(*claim->previous(), at_first);
    } catch (const Error&) {
      claim->note(claim->previous()->note);  // for those who wait for us, and missed it
      throw;
    }
  }
  if (!ready()) fetch_and_report(*claim, fetch);
}

}  // namespace prodaccess
