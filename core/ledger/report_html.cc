// The report as one self-contained HTML page: no script, no outside resource, SVG plots, printable.
#include "core/base/text.h"
#include "core/ledger/report_tables.h"

namespace prodaccess {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bar: #3b6ea8; --bad: #b3402e; }
@media screen and (prefers-color-scheme: dark) { :root { --bar: #6ea3dd; --bad: #ff8a75; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 110rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .3rem; }
p { margin: .3rem 0 .8rem; } .quiet { opacity: .75; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.2rem 0; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 8rem; }
.card b { display: block; font-size: 1.5rem; } .bad b, .gap { color: var(--bad); }
li { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem 1.2rem .3rem 0; text-align: left;
  vertical-align: top; white-space: nowrap; }
td.long { white-space: normal; overflow-wrap: anywhere; min-width: 14rem; max-width: 45rem; }
th { font-weight: 600; } tbody tr:nth-child(even) { background: var(--soft); }
svg { display: block; } svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
.bar { fill: var(--bar); } .refused { fill: var(--bad); }
@page { size: A4 landscape; margin: 12mm; }
@media print { :root { color-scheme: light; } body { margin: 0; padding: 0; max-width: none;
  font-size: 10px; } h2, .note { break-after: avoid; } table { font-size: 7.5px; width: 100%; }
  thead { display: table-header-group; } tr, svg, .card { break-inside: avoid; }
  .scroll { overflow: visible; } th { white-space: normal; } th, td { padding-right: .6rem; }
  td.long { min-width: 8rem; max-width: none; } svg { max-width: 100%; height: auto; } }
)";

// A cell up to this long stands in one line.
constexpr std::size_t kShortCell = 24;

std::string html(const std::string& text) {
  std::string safe;
  for (const char c : escape_for_terminal(text)) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

struct Bar {
  std::string label;
  std::uint64_t value = 0;
  std::uint64_t part = 0;  // of value, in the other colour
};

std::string rectangle(std::uint64_t x, std::uint64_t y, std::uint64_t width, std::uint64_t height,
                      const std::string& style, const std::string& title) {
  return "<rect class=\"" + style + "\" x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
         "\" width=\"" + std::to_string(width) + "\" height=\"" + std::to_string(height) +
         "\"><title>" + html(title) + "</title></rect>";
}

std::string svg_text(std::uint64_t x, std::uint64_t y, const std::string& anchor,
                     const std::string& text) {
  return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" text-anchor=\"" +
         anchor + "\">" + html(text) + "</text>";
}

std::uint64_t largest(const std::vector<Bar>& bars) {
  std::uint64_t most = 1;
  for (const Bar& bar : bars) most = std::max(most, bar.value);
  return most;
}

// Bars that lie, a label before each: for a handful of kinds.
std::string lying_bars(const std::vector<Bar>& bars, const std::string& title) {
  constexpr std::uint64_t kRow = 24;
  constexpr std::uint64_t kLeft = 110;
  constexpr std::uint64_t kWidth = 480;
  const std::uint64_t most = largest(bars);
  std::string svg = "<svg role=\"img\" aria-label=\"" + html(title) + "\" viewBox=\"0 0 660 " +
                    std::to_string(bars.size() * kRow + 4) + "\" width=\"660\">";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    const std::uint64_t y = i * kRow + 4;
    const std::string says =
        bar.label + ": " + std::to_string(bar.value) + ", refused " + std::to_string(bar.part);
    svg += svg_text(kLeft - 8, y + 13, "end", bar.label);
    svg += rectangle(kLeft, y, std::max<std::uint64_t>(bar.value * kWidth / most, 1), kRow - 6,
                     "bar", says);
    if (bar.part != 0) {
      svg += rectangle(kLeft, y, std::max<std::uint64_t>(bar.part * kWidth / most, 1), kRow - 6,
                       "refused", says);
    }
    svg +=
        svg_text(kLeft + bar.value * kWidth / most + 6, y + 13, "start", std::to_string(bar.value));
  }
  return svg + "</svg>";
}

// Bars that stand, one a day, with the first and last day named.
std::string standing_bars(const std::vector<Bar>& bars, const std::string& title) {
  if (bars.empty()) return "";
  constexpr std::uint64_t kHeight = 120;
  constexpr std::uint64_t kWidth = 880;
  const std::uint64_t most = largest(bars);
  const std::uint64_t step = std::max<std::uint64_t>(kWidth / bars.size(), 2);
  std::string svg =
      "<svg role=\"img\" aria-label=\"" + html(title) + "\" viewBox=\"0 0 940 160\" width=\"940\">";
  svg += svg_text(36, 14, "end", std::to_string(most)) + svg_text(36, kHeight + 10, "end", "0");
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::uint64_t height = bars[i].value * kHeight / most;
    const std::uint64_t width = std::min<std::uint64_t>(step - 1, 40);
    svg += rectangle(44 + i * step, kHeight + 8 - height, width, height, "bar",
                     bars[i].label + ": " + std::to_string(bars[i].value));
  }
  svg += svg_text(44, 148, "start", bars.front().label);
  if (bars.size() > 1) {
    svg += svg_text(std::min<std::uint64_t>(44 + bars.size() * step, 936), 148, "end",
                    bars.back().label);
  }
  return svg + "</svg>";
}

std::string card(const std::string& name, std::uint64_t value, bool bad) {
  return "<div class=\"card" + std::string(bad ? " bad" : "") + "\"><b>" + std::to_string(value) +
         "</b>" + html(name) + "</div>";
}

std::string table_html(const ReportTable& table) {
  std::string text =
      "<h2>" + html(table.title) + "</h2><p class=\"quiet note\">" + html(table.note) + "</p>";
  if (table.rows.empty()) return text + "<p>None.</p>\n";
  text += "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& cell : table.heading) text += "<th>" + html(cell) + "</th>";
  text += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    text += "<tr>";
    for (const std::string& cell : row) {
      text += (cell.size() > kShortCell ? "<td class=\"long\">" : "<td>") + html(cell) + "</td>";
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string list_html(const std::string& title, const std::vector<std::string>& lines,
                      const std::string& style) {
  std::string text = "<h2>" + html(title) + "</h2>";
  if (lines.empty()) return text + "<p>None.</p>\n";
  text += "<ul>";
  for (const std::string& line : lines) {
    text += "<li class=\"" + style + "\">" + html(line) + "</li>";
  }
  return text + "</ul>\n";
}

std::string plots(const AuditReport& report) {
  std::vector<Bar> effects;
  for (const auto& [effect, count] : report.per_effect) {
    const auto refused = report.refused_per_effect.find(effect);
    effects.push_back(
        {effect, count, refused == report.refused_per_effect.end() ? 0 : refused->second});
  }
  std::vector<Bar> days;
  for (const auto& [day, count] : report.per_day) days.push_back({day, count, 0});
  if (effects.empty()) return "";
  return "<h2>Commands by effect</h2><p class=\"quiet note\">Refused ones in the other colour.</p>"
         "<div class=\"scroll\">" +
         lying_bars(effects, "Commands by effect") +
         "</div><h2>Commands by day</h2><div class=\"scroll\">" +
         standing_bars(days, "Commands by day") + "</div>";
}

}  // namespace

std::string report_html(const AuditReport& report) {
  const Framework& framework = framework_named(report.options.framework);
  std::string text =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'\"><title>Temporary access: " +
      html(framework.title) + "</title><style>" + std::string(kStyle) + "</style></head><body>\n";
  text += "<h1>Temporary access: evidence for " + html(framework.title) +
          "</h1><p class=\"quiet\">" + html(report_span(report)) + ", made " +
          html(format_rfc3339(std::chrono::floor<Seconds>(report.options.made))) +
          "</p>\n<div class=\"cards\">";
  text += card("grants", report.grants.size(), false) +
          card("commands", report.commands.size(), false) +
          card("exceptions", report.exceptions.size(), !report.exceptions.empty()) +
          card("gaps", report.gaps.size(), !report.gaps.empty()) + "</div>\n";
  text += list_html("Gaps found", report.gaps, "gap");
  text += plots(report);
  for (const ReportTable& table : report_tables(report)) text += table_html(table);
  text += list_html("Not covered", framework.not_covered, "");
  return text + "</body></html>\n";
}

}  // namespace prodaccess
