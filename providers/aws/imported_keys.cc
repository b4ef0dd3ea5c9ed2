#include "providers/aws/imported_keys.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/netstring.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kFormat = "aws-key-1";
constexpr std::string_view kPrefix = "aws-key:";

std::string item_of(const std::string& profile) { return std::string(kPrefix) + profile; }

}  // namespace

std::optional<AwsCredential> ImportedKeys::find(const std::string& profile) {
  const auto bytes = store_.get(item_of(profile));
  if (!bytes) return std::nullopt;
  const auto parts = decode_netstrings(bytes->view());
  if (!parts || parts->size() != 3 || parts->front() != kFormat) {
    throw Error(ErrorCode::Keyring, "the kept key of profile " + escape_for_terminal(profile) +
                                        " is of a form that this version does not know");
  }
  AwsCredential key;
  key.access_key_id = (*parts)[1];
  key.secret_access_key = Secret((*parts)[2]);
  return key;
}

void ImportedKeys::put(const std::string& profile, const AwsCredential& key) {
  const Secret bytes =
      encode_netstrings({kFormat, key.access_key_id, key.secret_access_key.view()});
  store_.put(item_of(profile), bytes.view());
  const auto back = store_.get(item_of(profile));
  if (!back || !equal_in_constant_time(back->view(), bytes.view())) {
    throw Error(ErrorCode::Keyring, "the durable store (" + store_.name() +
                                        ") did not give back the key of profile " +
                                        escape_for_terminal(profile));
  }
}

void ImportedKeys::erase(const std::string& profile) { store_.erase(item_of(profile)); }

std::vector<std::string> ImportedKeys::profiles() {
  std::vector<std::string> profiles;
  for (const std::string& item : store_.keys()) {
    if (item.starts_with(kPrefix)) profiles.push_back(item.substr(kPrefix.size()));
  }
  std::sort(profiles.begin(), profiles.end());
  return profiles;
}

}  // namespace prodaccess
