// The report as tables and lines, which its views lay out. Internal to core/ledger.
#pragma once

#include <string>
#include <vector>

#include "core/ledger/report.h"

namespace prodaccess {

struct ReportTable {
  std::string title;
  std::string note;  // what it shows, in a sentence
  std::vector<std::string> heading;
  std::vector<std::vector<std::string>> rows;
};

std::string report_span(const AuditReport& report);
// Integrity, population, grants, commands sampled, exceptions, events, criteria.
std::vector<ReportTable> report_tables(const AuditReport& report);

}  // namespace prodaccess
