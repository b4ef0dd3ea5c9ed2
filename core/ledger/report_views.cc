// The report as Markdown and JSON.
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/ledger/report_tables.h"

namespace prodaccess {
namespace {

std::string markdown_cell(const std::string& text) {
  std::string cell;
  for (const char c : escape_for_terminal(text)) {
    if (std::string_view("|\\`*_<>[]").find(c) != std::string_view::npos) cell += '\\';
    cell += c;
  }
  return cell;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + markdown_cell(cell) + " |";
  return row + "\n";
}

}  // namespace

std::string report_markdown(const AuditReport& report) {
  const Framework& framework = framework_named(report.options.framework);
  std::string text = "# Temporary access: evidence for " + framework.title + "\n\n" +
                     report_span(report) + ", made " +
                     format_rfc3339(std::chrono::floor<Seconds>(report.options.made)) + ".\n";
  text += "\n## Gaps found\n\n";
  if (report.gaps.empty()) text += "None.\n";
  for (const std::string& gap : report.gaps) text += "- " + markdown_cell(gap) + "\n";
  for (const ReportTable& table : report_tables(report)) {
    text += "\n## " + table.title + "\n\n" + table.note + "\n\n";
    if (table.rows.empty()) {
      text += "None.\n";
      continue;
    }
    text += markdown_row(table.heading) + "|";
    for (std::size_t i = 0; i < table.heading.size(); ++i) text += " --- |";
    text += "\n";
    for (const auto& row : table.rows) text += markdown_row(row);
  }
  text += "\n## Not covered\n\n";
  for (const std::string& limit : framework.not_covered) text += "- " + markdown_cell(limit) + "\n";
  return text;
}

Json report_json(const AuditReport& report) {
  const Framework& framework = framework_named(report.options.framework);
  Json tables = Json::object();
  for (const ReportTable& table : report_tables(report)) {
    Json rows = Json::array();
    for (const auto& cells : table.rows) {
      Json row = Json::object();
      for (std::size_t i = 0; i < cells.size(); ++i) row[table.heading[i]] = cells[i];
      rows.push_back(std::move(row));
    }
    tables[table.title] = {{"note", table.note}, {"rows", rows}};
  }
  return {{"framework", framework.name},
          {"from", format_rfc3339(report.options.from)},
          {"gaps", report.gaps},
          {"made", format_rfc3339(report.options.made)},
          {"not_covered", framework.not_covered},
          {"population", report.commands.size()},
          {"seed", report.options.seed},
          {"tables", tables},
          {"title", framework.title},
          {"until", format_rfc3339(report.options.until)}};
}

}  // namespace prodaccess
