#include "core/grant/credential_template.h"

#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

[[noreturn]] void unknown_field(const std::string& name, const Credential& credential) {
  std::vector<std::string> known;
  for (const auto& [field, value] : credential.fields) known.push_back(field);
  throw Error(ErrorCode::Config,
              "the credential has no field {" + escape_for_terminal(name) + "}; it has " +
                  join(known, ", "),
              {"mend the role's env table"});
}

// The parts of the result, in order: views into `text` and into the credential.
std::vector<std::string_view> parts_of(const std::string& text, const Credential& credential) {
  std::vector<std::string_view> parts;
  const std::string_view view = text;
  std::size_t at = 0;
  while (at < view.size()) {
    const std::size_t brace = view.find_first_of("{}", at);
    parts.push_back(view.substr(at, brace - at));
    if (brace == std::string_view::npos) break;
    if (brace + 1 < view.size() && view[brace + 1] == view[brace]) {
      parts.push_back(view.substr(brace, 1));
      at = brace + 2;
      continue;
    }
    const std::size_t end = view.find('}', brace);
    if (view[brace] == '}' || end == std::string_view::npos) {
      throw Error(ErrorCode::Config,
                  "a brace is open in the template \"" + escape_for_terminal(text) + "\"",
                  {"write {{ and }} for braces"});
    }
    const std::string name(view.substr(brace + 1, end - brace - 1));
    const auto field = credential.fields.find(name);
    if (field == credential.fields.end()) unknown_field(name, credential);
    parts.push_back(field->second.view());
    at = end + 1;
  }
  return parts;
}

}  // namespace

Secret fill_template(const std::string& text, const Credential& credential) {
  const auto parts = parts_of(text, credential);
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  Secret filled(size);
  std::size_t at = 0;
  for (const std::string_view part : parts) {
    if (!part.empty()) std::memcpy(filled.data() + at, part.data(), part.size());
    at += part.size();
  }
  return filled;
}

}  // namespace prodaccess
