// A plug-in's reply is read or refused with Error{Provider}; what is read keeps its promises: no
// control character in a line, no NUL in a field, no field in a handle.
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/plugin/plugin_protocol.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_issued(const PluginIssued& issued) {
  require(!issued.handle.empty() && escape_for_terminal(issued.handle) == issued.handle);
  require(!issued.fields.empty());
  for (const auto& [name, value] : issued.fields) {
    require(!value.empty() && value.view().find('\0') == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const auto operation : {PluginOperation::Describe, PluginOperation::Issue,
                               PluginOperation::Revoke, PluginOperation::Probe}) {
    try {
      const PluginReply reply = read_plugin_reply(operation, text);
      if (const auto* issued = std::get_if<PluginIssued>(&reply)) check_issued(*issued);
      if (const auto* outcome = std::get_if<RevokeOutcome>(&reply)) {
        require(outcome->detail.find('\n') == std::string::npos);
      }
    } catch (const Error& error) {
      require(error.code() == ErrorCode::Provider);
    }
  }
  return 0;
}
