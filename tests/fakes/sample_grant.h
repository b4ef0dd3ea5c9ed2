// A grant and a credential as a test needs them: half an hour from the clock's now.
#pragma once

#include "core/grant/grant.h"

namespace prodaccess {

inline Grant sample_grant(const Clock& clock, const std::string& id = "00000000deadbeef") {
  Grant grant;
  grant.id = id;
  grant.role = "db-debug";
  grant.provider = "local";
  grant.from = clock.wall_now();
  grant.until = grant.from + std::chrono::minutes{30};
  grant.from_boot = clock.boot_now();
  grant.boot_id = clock.boot_id();
  grant.reason = "INC-42: \"slow\" caf\u00e9";
  grant.description = {"principals debug", "alice", {"self-issued: limits are advisory"}};
  grant.request_key = "key of " + id;
  grant.store = "kernel";
  grant.handles = {"serial 1"};
  grant.uid = 1000;
  return grant;
}

inline Credential sample_credential(const Clock& clock, Tier tier = Tier::Wide) {
  Credential credential;
  credential.tier = tier;
  credential.issued_at = clock.wall_now();
  credential.expires_at = credential.issued_at + std::chrono::minutes{20};
  credential.issued_boot = clock.boot_now();
  credential.boot_id = clock.boot_id();
  credential.fields.emplace("token", Secret("canary-1234"));
  credential.fields.emplace("key", Secret(std::string_view("\0\n,7:\xff", 6)));
  credential.handle = "serial 1";
  return credential;
}

}  // namespace prodaccess
