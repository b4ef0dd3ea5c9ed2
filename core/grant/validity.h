// Validity: whether a span of time that began earlier still runs, judged by both clocks.
//
// The wall clock may be set back and the boot clock starts anew, so neither is believed alone: a
// new boot, or more than 120 s between what the two say has passed, ends it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/os/clock.h"

namespace prodaccess {

enum class Validity { Live, Expired, Rebooted, ClocksDisagree };

// In words, to follow "the grant ...": "has expired", "ended with the restart of this machine".
std::string_view validity_words(Validity validity);

struct Span {
  WallTime from{};
  WallTime until{};
  BootTime from_boot{};
  std::string boot_id;

  Validity at(const Moment& now) const;
  // Until the earlier of the two clocks' ends; zero unless live.
  Milliseconds left(const Moment& now) const;
};

}  // namespace prodaccess
