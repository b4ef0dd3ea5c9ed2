// A request to the exchange of a run gives the token only where the word stands in its form, and a
// request that is cut short never does.
#include <cstdlib>

#include "providers/gcp/library_service.h"
#include "providers/http/url.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const ExchangeGate gate{"127.0.0.1:4711", "the-word"};
  if (judge_exchange(text, gate) != 200) return 0;
  require(text.starts_with("POST /v1/token HTTP/1."));
  require(text.find("subject_token=") != std::string_view::npos);
  require(percent_decode(text).find(gate.word) != std::string::npos);
  require(judge_exchange(text.substr(0, size - 1), gate) != 200);
  return 0;
}
