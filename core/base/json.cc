#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr int kDeepest = 32;

// Builds the value while watching for what strict readers refuse.
struct StrictWatch {
  std::vector<std::set<std::string>> keys;
  std::string problem;

  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepest) note("nested deeper than 32");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty() &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      note("the key " + parsed.dump(-1, ' ', true) + " stands there twice");
    }
    return true;
  }

  void note(const std::string& text) {
    if (problem.empty()) problem = text;
  }
};

// nlohmann's parser keeps its own stack on the heap, but a hostile text may nest a million deep.
bool nests_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_json_strictly(std::string_view text, const std::string& what) {
  if (nests_too_deep(text)) {
    throw Error(ErrorCode::Provider, what + " is not acceptable JSON: nested deeper than 32");
  }
  StrictWatch watch;
  Json value;
  try {
    value = Json::parse(text, std::ref(watch));
  } catch (const Json::exception&) {
    throw Error(ErrorCode::Provider, what + " is not JSON");  // its message would quote the text
  }
  if (!watch.problem.empty()) {
    throw Error(ErrorCode::Provider, what + " is not acceptable JSON: " + watch.problem);
  }
  return value;
}

std::string text_member(const Json& object, std::string_view name) {
  if (!object.is_object()) return "";
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string canonical_json(const Json& value) { return value.dump(-1, ' ', true); }

}  // namespace prodaccess
