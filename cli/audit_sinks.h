// The sinks that [audit] names, with the transports that carry to them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/ledger/ledger.h"
#include "core/ledger/sink.h"

namespace prodaccess {

class Context;

// Sends what waits to every sink; with `now` also where an earlier failure asks for patience.
std::vector<SinkProgress> forward_records(Context& context, bool now);
// The same once a command is over, in a process of its own: the command never waits for a sink.
// What failed is tried again for ten minutes. One process does so at a time, and one more waits to
// go on with what came since; others find it in good hands. Does nothing where there is no sink.
void start_forwarding(Context& context);
// Sends to the sinks marked `required`. Throws Error{Ledger} where one did not take everything:
// what was to happen must not.
void forward_to_required(Context& context);
// `ledger`, or one whose durable intents also wait for the required sinks where there are any.
std::unique_ptr<Ledger> with_required_sinks(Context& context, std::unique_ptr<Ledger> ledger);
// Throws Error{Config} for a name that no sink has.
void require_sinks(Context& context, const std::vector<std::string>& names);
// Sends the record just written, and what waits before it, to the sinks of these names. A required
// sink that does not take it stops what was to happen (Error{Ledger}); another one only where
// `failure` says so, and is warned of else.
enum class AlertFailure { Warns, Refuses };
void send_alerts(Context& context, const std::vector<std::string>& names, AlertFailure failure);
// How the sinks stand, without sending: for `status` and `doctor`.
std::vector<SinkProgress> sink_progress(Context& context);
// "the sink siem is 12 records behind (since 2026-...): connection refused"
std::string late_sink_text(const SinkProgress& sink);

}  // namespace prodaccess
