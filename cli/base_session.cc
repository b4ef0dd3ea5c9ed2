#include "cli/base_session.h"

#include <algorithm>

#include "cli/context.h"
#include "cli/output.h"
#include "core/grant/grant_store.h"

namespace prodaccess {
namespace {

// Another process may be waiting for a person's code.
constexpr Milliseconds kPatience{120'000};

}  // namespace

GrantBaseSession::GrantBaseSession(Context& context, const Grant& grant, bool once)
    : context_(context),
      grant_(grant),
      in_process_(once || context.actor().identity == IdentityClass::Agent) {}

EphemeralStore& GrantBaseSession::store() {
  if (in_process_) return context_.process_store();
  return grant_.store.empty() ? context_.ephemeral_store() : context_.store_of(grant_);
}

Secret GrantBaseSession::keep(Made made) {
  store().put(GrantStore::base_session_key(grant_), made.bytes.view(),
              std::min(made.until, grant_.until));
  made_ = true;
  return std::move(made.bytes);
}

Secret GrantBaseSession::get(const std::function<Made(const StageReport&)>& make) {
  const std::string key = GrantStore::base_session_key(grant_);
  std::optional<Secret> found = store().get(key);
  if (found) return std::move(*found);
  if (in_process_) return keep(make([](const std::string&) {}));
  SingleFlight claims = context_.claims();
  claims.run(
      key, kPatience,
      [&] {
        found = store().get(key);
        return found.has_value();
      },
      [&](const StageReport& stage) { found = keep(make(stage)); },
      [](const std::string& whom) { warn(whom); });
  return std::move(*found);
}

void GrantBaseSession::forget() { store().erase(GrantStore::base_session_key(grant_)); }

void GrantBaseSession::drop_new() {
  if (made_) forget();
}

}  // namespace prodaccess
