#include "core/os/watcher_channel.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"

namespace prodaccess {

std::string watch_plan_text(const WatchPlan& plan) {
  Json files = Json::array();
  for (const auto& file : plan.watched_files) files.push_back(file.native());
  return canonical_json({{"session", session_record_text(plan.session)},
                         {"folder", plan.session_folder.native()},
                         {"signals", plan.stop_signals},
                         {"grace", plan.grace.count()},
                         {"files", files}});
}

WatchPlan parse_watch_plan(const std::string& text) {
  try {
    const Json value = parse_json_strictly(text, "the watcher's orders");
    WatchPlan plan;
    plan.session = parse_session_record(value.at("session").get<std::string>());
    plan.session_folder = value.at("folder").get<std::string>();
    plan.stop_signals = value.at("signals").get<std::vector<int>>();
    plan.grace = Seconds{value.at("grace").get<Seconds::rep>()};
    for (const Json& file : value.at("files"))
      plan.watched_files.emplace_back(file.get<std::string>());
    return plan;
  } catch (const Json::exception&) {
    throw Error(ErrorCode::System, "the watcher's orders have another form");
  }
}

}  // namespace prodaccess
