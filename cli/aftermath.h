// aftermath: what is to be done once a command has written to the ledger, however it ended.
#pragma once

namespace prodaccess {

class Context;

// Says which sessions were found unfinished, takes back what was issued in them and never stored,
// and sends the new records to the sinks. Throws nothing: what went wrong is said on stderr.
void tidy_up(Context& context);

}  // namespace prodaccess
