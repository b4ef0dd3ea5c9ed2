// Records in the forms that other tools read.
//
// JSON lines are the ledger's own lines. CSV is RFC 4180 with one heading line; a field that a
// spreadsheet would take for a formula gets a leading apostrophe. OCSF is version 1.3.0
// (https://schema.ocsf.io/1.3.0): Process Activity (1007) for commands, Authorize Session (3003)
// for grants, Base Event (0) for the rest; what has no place there is under `unmapped`.
//
// With a pseudonymizer, names of people and hosts become keyed hashes: equal names stay equal. The
// lines then no longer match their hashes, and `hash` still names the original.
//
// Pure.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/ledger/query.h"
#include "core/ledger/redact.h"

namespace prodaccess {

class Exporter {
 public:
  // `pseudonyms` may be null; else it must outlive the exporter.
  explicit Exporter(const Redactor* pseudonyms) : pseudonyms_(pseudonyms) {}

  std::string jsonl(const RecordEntry& entry) const;
  static std::string csv_heading();
  std::string csv(const RecordEntry& entry) const;
  Json ocsf(const RecordEntry& entry) const;

 private:
  std::string name(const std::string& text) const;
  const Redactor* pseudonyms_;
};

}  // namespace prodaccess
