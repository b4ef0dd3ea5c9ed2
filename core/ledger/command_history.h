// CommandHistory: what the ledger says of the commands before this one, as the policy asks for it:
// how many destructive ones ran under a role within the hour, and what would be unusual now.
//
// It is an index beside the ledger ("history.index" in the state folder) that is read on from where
// it stands, so a command costs the same at any size of the ledger; without it, or with one that
// cannot be read, it is built again. An hour counts by either clock: setting one on shortens
// nothing. Errors: Error{Ledger} from reading. Threads: one.
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "core/ledger/anomaly.h"
#include "core/os/clock.h"

namespace prodaccess {

class Files;

class CommandHistory {
 public:
  // Reads what came since. `files` must outlive it; `state` is the state folder.
  CommandHistory(Files& files, const Clock& clock, const std::filesystem::path& ledger,
                 const std::filesystem::path& state, AnomalySettings settings);

  // By their intents, of this machine's ledger.
  std::int64_t destructive_last_hour(const std::string& role) const;
  std::vector<AnomalyFlag> unusual(const AnomalyEvent& event) const { return index_.judge(event); }

 private:
  struct Destructive {
    std::string role;
    std::int64_t wall_ms = 0;
    std::int64_t boot_ms = 0;
    std::string boot_id;
  };

  void load(Files& files, const std::filesystem::path& file, AnomalySettings settings);
  void learn(const RecordEntry& entry);
  void forget();
  bool within_the_hour(const Destructive& command) const;
  std::string text() const;

  Moment now_;
  AnomalyIndex index_;
  LedgerPosition position_;
  std::deque<Destructive> destructive_;
};

}  // namespace prodaccess
