// The role that is made for one credential at the server: made, prolonged, ended.
//
// It is a login of its own, a member of the roles whose privileges it has, with an end (VALID
// UNTIL) after which its password opens nothing, and a comment by which it is known as ours. The
// server does not end a session at that time; ending the role does.
//
// Errors: Error{Provider}, what to grant to the admin login as hint.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "providers/postgres/postgres_parameters.h"
#include "providers/postgres/sql_session.h"

namespace prodaccess {

struct GrantRole {
  std::string name;
  std::vector<std::string> member_of;
  std::int64_t connection_limit = 10;
  std::vector<std::pair<std::string, std::string>> settings;
  bool read_only = false;  // its transactions begin so
  WallTime until{};
  std::string comment;  // who and why, for those who look at the server
};

// All or nothing.
void create_grant_role(SqlSession& session, const GrantRole& role, const Secret& password);

// False: there is no such role.
bool prolong_grant_role(SqlSession& session, const std::string& name, WallTime until);

struct EndedRole {
  bool existed = false;
  int sessions = 0;                         // ended
  std::vector<std::string> handed_over_in;  // databases where it owned something
};

// No new login, its sessions ended, what it owns handed over or dropped in every database, the role
// dropped; and that all this is so is asked of the server before it is told.
EndedRole end_grant_role(const OpenSession& open, const std::string& database,
                         const std::string& name, OwnedObjects owned,
                         const std::string& reassign_to);

// Ours, that ended a while ago and were never dropped; at most a few.
std::vector<std::string> stale_grant_roles(SqlSession& session);

// "prodaccess_ana_1f3c..." of a person's name and random hex digits.
std::string grant_role_name(const std::string& person, const std::string& random);
bool is_grant_role_name(const std::string& name);

}  // namespace prodaccess
