// What passes between a session's parent and its watcher: the plan, as one line of JSON, and one
// byte when the watcher is left in charge, which it answers once it knows who remains.
//
// Errors: parse throws Error{System} for anything else.
#pragma once

#include <string>

#include "core/os/watcher.h"

namespace prodaccess {

inline constexpr char kLeftInCharge = 'L';

std::string watch_plan_text(const WatchPlan& plan);
WatchPlan parse_watch_plan(const std::string& text);

}  // namespace prodaccess
