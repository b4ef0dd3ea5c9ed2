// How much of a command line a record of the ledger keeps (`record` of a role).
#pragma once

#include <cstdint>

namespace prodaccess {

enum class RecordDetail : std::uint8_t {
  Full,   // every word but what is a secret
  Shape,  // the program, words that look like verbs, option names; a keyed hash for the rest
  Hash,   // the program and one keyed hash of all
};

}  // namespace prodaccess
