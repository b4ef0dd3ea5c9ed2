#include "core/policy/approval_settings.h"

#include <algorithm>
#include <limits>

#include "core/base/text.h"

namespace prodaccess {
namespace {

void require_absolute(const ConfigTable& table, std::string_view key, const std::string& path) {
  if (path.empty() || path.front() != '/') {
    table.fail(key, "'" + std::string(key) + "' must be an absolute path");
  }
}

std::uint32_t read_uid(const ConfigTable& table, std::int64_t uid) {
  if (uid < 0 || uid >= std::numeric_limits<std::uint32_t>::max()) {
    table.fail("uid", "'uid' must be a user's number");
  }
  return static_cast<std::uint32_t>(uid);
}

Person read_person(const std::string& name, ConfigTable table) {
  Person person;
  if (const auto uid = table.take_integer("uid")) person.uids.push_back(read_uid(table, *uid));
  person.principals = table.take_strings("principals");
  if (std::find(person.principals.begin(), person.principals.end(), name) ==
      person.principals.end()) {
    person.principals.push_back(name);
  }
  table.finish();
  return person;
}

void read_people(ConfigTable table, ApprovalSettings& settings) {
  std::map<std::uint32_t, std::string> uids;
  std::map<std::string, std::string> principals;
  for (const std::string& name : table.keys()) {
    Person person = read_person(name, *table.take_table(name));
    for (const std::uint32_t uid : person.uids) {
      const auto [at, fresh] = uids.emplace(uid, name);
      if (!fresh) table.fail(name, "uid " + std::to_string(uid) + " is " + at->second + "'s too");
    }
    for (const std::string& principal : person.principals) {
      const auto [at, fresh] = principals.emplace(principal, name);
      if (!fresh) {
        table.fail(name, "the principal '" + escape_for_terminal(principal) + "' is " +
                             escape_for_terminal(at->second) + "'s too");
      }
    }
    settings.people[name] = std::move(person);
  }
}

void read_groups(ConfigTable table, ApprovalSettings& settings) {
  for (const std::string& name : table.keys()) {
    for (const std::string& member : table.take_strings(name)) {
      if (settings.people.find(member) == settings.people.end()) {
        table.fail(name, "'" + escape_for_terminal(member) + "' is not in [approvals.people]");
      }
      settings.groups[name].insert(member);
    }
  }
}

ApprovalNeed read_need(ConfigTable table, const ApprovalSettings& settings) {
  ApprovalNeed need;
  need.group = table.take_string("group").value_or("");
  if (!need.group.empty() && settings.groups.find(need.group) == settings.groups.end()) {
    table.fail("group", "no group '" + escape_for_terminal(need.group) + "' in [approvals.groups]");
  }
  const std::int64_t count = table.take_integer("count").value_or(1);
  if (count < 1 || count > 16) table.fail("count", "'count' must be from 1 to 16");
  need.count = static_cast<std::uint8_t>(count);
  table.finish();
  return need;
}

BreakGlass read_break_glass(ConfigTable table) {
  BreakGlass rule;
  for (std::string& role : table.take_strings("roles")) rule.roles.insert(std::move(role));
  if (rule.roles.empty()) table.fail("roles", "'roles' names the roles that may be had this way");
  rule.ttl = table.take_duration("ttl").value_or(rule.ttl);
  rule.alert = table.require_string("alert");
  table.finish();
  return rule;
}

}  // namespace

std::optional<std::string> ApprovalSettings::person_of(std::uint32_t uid) const {
  for (const auto& [name, person] : people) {
    if (std::find(person.uids.begin(), person.uids.end(), uid) != person.uids.end()) return name;
  }
  return std::nullopt;
}

std::vector<std::string> ApprovalSettings::all_principals() const {
  std::vector<std::string> principals;
  for (const auto& [name, person] : people) {
    principals.insert(principals.end(), person.principals.begin(), person.principals.end());
  }
  return principals;
}

std::optional<std::string> ApprovalSettings::person_of_principal(
    const std::string& principal) const {
  for (const auto& [name, person] : people) {
    if (std::find(person.principals.begin(), person.principals.end(), principal) !=
        person.principals.end()) {
      return name;
    }
  }
  return std::nullopt;
}

ApprovalSettings read_approval_settings(ConfigTable table) {
  ApprovalSettings settings;
  if (auto file = table.take_string("allowed_signers")) {
    require_absolute(table, "allowed_signers", *file);
    settings.allowed_signers = std::move(*file);
  }
  settings.places = table.take_strings("places");
  for (const std::string& place : settings.places) require_absolute(table, "places", place);
  settings.command = table.take_strings("command");
  if (!settings.command.empty()) require_absolute(table, "command", settings.command.front());
  settings.validity = table.take_duration("validity").value_or(settings.validity);
  if (settings.validity <= Seconds{0}) table.fail("validity", "'validity' must be longer than 0s");
  settings.fewer_is_enough = table.take_bool("fewer_is_enough").value_or(false);
  if (auto people = table.take_table("people")) read_people(std::move(*people), settings);
  if (auto groups = table.take_table("groups")) read_groups(std::move(*groups), settings);
  if (auto roles = table.take_table("roles")) {
    for (const std::string& role : roles->keys()) {
      settings.roles[role] = {read_need(*roles->take_table(role), settings)};
    }
  }
  if (auto rule = table.take_table("break_glass")) {
    settings.break_glass = read_break_glass(std::move(*rule));
  }
  table.finish();
  return settings;
}

}  // namespace prodaccess
