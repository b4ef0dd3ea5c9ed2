// judgement: one command understood and decided, in the surroundings it will really have.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/command/command_line.h"
#include "core/command/invocation.h"
#include "core/grant/grant.h"
#include "core/grant/role.h"
#include "core/ledger/anomaly.h"
#include "core/policy/decision.h"

namespace prodaccess {

class Context;

struct Judgement {
  Invocation invocation;
  Decision decision;
  // A command of our own (`shell`, `creds`): what the role may do is asked of what runs with it.
  bool of_ours = false;
  std::vector<AnomalyFlag> unusual;  // where a rule of the policy looks at it
  // Files whose content was judged or steers the command, by path as typed, with the SHA-256 of
  // what was read; "" where there was nothing to read. They are compared again just before the
  // command starts.
  std::map<std::string, std::string> files_read;
  std::string plan_file;                         // the one of these that is our own copy of a plan
  std::map<std::string, std::string> variables;  // that steer it, as the command will see them
};

// What `command` would do. Reads the files it names; asks nothing and runs nothing.
Judgement understand_command(Context& context, const CommandLine& command);
// The same for a line as a shell would read it.
Judgement understand_line(Context& context, const std::string& line);

// A command of our own as the policy sees it: tool "prodaccess" and this action.
Judgement judge_own_command(Context& context, const std::string& action, Effect effect,
                            const Role& role, const Grant& grant);

// The decision, under `role` and, where there is one, `grant` (null: as `policy explain` asks).
// `identity` is who asks, where that is not for us to observe (`hook`).
void decide_command(Context& context, Judgement& judgement, const Role* role, const Grant* grant,
                    std::optional<IdentityClass> identity = std::nullopt);

// Decides again, by the configuration and policy as the files say now. Throws Error{Denied} where
// that is another decision than `judgement` holds.
void check_decision_unchanged(const Judgement& judgement, const Grant& grant);

// Throws Error{Denied} where more than `most` destructive commands of the last hour under `role`
// have an intent, that of this one included: two at once cannot both be the last.
void check_rate(Context& context, const Role& role, std::int64_t most);

// SHA-256 of a file that anybody may have written, hex; "" where there is nothing to compare.
std::string file_digest(Context& context, const std::string& name);

// The file of this name must have the content that it has now when the command starts.
void bind_file(Context& context, Judgement& judgement, const std::string& name);

// The same for all that steers the command beside its line (core/command/steering.h): what is
// agreed to is agreed to here and now.
void bind_surroundings(Context& context, Judgement& judgement, const Role& role);

// Throws Error{Denied} if a file that was judged has another content now.
void check_files_unchanged(Context& context, const Judgement& judgement);

}  // namespace prodaccess
