#include "core/policy/pulumi_preview.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"

namespace prodaccess {
namespace {

[[noreturn]] void fail() {
  throw Error(ErrorCode::Denied, "the preview of pulumi cannot be read: a step is malformed",
              {"nothing was run; preview again with pulumi 3"});
}

const std::string& text_of(const Json& value) {
  if (!value.is_string()) fail();
  return value.get_ref<const std::string&>();
}

// One thing may take several steps; "" where nothing happens to it. Unknown ones count as the
// worst.
std::string operation_of(const std::set<std::string>& steps) {
  static const std::set<std::string> kHarmless{"same",   "read",   "refresh", "create",
                                               "update", "import", "discard"};
  bool replaced = false;
  for (const std::string& step : steps) {
    if (step.find("replace") != std::string::npos) {
      replaced = true;
    } else if (kHarmless.count(step) == 0) {
      return "delete";
    }
  }
  if (replaced) return "replace";
  if (steps.count("discard") != 0) return "forget";
  for (const char* step : {"create", "import", "update"}) {
    if (steps.count(step) != 0) return step;
  }
  return "";
}

// `text` as an object of which only what `keep` names is taken; absent where it has no `list`.
template <typename Keep>
std::optional<Json> object_with(std::string_view text, const char* list, Keep keep) {
  const auto filter = [&keep](int depth, Json::parse_event_t event, Json& value) {
    return event != Json::parse_event_t::key || keep(depth, text_of(value));
  };
  Json object = Json::parse(text, filter, /*allow_exceptions=*/false);
  if (object.is_discarded() || !object.is_object() || !object.contains(list)) return std::nullopt;
  return std::move(object[list]);
}

PreviewSummary summary_of(const std::map<std::string, std::set<std::string>>& steps_by_urn) {
  PreviewSummary summary;
  for (const auto& [urn, steps] : steps_by_urn) {
    const std::string operation = operation_of(steps);
    if (operation.empty()) continue;
    summary.items.insert({operation, urn});
    ++summary.counts[operation];
  }
  return summary;
}

}  // namespace

std::optional<PreviewSummary> summarize_pulumi_plan(std::string_view text) {
  if (text.find("\"resourcePlans\"") == std::string_view::npos) return std::nullopt;
  const auto plans = object_with(text, "resourcePlans", [](int depth, const std::string& key) {
    return depth == 1 ? key == "resourcePlans" : depth != 3 || key == "steps";
  });
  if (!plans) return std::nullopt;
  if (!plans->is_object()) fail();
  std::map<std::string, std::set<std::string>> steps_by_urn;
  for (const auto& [urn, plan] : plans->items()) {
    if (!plan.is_object() || !plan.contains("steps") || !plan["steps"].is_array()) fail();
    for (const Json& step : plan["steps"]) steps_by_urn[urn].insert(text_of(step));
  }
  return summary_of(steps_by_urn);
}

std::optional<PreviewSummary> summarize_pulumi_digest(std::string_view text) {
  if (text.find("\"steps\"") == std::string_view::npos) return std::nullopt;
  const auto steps = object_with(text, "steps", [](int depth, const std::string& key) {
    return depth == 1 ? key == "steps" : depth != 3 || key == "op" || key == "urn";
  });
  if (!steps) return std::nullopt;
  if (!steps->is_array()) fail();
  std::map<std::string, std::set<std::string>> steps_by_urn;
  for (const Json& step : *steps) {
    if (!step.is_object() || !step.contains("op") || !step.contains("urn")) fail();
    steps_by_urn[text_of(step["urn"])].insert(text_of(step["op"]));
  }
  return summary_of(steps_by_urn);
}

}  // namespace prodaccess
