#include "core/command/language/sql_evidence.h"

#include <string>

#include "core/base/text.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

bool word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

Effect of_word(std::string_view word) {
  if (one_of(word, "drop truncate delete purge shutdown kill xp_cmdshell undrop detach"))
    return Effect::Destructive;
  if (one_of(word, "grant revoke sp_addsrvrolemember sp_addrolemember")) return Effect::Privilege;
  if (one_of(word, "outfile dumpfile unload export")) return Effect::Exfil;
  return Effect::Read;
}

}  // namespace

Effect sql_evidence(std::string_view text) {
  const std::string lower = to_lower(text);
  Effect worst = Effect::Read;
  std::size_t at = 0;
  while (at < lower.size()) {
    if (!word_character(lower[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < lower.size() && word_character(lower[end])) ++end;
    worst = worse(worst, of_word(std::string_view(lower).substr(at, end - at)));
    at = end;
  }
  return worst;
}

}  // namespace prodaccess
