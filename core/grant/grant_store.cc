#include "core/grant/grant_store.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kLockPatience = Seconds{10};
constexpr std::size_t kLongestState = 1U << 20;
constexpr std::string_view kSuffix = ".json";

std::string key_of(const Grant& grant, Tier tier) {
  return grant.id + ":" + std::string(tier_name(tier));
}

// An id becomes a file's name, so it is nothing else.
constexpr std::size_t kIdLength = 16;  // of the ids that are made: grant.h

void add_once(std::vector<std::string>& handles, const std::string& handle) {
  if (std::find(handles.begin(), handles.end(), handle) == handles.end()) handles.push_back(handle);
}

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 &&
         id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

GrantStore::GrantStore(Files& files, const Clock& clock, std::filesystem::path folder)
    : files_(files), clock_(clock), folder_(std::move(folder)) {}

std::filesystem::path GrantStore::file_of(const std::string& id) const {
  if (!is_id(id)) throw Error(ErrorCode::Internal, "no grant id: " + escape_for_terminal(id));
  return folder_ / (id + std::string(kSuffix));
}

std::unique_ptr<FileLock> GrantStore::lock() {
  files_.make_folder(folder_);
  return files_.lock(folder_ / "lock", kLockPatience);
}

std::optional<Grant> GrantStore::read(const std::string& id) {
  const std::filesystem::path file = file_of(id);
  const auto text = files_.read(file, Owner::Me, kLongestState);
  if (!text) return std::nullopt;
  const auto last = parsed_.find(id);
  if (last != parsed_.end() && last->second.text == *text) return last->second.grant;
  Grant grant = parse_grant(*text, file.string());
  if (grant.id != id) {
    throw Error(ErrorCode::System, file.string() + " holds another grant: " + grant.id);
  }
  parsed_[id] = {*text, grant};
  return grant;
}

std::vector<Grant> GrantStore::list() {
  std::vector<Grant> grants;
  for (const std::string& name :
       files_.list(folder_, Owner::Me).value_or(std::vector<std::string>())) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string id = name.substr(0, name.size() - kSuffix.size());
    if (!is_id(id)) continue;
    if (auto grant = read(id)) grants.push_back(std::move(*grant));
  }
  std::stable_sort(grants.begin(), grants.end(),
                   [](const Grant& a, const Grant& b) { return a.from < b.from; });
  return grants;
}

std::vector<Grant> GrantStore::live() {
  std::vector<Grant> grants = list();
  const Moment now = clock_.now();
  std::erase_if(grants, [&](const Grant& grant) { return !grant.live(now); });
  return grants;
}

std::optional<Grant> GrantStore::find(const std::string& id_or_prefix) {
  if (id_or_prefix.empty()) return std::nullopt;
  // A whole id: the other grants need no reading.
  if (id_or_prefix.size() == kIdLength && is_id(id_or_prefix)) return read(id_or_prefix);
  std::vector<Grant> found;
  for (Grant& grant : list()) {
    if (grant.id == id_or_prefix) return std::move(grant);
    if (grant.id.starts_with(id_or_prefix)) found.push_back(std::move(grant));
  }
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) {
    std::vector<std::string> ids;
    for (const Grant& grant : found) ids.push_back(grant.id + " (" + grant.role + ")");
    throw Error(ErrorCode::Usage,
                escape_for_terminal(id_or_prefix) + " begins the ids of several grants",
                {"one of: " + join(ids, ", ")});
  }
  return std::move(found.front());
}

std::optional<Grant> GrantStore::live_for_key(const std::string& request_key) {
  for (Grant& grant : live()) {
    if (grant.request_key == request_key) return std::move(grant);
  }
  return std::nullopt;
}

void GrantStore::put(const Grant& grant, const Credential& credential, EphemeralStore& store) {
  const std::string key = key_of(grant, credential.tier);
  store.put(key, credential.serialise().view(), credential.expires_at);
  try {
    const auto held = lock();
    files_.write(file_of(grant.id), serialise_grant(grant));
  } catch (const Error&) {
    store.erase(key);
    throw;
  }
}

Grant GrantStore::require_live(const Grant& grant) {
  auto current = read(grant.id);
  if (!current || !current->live(clock_.now())) {
    throw Error(ErrorCode::NoGrant, "the grant for role " + grant.role + " ended meanwhile",
                {"prodaccess request --role " + grant.role});
  }
  return std::move(*current);
}

void GrantStore::put_credential(const Grant& grant, const Credential& credential,
                                EphemeralStore& store) {
  const std::string key = key_of(grant, credential.tier);
  store.put(key, credential.serialise().view(), credential.expires_at);
  try {
    const auto held = lock();
    Grant current = require_live(grant);
    current.store = store.name();
    add_once(current.handles, credential.handle);
    files_.write(file_of(grant.id), serialise_grant(current));
  } catch (const Error&) {
    store.erase(key);
    throw;
  }
}

void GrantStore::add_handle(const Grant& grant, const std::string& handle) {
  const auto held = lock();
  Grant current = require_live(grant);
  add_once(current.handles, handle);
  files_.write(file_of(grant.id), serialise_grant(current));
}

std::string GrantStore::base_session_key(const Grant& grant) { return grant.id + ":base"; }

std::optional<Credential> GrantStore::credential(const Grant& grant, Tier tier,
                                                 EphemeralStore& store) {
  const auto bytes = store.get(key_of(grant, tier));
  if (!bytes) return std::nullopt;
  Credential credential = Credential::parse(bytes->view());
  if (!credential.usable(clock_.now())) return std::nullopt;
  return credential;
}

void GrantStore::update(const Grant& grant) {
  const auto held = lock();
  require_live(grant);
  files_.write(file_of(grant.id), serialise_grant(grant));
}

void GrantStore::end(const Grant& grant, EphemeralStore& store) {
  const Moment now = clock_.now();
  {
    const auto held = lock();
    auto current = read(grant.id);
    if (current && current->live(now)) {
      current->revoked = true;
      current->unfinished = true;
      files_.write(file_of(grant.id), serialise_grant(*current));
    }
  }
  for (const Tier tier : {Tier::Read, Tier::Wide}) store.erase(key_of(grant, tier));
  store.erase(base_session_key(grant));
  if (grant.span().at(now) != Validity::Live) {
    const auto held = lock();
    files_.remove(file_of(grant.id));
  }
}

void GrantStore::note_rest(const std::string& id, const std::vector<std::string>& handles,
                           bool unfinished) {
  const auto held = lock();
  auto current = read(id);
  if (!current || !current->revoked) return;
  if (current->handles == handles && current->unfinished == unfinished) return;
  current->handles = handles;
  current->unfinished = unfinished;
  files_.write(file_of(id), serialise_grant(*current));
}

}  // namespace prodaccess
