// Confirmation: what a person must type before a command runs, and what that answer is good for.
//
// Pure: the terminal is read by core/os, the words around the question are cli's. An answer is
// bound to argv, program, folder, account, deciding rules and preview; it serves once and dies
// after 60 s. Threads: one dialog, one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/command/invocation.h"
#include "core/policy/decision.h"
#include "core/policy/preview_summary.h"

namespace prodaccess {

// Four characters, of 31 that cannot be taken for one another (no i, l, o, 0, 1). Uses what it
// needs of `random`; 32 bytes are enough but for one time in 2^60, when it throws Error{Internal}.
std::string make_challenge(std::string_view random);
inline constexpr std::size_t kChallengeRandom = 32;

// The first answer: what it is, and what it stands for.
struct ShortName {
  enum class Kind : std::uint8_t { Target, Count, Place, Program };
  Kind kind = Kind::Target;
  std::string text;  // at most 24 printable ASCII characters, no blank
};

// One target: its name where that can be typed, else its last segment; several, or one that can
// not be typed: how many; where that is unknown: the namespace, cluster or account; else the
// program.
ShortName short_name(const Invocation& invocation, const PreviewSummary& summary);

// The questions of one confirmation, in order. Three wrong answers refuse; each question after one
// has a fresh challenge. No confirmation is without a challenge: what is known beforehand can be
// typed by a program that reads nothing.
class ConfirmationDialog {
 public:
  enum class State : std::uint8_t { AskName, AskChallenge, AskBoth, Confirmed, Refused };

  // `confirmations`: 1 asks for both in one line, 2 for the name and then for the challenge.
  ConfirmationDialog(ShortName name, std::uint8_t confirmations, std::string_view random);

  State state() const { return state_; }
  bool asks() const { return state_ < State::Confirmed; }
  // What must be typed now.
  std::string expected() const;
  const std::string& challenge() const { return challenge_; }
  // Takes an answer without its newline; blanks around it do not count. Returns the new state.
  State answer(std::string_view text, std::string_view random);
  int tries_left() const { return tries_; }

 private:
  ShortName name_;
  std::string challenge_;
  State state_;
  int tries_ = 3;
};

// What an answer is bound to.
struct ConfirmationBinding {
  std::vector<std::string> argv;
  std::string program;  // the file to be executed
  std::string folder;   // the working folder
  std::string account;
  std::string rules_digest;  // Decision::rules_digest
  std::string preview_hash;  // PreviewSummary::hash

  std::string digest() const;  // hex
};

// An answer given. Not copyable: it serves once.
class Confirmed {
 public:
  static constexpr Seconds kLifetime{60};

  Confirmed(std::string binding_digest, BootTime at)
      : digest_(std::move(binding_digest)), at_(at) {}
  Confirmed(const Confirmed&) = delete;
  Confirmed& operator=(const Confirmed&) = delete;

  // Whether it holds for this binding now. True at most once.
  bool redeem(const std::string& binding_digest, BootTime now);

 private:
  std::string digest_;
  BootTime at_;
  bool used_ = false;
};

}  // namespace prodaccess
