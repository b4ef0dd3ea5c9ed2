// prodaccess status: the grants held, the time left, and what runs under each.
#include <nlohmann/json.hpp>

#include "cli/audit_sinks.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/grant_text.h"
#include "cli/output.h"
#include "core/grant/grant_store.h"
#include "core/os/session_registry.h"

namespace prodaccess {
namespace {

std::vector<SessionRecord> running_sessions(Context& context, const Grant& grant) {
  std::vector<SessionRecord> running;
  for (SessionRecord& record : list_sessions(context.paths().sessions())) {
    if (record.grant == grant.id && record.running()) running.push_back(std::move(record));
  }
  return running;
}

// "2 (pid 4711 aws logs tail, ...)"
std::string running_text(const std::vector<SessionRecord>& sessions) {
  if (sessions.empty()) return "-";
  constexpr std::size_t kLongest = 40;
  std::string command = sessions.front().command;
  if (command.size() > kLongest) command = command.substr(0, kLongest - 3) + "...";
  return std::to_string(sessions.size()) + " (pid " + std::to_string(sessions.front().child.pid) +
         " " + command + (sessions.size() > 1 ? ", ...)" : ")");
}

Json session_json(const SessionRecord& session) {
  return {{"session", session.session}, {"pid", session.child.pid}, {"command", session.command}};
}

// Whole minutes where more than ten of them are left: nobody reads "1h2m3s" at a glance.
std::string left_text(Seconds left) {
  if (left > Seconds{600}) left -= left % Seconds{60};
  return format_duration(left);
}

// Revoked, but something of it may be left; once its time is over there is nothing to try again.
std::vector<Grant> unfinished_grants(Context& context) {
  std::vector<Grant> grants = context.grants().list();
  const Moment now = context.clock().now();
  std::erase_if(grants, [&](const Grant& grant) {
    return !grant.unfinished || grant.span().at(now) != Validity::Live;
  });
  return grants;
}

Json sink_json(const SinkProgress& sink, WallTime now) {
  return {{"behind", sink.behind},  {"delivered", sink.delivered}, {"error", sink.error},
          {"late", sink.late(now)}, {"name", sink.name},           {"required", sink.required}};
}

// What a person holding a grant must know about besides it.
void warn_of_troubles(Context& context) {
  for (const Grant& grant : unfinished_grants(context)) {
    warn("warning: grant " + grant.id.substr(0, 8) + " (" + grant.role +
         ") was revoked, but not all of it is ended: prodaccess revoke " + grant.id.substr(0, 8));
  }
  const WallTime now = context.clock().wall_now();
  for (const SinkProgress& sink : sink_progress(context)) {
    if (sink.late(now)) warn("warning: " + late_sink_text(sink));
  }
}

int print_status_json(Context& context, const std::vector<Grant>& grants) {
  Json list = Json::array();
  for (const Grant& grant : grants) {
    Json json = grant_json(context, grant);
    Json running = Json::array();
    for (const SessionRecord& session : running_sessions(context, grant)) {
      running.push_back(session_json(session));
    }
    json["running"] = std::move(running);
    list.push_back(std::move(json));
  }
  Json unfinished = Json::array();
  for (const Grant& grant : unfinished_grants(context)) unfinished.push_back(grant.id);
  Json sinks = Json::array();
  const WallTime now = context.clock().wall_now();
  for (const SinkProgress& sink : sink_progress(context)) sinks.push_back(sink_json(sink, now));
  print_json({{"grants", std::move(list)},
              {"sinks", std::move(sinks)},
              {"unfinished", std::move(unfinished)}});
  return kDone;
}

int run(Context& context) {
  const std::vector<Grant> grants = context.grants().live();
  if (context.json()) return print_status_json(context, grants);
  warn_of_troubles(context);
  if (grants.empty()) {
    warn("no grant is held");
    warn("hint: prodaccess roles   shows what can be requested");
    return kDone;
  }
  const Moment now = context.clock().now();
  std::vector<std::vector<std::string>> rows{{"GRANT", "ROLE", "TARGET", "LEFT", "RUNNING"}};
  for (const Grant& grant : grants) {
    rows.push_back({short_id(context, grant), grant.role, grant.description.target,
                    left_text(grant.left(now)), running_text(running_sessions(context, grant))});
  }
  for (const std::string& line : format_table(rows)) print_line(line);
  for (const Grant& grant : grants) {
    for (const std::string& note : grant.description.notes) {
      print_line(short_id(context, grant) + "  " + note);
    }
  }
  return kDone;
}

}  // namespace

void add_status(Command& root) {
  Command& command = root.add("status", "show the grants held, the time left, and what runs");
  command.example("prodaccess status");
  command.example("prodaccess status --json");
  command.runs([](Context& context) { return run(context); });
}

}  // namespace prodaccess
