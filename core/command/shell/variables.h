// Variables: what the line tells of the shell's variables, followed from command to command.
//
// A region that may or may not run is entered with mark() and left with blur(): what it changed is
// unknown afterwards. A subshell is left with restore(): what it changed is as before.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess::shell {

using Environment = std::map<std::string, std::string, std::less<>>;

struct Value {
  enum class Knowledge : unsigned char {
    Unset,
    Known,
    OneWord,  // unknown, but one word: not empty, without blanks and patterns
    Unknown,
  };
  Knowledge knowledge = Knowledge::Unknown;
  std::string text;                // Known; else the known parts around the unknown
  std::vector<std::string> items;  // Known, of an array; `text` is the first

  static Value known(std::string text) { return {Knowledge::Known, std::move(text), {}}; }
  static Value one_word() { return {Knowledge::OneWord, {}, {}}; }
  static Value unset() { return {Knowledge::Unset, {}, {}}; }
  static Value array(std::vector<std::string> items) {
    return {Knowledge::Known, items.empty() ? "" : items[0], std::move(items)};
  }
  bool is_known() const { return knowledge == Knowledge::Known || knowledge == Knowledge::Unset; }
  bool operator==(const Value&) const = default;
};

// Whether any text of this kind stays one word when it is split.
bool is_one_word(const Value& value);

constexpr std::size_t kMostVariables = 1024;

class Variables {
 public:
  explicit Variables(const Environment& environment) : environment_(environment) {}

  Value get(std::string_view name) const;
  // The separators of word splitting; unknown only where the line may have changed them.
  Value separators() const;
  // More were set than are followed.
  bool overflowed() const { return overflowed_; }
  void assign(std::string_view name, Value value);
  void forget(std::string_view name) { assign(name, {}); }
  // Nothing that this variable gets from now on is believed (integer, lower-case, reference, ...).
  void distrust(std::string_view name);
  // Anything may have been set: `eval` of an unknown text, `source`.
  void forget_all();
  void distrust_all();
  void mark_exported(std::string_view name);

  struct Exported {
    std::string_view name;
    const Value* value;
  };
  // Set on the line and likely in a command's environment: exported, or named in capitals.
  std::vector<Exported> exported() const;

  using Mark = std::size_t;
  Mark mark();
  void blur(Mark mark);
  // As blur, but also what was set to what it was before: the region may run many times.
  void forget_changed(Mark mark);
  void restore(Mark mark);
  void restore_only(Mark mark, const std::vector<std::string>& names);

 private:
  struct Entry {
    Value value;
    bool exported = false;
    bool distrusted = false;
  };
  struct Change {
    std::string name;
    Entry before;
    bool existed;
  };

  void put(const Change& change);

  const Environment& environment_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<Change> changes_;  // since the first mark that is still open
  std::size_t marks_ = 0;
  bool environment_known_ = true;
  bool all_distrusted_ = false;
  bool overflowed_ = false;
};

}  // namespace prodaccess::shell
