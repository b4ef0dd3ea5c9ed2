// The ledger's reader: any bytes. What it accepts is canonical, and only what it hashes is proven.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/ledger/canonical.h"
#include "core/ledger/line.h"
#include "core/ledger/segment.h"

using namespace prodaccess;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const LineParse parsed = parse_line(text);
  if (parsed.fault == LineFault::None) {
    // Another reader of JSON sees the same value and writes the same bytes.
    if (canonical_json(Json::parse(text)) != text) std::abort();
    if (parsed.view.hash_holds()) {
      // One changed character and the hash no longer holds, or it is no record.
      std::string damaged(text);
      damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
      const LineParse other = parse_line(damaged);
      if (other.fault == LineFault::None && other.view.hash_holds()) std::abort();
    }
  }
  // Any bytes become a canonical string that gives them back.
  std::string quoted;
  append_json_string(quoted, text);
  if (!is_canonical_json(quoted)) std::abort();
  if (restore_bytes(Json::parse(quoted).get<std::string>()) != text) std::abort();
  if (classify_tail(text, 512) == TailState::Clean &&
      text.find_first_not_of('\n') != std::string_view::npos) {
    std::abort();
  }
  return 0;
}
