#include "core/command/sql_preview.h"

#include <array>

namespace prodaccess {
namespace {

bool is_connection_word(std::string_view word) {
  for (const std::string_view option :
       {"--host=", "--port=", "--username=", "--dbname=", "--no-password", "--no-psqlrc", "--quiet",
        "--tuples-only", "--no-align", "--echo-errors"}) {
    if (word.starts_with(option)) return true;
  }
  if (word.empty() || word[0] != '-') return true;  // a database, a user, an option's value
  return word.size() >= 2 && word[1] != '-' &&
         word.find_first_not_of("hpUdwXqtAe", 1) == std::string_view::npos;
}

}  // namespace

Preview count_preview(const Words& client, std::string_view statement,
                      std::string_view count_query) {
  Preview preview;
  if (client.empty() || count_query.empty() || !client[0].text.ends_with("psql")) return preview;
  std::vector<std::string> argv;
  bool found = false;
  for (const Word& word : client) {
    if (!word.known || word.glob) return preview;
    std::string text = word.text;
    const bool holds = !found && text.ends_with(statement);
    const std::string option = holds ? text.substr(0, text.size() - statement.size()) : "";
    const bool after_option =
        option.empty() ? !argv.empty() && (argv.back() == "-c" || argv.back() == "--command")
                       : option == "-c" || option == "--command=";
    if (holds && after_option) {
      found = true;
      text =
          option +
          "BEGIN READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '2s'; ";
      text += count_query;
      text += "; ROLLBACK";
    } else if (text != "-c" && text != "--command" && !is_connection_word(text)) {
      return preview;
    }
    argv.push_back(std::move(text));
  }
  if (!found) return preview;
  argv.insert(argv.begin() + 1, "-X");
  preview.kind = PreviewKind::Read;
  preview.output_is_count = true;
  preview.argv = std::move(argv);
  return preview;
}

}  // namespace prodaccess
