#include "core/command/pack/alias_file.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess::pack {
namespace {

// Past the tool's own options: the first word that names a command.
std::size_t first_verb(const PackBlob& blob, const ToolRecord& tool, const Words& words) {
  const VerbRecord& root = blob.verb(tool.root);
  const auto options = blob.options(blob.detail(root.detail).options);
  std::size_t i = 1;
  while (i < words.size() && words[i].text.starts_with('-')) {
    const bool takes = std::any_of(options.begin(), options.end(), [&](const OptionRecord& option) {
      return option.arity == Arity::Required && blob.text(option.name) == words[i].text;
    });
    i += takes ? 2 : 1;
  }
  return i;
}

// The value of `name` in the section ("toplevel", "command ec2"); lines that begin with a blank
// go on.
std::optional<std::string> find_alias(std::string_view content, std::string_view section,
                                      std::string_view name) {
  std::optional<std::string> value;
  std::string_view here;
  for (const std::string& row : split(std::string(content), '\n')) {
    const std::string_view line = trim(row);
    if (value && !row.empty() && (row.front() == ' ' || row.front() == '\t')) {
      *value += "\n" + std::string(line);
      continue;
    }
    if (value) return value;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      here = line == "[" + std::string(section) + "]" ? section : std::string_view{};
      continue;
    }
    const auto equals = line.find('=');
    if (here.empty() || equals == std::string_view::npos) continue;
    if (trim(line.substr(0, equals)) == name) value = std::string(trim(line.substr(equals + 1)));
  }
  return value;
}

// The alias in place of the words from `first` to `end`, as a line for a shell.
Word expanded(const Words& words, std::size_t first, std::size_t end, const std::string& value) {
  Word line;
  const auto add = [&line](const Word& word) {
    line.text += ' ' + (word.known ? shell_quote(word.text) : word.text);
    line.known = line.known && word.known;
  };
  if (value.starts_with('!')) {
    line.text = value.substr(1);
  } else {
    for (std::size_t i = 0; i < first; ++i) add(words[i]);
    line.text += ' ' + value;
    std::replace(line.text.begin(), line.text.end(), '\n', ' ');
  }
  for (std::size_t i = end; i < words.size(); ++i) add(words[i]);
  return line;
}

}  // namespace

std::optional<Invocation> aliased_command(const PackBlob& blob, const ToolRecord& tool,
                                          const Words& words, Inner& inner) {
  if (tool.alias_file.length == 0) return std::nullopt;
  const std::size_t verb = first_verb(blob, tool, words);
  if (verb >= words.size() || !words[verb].known) return std::nullopt;
  const auto home = inner.variable("HOME");
  if (!home || home->empty()) return std::nullopt;
  const auto content = inner.file(Word{*home + "/" + std::string(blob.text(tool.alias_file))});
  if (!content) return std::nullopt;
  std::size_t end = verb + 1;
  auto value = find_alias(*content, "toplevel", words[verb].text);
  if (!value && end < words.size() && words[end].known) {
    value = find_alias(*content, "command " + words[verb].text, words[end].text);
    if (value) ++end;
  }
  if (!value) return std::nullopt;
  const std::size_t first = value->starts_with('!') ? verb : end - 1;
  Invocation result = inner.shell(expanded(words, first, end, *value));
  result.wrappers.insert(result.wrappers.begin(), "alias " + words[end - 1].text);
  result.reasons.emplace_back("'" + words[end - 1].text + "' is an alias of the user's");
  return result;
}

}  // namespace prodaccess::pack
