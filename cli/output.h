// Output: results go to stdout, all else to stderr. With --json a command prints exactly one JSON
// value.
//
// Text from outside is escaped here, whoever hands it in: `say` and `warn` escape every control
// character but the newline that ends the line.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace prodaccess {

// One line of a result, for people. Throws Error{System} where stdout cannot be written.
void print_line(const std::string& line);
// Text as it is: a script, a man page, a report, JSON.
void print_raw(std::string_view text);
// One JSON value and a newline.
void print_json(const Json& value);

// "prodaccess: TEXT" on stderr.
void warn(const std::string& text);

// "prodaccess: error: ..." and its hints on stderr, or {"error":{...}} on stdout.
void print_error(const Error& error, bool json);
Json error_json(const Error& error);

// An error that tells scripts more: `fields` of an object, beside code, message and hints.
class DetailedError : public Error {
 public:
  DetailedError(const Error& error, std::vector<std::string> hints, const Json& fields);
  Json fields() const;

 private:
  std::string fields_;  // as text: what is thrown must be copied without fail
};

// Rows in columns, the first row being the heading; the last column is not padded.
std::vector<std::string> format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace prodaccess
