#include "core/policy/confirmation.h"

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/base/secret.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";
constexpr std::size_t kChallengeLength = 4;
constexpr std::size_t kLongestName = 24;

// A name that can be read off the screen and typed as it stands.
bool typable(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string_view last_segment(std::string_view name) {
  while (!name.empty() && name.back() == '/') name.remove_suffix(1);
  return name.substr(name.find_last_of("/:") + 1);
}

std::optional<std::string> typable_name(std::string_view name) {
  if (typable(name)) return std::string(name);
  const std::string_view segment = last_segment(name);
  if (typable(segment)) return std::string(segment);
  return std::nullopt;
}

std::optional<std::string> place_of(const std::vector<Target>& targets) {
  for (const Target& target : targets) {
    for (const std::string* place : {&target.namespace_, &target.cluster, &target.account}) {
      if (auto name = typable_name(*place)) return name;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string make_challenge(std::string_view random) {
  constexpr std::size_t kFair = 256 / kAlphabet.size() * kAlphabet.size();
  std::string challenge;
  for (const char c : random) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= kFair) continue;
    challenge += kAlphabet[byte % kAlphabet.size()];
    if (challenge.size() == kChallengeLength) return challenge;
  }
  throw Error(ErrorCode::Internal, "too little randomness for a challenge");
}

ShortName short_name(const Invocation& invocation, const PreviewSummary& summary) {
  const std::vector<Target> targets = dangerous_targets(invocation);
  const bool one = targets.size() == 1 && !targets[0].pattern && !targets[0].name.empty();
  const bool counted_as_one = summary.total() <= 1;
  if (one && counted_as_one) {
    if (auto name = typable_name(targets[0].name)) return {ShortName::Kind::Target, *name};
  }
  const std::int64_t count = summary.total();
  if (count > 0) return {ShortName::Kind::Count, std::to_string(count)};
  if (auto place = place_of(targets)) return {ShortName::Kind::Place, *place};
  const std::string program = invocation.argv.empty() ? invocation.tool : invocation.argv.front();
  return {ShortName::Kind::Program, typable_name(last_segment(program)).value_or("run")};
}

ConfirmationDialog::ConfirmationDialog(ShortName name, std::uint8_t confirmations,
                                       std::string_view random)
    : name_(std::move(name)),
      challenge_(make_challenge(random)),
      state_(confirmations > 1 ? State::AskName : State::AskBoth) {}

std::string ConfirmationDialog::expected() const {
  switch (state_) {
    case State::AskName: return name_.text;
    case State::AskBoth: return name_.text + " " + challenge_;
    default: return challenge_;
  }
}

ConfirmationDialog::State ConfirmationDialog::answer(std::string_view text,
                                                     std::string_view random) {
  if (!asks()) return state_;
  if (!equal_in_constant_time(trim(text), expected())) {
    challenge_ = make_challenge(random);
    if (--tries_ == 0) state_ = State::Refused;
    return state_;
  }
  state_ = state_ == State::AskName ? State::AskChallenge : State::Confirmed;
  return state_;
}

std::string ConfirmationBinding::digest() const {
  Sha256 hash;
  const auto add = [&hash](std::string_view text) {
    hash.update(std::to_string(text.size())).update(":").update(text);
  };
  add("prodaccess-confirmation 1");
  add(std::to_string(argv.size()));
  for (const std::string& word : argv) add(word);
  for (const std::string* field : {&program, &folder, &account, &rules_digest, &preview_hash}) {
    add(*field);
  }
  return hex(hash.finish());
}

bool Confirmed::redeem(const std::string& binding_digest, BootTime now) {
  if (used_) return false;
  used_ = true;
  return now >= at_ && now - at_ <= kLifetime && equal_in_constant_time(binding_digest, digest_);
}

}  // namespace prodaccess
