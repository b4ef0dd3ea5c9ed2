// The words and the layout of a confirmation, for terminals of 20 to 300 columns.
//
// What is dangerous (effect, action, how many, where) stands at the top and again in the last
// lines, right above the question; what does not fit is cut from the middle, with a count. Every
// byte that is not ours is escaped. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/command/invocation.h"
#include "core/policy/confirmation.h"
#include "core/policy/decision.h"
#include "core/policy/preview_summary.h"

namespace prodaccess {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

struct ConfirmationFacts {
  const Invocation& invocation;
  const Decision& decision;
  const PreviewSummary& summary;
  std::string role;
  std::string account;  // of the grant; "" where there is none
  std::string preview;  // how the preview ended: "would succeed (DryRunOperation)"; "" for none
  std::map<std::string, std::string> variables = {};  // that steer it
};

// The block above the question: lines of at most `columns`, at most `rows` less what the questions
// need.
std::vector<std::string> confirmation_block(const ConfirmationFacts& facts, ScreenSize screen);

// The question for the dialog's state, without a newline: what is typed follows it.
std::string confirmation_question(const ConfirmationFacts& facts, const ShortName& name,
                                  const ConfirmationDialog& dialog);

// "delete, 2 targets in 111122223333 (production)": for questions, refusals and approvals.
std::string deed_text(const Invocation& invocation, const Decision& decision,
                      const PreviewSummary& summary, const std::string& account);

}  // namespace prodaccess
