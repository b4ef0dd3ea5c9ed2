#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/base/text.h"

namespace prodaccess {
namespace {

void write_all(std::FILE* stream, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stream) != text.size() || std::fflush(stream) != 0) {
    throw system_error("the output could not be written", errno);
  }
}

std::string shown(const std::string& text) {
  std::string lines;
  for (const std::string& line : split(text, '\n')) {
    if (!lines.empty()) lines += '\n';
    lines += escape_for_terminal(line);
  }
  return lines;
}

// Characters as a reader counts them: UTF-8 continuation bytes take no column.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string warning_line(const std::string& text) { return "prodaccess: " + shown(text) + "\n"; }

// Nothing is left to say where stderr itself is gone.
void write_to_stderr(const std::string& text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

}  // namespace

void print_line(const std::string& line) { write_all(stdout, escape_for_terminal(line) + "\n"); }

void print_raw(std::string_view text) { write_all(stdout, text); }

void print_json(const Json& value) {
  write_all(stdout, value.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n");
}

void warn(const std::string& text) { write_to_stderr(warning_line(text)); }

DetailedError::DetailedError(const Error& error, std::vector<std::string> hints, const Json& fields)
    : Error(error.code(), error.what(), std::move(hints)),
      fields_(fields.dump(-1, ' ', true, Json::error_handler_t::replace)) {}

Json DetailedError::fields() const { return Json::parse(fields_); }

namespace {

// What to do next where the place that failed knows nothing better.
std::vector<std::string> usual_hints(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage: return {"the same command with --help says what it takes"};
    case ErrorCode::Config:
    case ErrorCode::Policy:
    case ErrorCode::Provider:
    case ErrorCode::Keyring:
    case ErrorCode::System:
    case ErrorCode::Unsafe:
      return {"prodaccess doctor   looks for what is wrong here, and says how it is mended"};
    case ErrorCode::Ledger: return {"prodaccess audit verify"};
    case ErrorCode::NoGrant: return {"prodaccess status   shows what is held"};
    case ErrorCode::Busy: return {"run it again when the other process is done"};
    default: return {};
  }
}

std::vector<std::string> hints_of(const Error& error) {
  return error.hints().empty() ? usual_hints(error.code()) : error.hints();
}

}  // namespace

Json error_json(const Error& error) {
  Json object = {
      {"code", code_name(error.code())}, {"message", error.what()}, {"hints", hints_of(error)}};
  if (const auto* detailed = dynamic_cast<const DetailedError*>(&error)) {
    object.update(detailed->fields());
  }
  return {{"error", std::move(object)}};
}

void print_error(const Error& error, bool json) {
  if (json) {
    print_json(error_json(error));
    return;
  }
  std::string lines = warning_line("error: " + std::string(error.what()));
  for (const std::string& hint : hints_of(error)) lines += warning_line("hint: " + hint);
  write_to_stderr(lines);  // whole or not at all
}

std::vector<std::string> format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns(row[i]));
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace prodaccess
