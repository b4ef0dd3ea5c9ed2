#include "core/grant/validity.h"

#include <algorithm>

namespace prodaccess {
namespace {

constexpr Milliseconds kDisagreement = Seconds{120};

}  // namespace

std::string_view validity_words(Validity validity) {
  switch (validity) {
    case Validity::Live: return "is live";
    case Validity::Expired: return "has expired";
    case Validity::Rebooted: return "ended with the restart of this machine";
    case Validity::ClocksDisagree: return "cannot be trusted: the clock was set";
  }
  return "is unknown";
}

Validity Span::at(const Moment& now) const {
  if (now.boot_id != boot_id) return Validity::Rebooted;
  const Milliseconds by_wall = now.wall - from;
  const Milliseconds by_boot = now.boot - from_boot;
  if (now.wall >= until || by_boot >= until - from) return Validity::Expired;
  const Milliseconds apart = by_wall > by_boot ? by_wall - by_boot : by_boot - by_wall;
  return apart > kDisagreement ? Validity::ClocksDisagree : Validity::Live;
}

Milliseconds Span::left(const Moment& now) const {
  if (at(now) != Validity::Live) return Milliseconds{0};
  return std::min<Milliseconds>(until - now.wall, (until - from) - (now.boot - from_boot));
}

}  // namespace prodaccess
