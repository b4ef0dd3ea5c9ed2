#include "core/command/sql_preview.h"

#include <optional>

namespace prodaccess {
namespace {

// psql 15's options by what they mean for a preview: where and as whom to connect is kept, how
// output looks is not, and anything else (--list, abbreviations, "--") has no preview.
constexpr std::string_view kKeptValues = "dhpU";
constexpr std::string_view kDroppedValues = "FLoPRTv";
constexpr std::string_view kDroppedFlags = "aAbeEHnqsStxXz01wW";

struct LongOption {
  std::string_view name;
  char letter;
};
constexpr LongOption kLongOptions[] = {{"command", 'c'},
                                       {"file", 'f'},
                                       {"dbname", 'd'},
                                       {"host", 'h'},
                                       {"port", 'p'},
                                       {"username", 'U'},
                                       {"field-separator", 'F'},
                                       {"log-file", 'L'},
                                       {"output", 'o'},
                                       {"pset", 'P'},
                                       {"record-separator", 'R'},
                                       {"table-attr", 'T'},
                                       {"set", 'v'},
                                       {"variable", 'v'},
                                       {"echo-all", 'a'},
                                       {"no-align", 'A'},
                                       {"echo-errors", 'b'},
                                       {"echo-queries", 'e'},
                                       {"echo-hidden", 'E'},
                                       {"html", 'H'},
                                       {"no-readline", 'n'},
                                       {"quiet", 'q'},
                                       {"single-step", 's'},
                                       {"single-line", 'S'},
                                       {"tuples-only", 't'},
                                       {"expanded", 'x'},
                                       {"no-psqlrc", 'X'},
                                       {"no-password", 'w'},
                                       {"password", 'W'},
                                       {"single-transaction", '1'},
                                       {"csv", 'q'}};

bool is_in(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

char letter_of(std::string_view name) {
  for (const LongOption& option : kLongOptions) {
    if (option.name == name) return option.letter;
  }
  return 0;
}

class PsqlWords {
 public:
  explicit PsqlWords(const Words& words) : words_(words) {}

  // The words that say where to connect; absent where there is more to it.
  std::optional<std::vector<std::string>> connection(std::string_view statement) {
    for (at_ = 1; at_ < words_.size(); ++at_) {
      const Word& word = words_[at_];
      if (!word.known || word.glob || !take(word.text, statement)) return std::nullopt;
    }
    if (sources_ != 1) return std::nullopt;
    return std::move(kept_);
  }

 private:
  bool take(std::string_view text, std::string_view statement) {
    if (text.starts_with("--")) return take_long(text.substr(2), statement);
    if (text.size() < 2 || text[0] != '-') {
      kept_.emplace_back(text);  // the database, then the user
      return true;
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (is_in(kDroppedFlags, text[i])) continue;
      std::optional<std::string_view> value;
      if (i + 1 < text.size()) value = text.substr(i + 1);
      return take_value(text[i], value, statement);
    }
    return true;
  }

  bool take_long(std::string_view text, std::string_view statement) {
    const std::size_t equals = text.find('=');
    const char letter = letter_of(text.substr(0, equals));
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = text.substr(equals + 1);
    if (letter != 0 && is_in(kDroppedFlags, letter)) return !value;
    return take_value(letter, value, statement);
  }

  bool take_value(char letter, std::optional<std::string_view> value, std::string_view statement) {
    if (!value) {
      if (++at_ >= words_.size() || !words_[at_].known || words_[at_].glob) return false;
      value = words_[at_].text;
    }
    if (letter == 'c' || letter == 'f') {
      ++sources_;
      return letter == 'c' ? *value == statement : *value != "-";
    }
    if (letter == 0) return false;
    if (is_in(kDroppedValues, letter)) return true;
    if (!is_in(kKeptValues, letter)) return false;
    kept_.push_back(std::string("-") + letter);
    kept_.emplace_back(*value);
    return true;
  }

  const Words& words_;
  std::size_t at_ = 0;
  int sources_ = 0;  // of statements: what one of them leaves behind may change what another does
  std::vector<std::string> kept_;
};

}  // namespace

Preview count_preview(const Words& client, std::string_view statement,
                      std::string_view count_query) {
  Preview preview;
  if (client.empty() || count_query.empty() || !client[0].known) return preview;
  const std::string& program = client[0].text;
  if (program != "psql" && !program.ends_with("/psql")) return preview;
  auto connection = PsqlWords(client).connection(statement);
  if (!connection) return preview;
  preview.kind = PreviewKind::Read;
  preview.output_is_count = true;
  preview.argv = {program, "-XAtqw"};
  for (std::string& word : *connection) preview.argv.push_back(std::move(word));
  preview.argv.emplace_back("-c");
  preview.argv.push_back(
      "BEGIN READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '2s'; " +
      std::string(count_query) + "; ROLLBACK");
  return preview;
}

}  // namespace prodaccess
