// PreviewSummary: what a command will do, by our own count: which things, how many of each
// operation. It is what the prompt shows last and what a confirmation or approval is bound to; so
// it holds nothing that changes between two previews of the same state (times, ids, the tool's
// wording).
//
// Errors: a plan that cannot be read throws Error{Denied}: nothing unread is applied. Threads:
// pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/command/invocation.h"

namespace prodaccess {

struct PreviewSummary {
  // One thing and what happens to it.
  struct Item {
    std::string operation;  // "ec2 terminate-instances", "delete", "replace"
    std::string target;     // canonical: "aws:111122223333/eu-west-1/instance/i-1"; an address

    auto operator<=>(const Item&) const = default;
  };

  std::set<Item> items;
  std::map<std::string, std::int64_t> counts;  // by operation; absent: unknown

  std::int64_t total() const;
  // "prodaccess-preview 1" and one line an entry, sorted, each text with its length.
  std::string canonical() const;
  std::string hash() const;  // SHA-256 of it, hex

  bool operator==(const PreviewSummary&) const = default;
};

// Of the parts that do more than write, or of the whole where none does. `counted`: how many things
// the preview found (rows, objects), where it counted for one part.
PreviewSummary summarize(const Invocation& invocation,
                         std::optional<std::int64_t> counted = std::nullopt);

// Of `terraform show -json PLAN` (format 1.x), or of a file of `pulumi preview --save-plan`:
// operations create, update, delete, replace, forget, import, invoke.
PreviewSummary summarize_plan(std::string_view plan_json);

// What a plan that was read makes of an opaque command: its effect, count (deleted, replaced,
// forgotten), scale (created) and targets.
void apply_plan(Invocation& invocation, const PreviewSummary& plan);

// Whether `now` does nothing that `approved` did not hold. With `fewer_is_enough` a part of it, or
// smaller counts, will do; else both must be equal.
bool covered_by(const PreviewSummary& now, const PreviewSummary& approved, bool fewer_is_enough);

// One line a difference: "+ delete aws_instance.c", "- ...", "delete: 2, was 3".
std::vector<std::string> differences(const PreviewSummary& approved, const PreviewSummary& now);

// "aws:111122223333/eu-west-1/instance/i-1"; empty fields are left out.
std::string canonical_target(const Target& target);

// The targets of the parts that do more than write, or of all where none does.
std::vector<Target> dangerous_targets(const Invocation& invocation);

}  // namespace prodaccess
