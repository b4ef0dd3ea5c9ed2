// A request's head that is accepted says the same when it is written out and read again, and no
// request without the token gets past the endpoint's gate.
#include <cstdlib>

#include "core/base/text.h"
#include "providers/aws/container_endpoint.h"
#include "providers/http/request_head.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::string written(const RequestHead& head) {
  std::string text = head.method + " " + head.target + " " + head.version + "\r\n";
  for (const auto& [name, value] : head.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto parsed = parse_request_head(text);
  if (const auto* head = std::get_if<RequestHead>(&parsed)) {
    const auto again = parse_request_head(written(*head));
    // Writing adds a blank after each colon: only the limit may be passed.
    if (const auto* fault = std::get_if<HeadFault>(&again)) {
      require(*fault == HeadFault::TooLong);
    } else {
      require(written(std::get<RequestHead>(again)) == written(*head));
    }
  }
  const EndpointGate gate{"127.0.0.1:80", "8f14e45fceea167a5a36dedd4bea2543"};
  if (judge_endpoint_request(text, gate) == 200) {
    require(text.find(gate.token) != std::string_view::npos);
    require(text.size() <= kLongestRequestHead);
  }
  return 0;
}
