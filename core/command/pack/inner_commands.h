// InnerCommands: what a command carries inside (argv, shell text, code, a file of it), handed to
// the rest of the understanding.
#pragma once

#include <vector>

#include "core/command/pack/condition.h"

namespace prodaccess::pack {

class InnerCommands {
 public:
  InnerCommands(const PackBlob& blob, const Words& words, const Arguments& arguments,
                const Conditions& conditions, Inner& inner)
      : blob_(blob), words_(words), arguments_(arguments), conditions_(conditions), inner_(inner) {}

  // Adds to `parts` what `record` finds on the line; nothing if it does not apply.
  void run(const InnerRecord& record, std::vector<Invocation>& parts);

  // Where the first inner command begins; the number of words if none did.
  std::size_t first_word() const { return first_word_; }

 private:
  void find(const InnerRecord& record, std::vector<Invocation>& parts);
  void argv(const InnerRecord& record, std::vector<Invocation>& parts);
  void argv_between(const InnerRecord& record, std::size_t from, std::size_t to,
                    std::vector<Invocation>& parts);
  void joined(const InnerRecord& record, std::vector<Invocation>& parts);
  void inside_json(const InnerRecord& record, std::vector<Invocation>& parts);
  void from_values(const InnerRecord& record, std::vector<Invocation>& parts);
  void text(const InnerRecord& record, const Word& word, std::vector<Invocation>& parts);
  void content(const InnerRecord& record, const Value& value, std::vector<Invocation>& parts);
  void standard_input(const InnerRecord& record, std::vector<Invocation>& parts);
  bool replace(const InnerRecord& record, std::string& text, std::string_view by) const;
  bool replace(const InnerRecord& record, Words& words) const;
  std::vector<Value> values_until(const InnerRecord& record) const;

  const PackBlob& blob_;
  const Words& words_;
  const Arguments& arguments_;
  const Conditions& conditions_;
  Inner& inner_;
  std::size_t first_word_ = std::string::npos;
};

}  // namespace prodaccess::pack
