// AllowedSigners: who may sign, in the format of ssh-keygen(1), ALLOWED SIGNERS: principals,
// options (cert-authority, namespaces, valid-after, valid-before), key. Times without a Z are read
// as UTC.
//
// Errors: a line that cannot be read throws Error{Config} with FILE:LINE: a signer is neither
// invented nor lost. Threads: const members only read.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/policy/sshsig.h"

namespace prodaccess {

struct AllowedSigner {
  std::vector<std::string> principals;  // patterns; "!" negates
  std::vector<std::string> namespaces;  // patterns; empty: any
  bool is_authority = false;            // the key signs certificates of signers
  std::optional<WallTime> valid_after;
  std::optional<WallTime> valid_before;
  std::string key_blob;
  int line = 0;

  // Whether the patterns name `principal`.
  bool names(std::string_view principal) const;
};

class AllowedSigners {
 public:
  static AllowedSigners parse(std::string_view text, const std::string& file);

  // Which of `candidates` this signature, already verified, is by: those that a line for its key
  // (or for the CA of its certificate, which must name the principal) gives, at `now`.
  std::set<std::string> signers_of(const Sshsig& signature,
                                   const std::vector<std::string>& candidates, WallTime now) const;

  const std::vector<AllowedSigner>& lines() const { return lines_; }

 private:
  std::vector<AllowedSigner> lines_;
};

// A comma-separated list of patterns as ssh reads it: any match, and no negated one.
bool match_pattern_list(const std::vector<std::string>& patterns, std::string_view text);

}  // namespace prodaccess
