// The sinks that [audit] names, with the transports that carry to them.
#pragma once

#include <memory>
#include <vector>

#include "core/ledger/ledger.h"
#include "core/ledger/sink.h"

namespace prodaccess {

class Context;

// Sends what waits to every sink; with `now` also where an earlier failure asks for patience.
std::vector<SinkProgress> forward_records(Context& context, bool now);
// Sends to the sinks marked `required`. Throws Error{Ledger} where one did not take everything:
// what was to happen must not.
void forward_to_required(Context& context);
// `ledger`, or one whose durable intents also wait for the required sinks where there are any.
std::unique_ptr<Ledger> with_required_sinks(Context& context, std::unique_ptr<Ledger> ledger);
// How the sinks stand, without sending: for `status` and `doctor`.
std::vector<SinkProgress> sink_progress(Context& context);

}  // namespace prodaccess
