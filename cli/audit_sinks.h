// The sinks that [audit] names, with the transports that carry to them.
#pragma once

#include <vector>

#include "core/ledger/sink.h"

namespace prodaccess {

class Context;

// Sends what waits to every sink; with `now` also where an earlier failure asks for patience.
std::vector<SinkProgress> forward_records(Context& context, bool now);
// Sends to the sinks marked `required`. Throws Error{Ledger} where one did not take everything:
// what was to happen must not.
void forward_to_required(Context& context);
// How the sinks stand, without sending: for `status` and `doctor`.
std::vector<SinkProgress> sink_progress(Context& context);

}  // namespace prodaccess
