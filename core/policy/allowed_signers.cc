#include "core/policy/allowed_signers.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kMostLines = 100'000;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// One line, read from left to right.
class LineReader {
 public:
  LineReader(std::string_view line, std::string place) : left_(line), place_(std::move(place)) {}

  // The next field up to a blank; blanks and commas within double quotes belong to it. Quotes are
  // taken off the ends of values: namespaces="a,b".
  std::string field() {
    skip_blanks();
    std::string text;
    bool quoted = false;
    std::size_t i = 0;
    for (; i < left_.size() && (quoted || !is_blank(left_[i])); ++i) {
      if (left_[i] == '"') {
        quoted = !quoted;
      } else {
        text += left_[i];
      }
    }
    if (quoted) fail("a quote is not closed");
    left_.remove_prefix(i);
    return text;
  }

  // The options of a field, split at commas outside quotes.
  std::vector<std::string> options() {
    skip_blanks();
    std::vector<std::string> found(1);
    bool quoted = false;
    std::size_t i = 0;
    for (; i < left_.size() && (quoted || !is_blank(left_[i])); ++i) {
      if (left_[i] == '"') {
        quoted = !quoted;
      } else if (left_[i] == ',' && !quoted) {
        found.emplace_back();
      } else {
        found.back() += left_[i];
      }
    }
    if (quoted) fail("a quote is not closed");
    left_.remove_prefix(i);
    return found;
  }

  // Whether a key's type comes next, rather than options.
  bool at_key_type() {
    skip_blanks();
    const std::string_view word = left_.substr(0, left_.find_first_of(" \t"));
    return word.rfind("ssh-", 0) == 0 || word.rfind("ecdsa-", 0) == 0 || word.rfind("sk-", 0) == 0;
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(ErrorCode::Config, place_ + ": " + why);
  }

 private:
  void skip_blanks() {
    while (!left_.empty() && is_blank(left_.front())) left_.remove_prefix(1);
  }
  std::string_view left_;
  std::string place_;
};

// YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, perhaps with a Z.
std::optional<WallTime> parse_time(std::string_view text) {
  if (!text.empty() && (text.back() == 'Z' || text.back() == 'z')) text.remove_suffix(1);
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || (text.size() != 8 && text.size() != 12 && text.size() != 14)) return std::nullopt;
  std::string whole(text);
  whole.resize(14, '0');
  const auto part = [&whole](std::size_t at, std::size_t size) { return whole.substr(at, size); };
  return parse_rfc3339(part(0, 4) + "-" + part(4, 2) + "-" + part(6, 2) + "T" + part(8, 2) + ":" +
                       part(10, 2) + ":" + part(12, 2) + "Z");
}

void read_option(const std::string& option, AllowedSigner& signer, const LineReader& reader) {
  const std::size_t equals = option.find('=');
  const std::string name = to_lower(option.substr(0, equals));
  const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
  if (name == "cert-authority" && equals == std::string::npos) {
    signer.is_authority = true;
  } else if (name == "namespaces" && !value.empty()) {
    signer.namespaces = split(value, ',');
  } else if (name == "valid-after" || name == "valid-before") {
    const auto time = parse_time(value);
    if (!time) reader.fail("'" + name + "' must look like 20261231 or 20261231235959Z");
    (name == "valid-after" ? signer.valid_after : signer.valid_before) = time;
  } else {
    reader.fail("unknown option '" + escape_for_terminal(option) + "'");
  }
}

AllowedSigner read_signer(LineReader reader, int line) {
  AllowedSigner signer;
  signer.line = line;
  signer.principals = split(reader.field(), ',');
  if (!reader.at_key_type()) {
    for (const std::string& option : reader.options()) read_option(option, signer, reader);
  }
  const std::string type = reader.field();
  const auto blob = unbase64(reader.field());
  const auto key = blob ? SshPublicKey::parse(*blob) : std::nullopt;
  if (!key || key->certificate() || key->type() != type) {
    reader.fail("no key that can sign (ssh-ed25519, ecdsa-sha2-*, sk-*, or ssh-rsa)");
  }
  if (signer.valid_after && signer.valid_before && *signer.valid_before <= *signer.valid_after) {
    reader.fail("valid-before is not after valid-after");
  }
  signer.key_blob = key->blob();
  return signer;
}

bool in_time(const AllowedSigner& signer, WallTime now) {
  return (!signer.valid_after || now >= *signer.valid_after) &&
         (!signer.valid_before || now < *signer.valid_before);
}

bool in_time(const SshCertificate& certificate, WallTime now) {
  const auto seconds = std::chrono::floor<Seconds>(now).time_since_epoch().count();
  const auto at = static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0));
  return at >= certificate.valid_after && at < certificate.valid_before;
}

// Whether this line speaks for the signature's key at all.
bool speaks_for(const AllowedSigner& signer, const Sshsig& signature, WallTime now) {
  if (!in_time(signer, now)) return false;
  if (!signer.namespaces.empty() && !match_pattern_list(signer.namespaces, signature.name_space)) {
    return false;
  }
  const auto& certificate = signature.key.certificate();
  if (!signer.is_authority) return !certificate && signer.key_blob == signature.key.blob();
  return certificate && signer.key_blob == certificate->authority && in_time(*certificate, now) &&
         !certificate->has_critical_options;
}

}  // namespace

bool match_pattern_list(const std::vector<std::string>& patterns, std::string_view text) {
  bool found = false;
  for (const std::string& pattern : patterns) {
    const bool negated = !pattern.empty() && pattern.front() == '!';
    if (!glob_match(std::string_view(pattern).substr(negated ? 1 : 0), text)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

bool AllowedSigner::names(std::string_view principal) const {
  return match_pattern_list(principals, principal);
}

AllowedSigners AllowedSigners::parse(std::string_view text, const std::string& file) {
  AllowedSigners signers;
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#') continue;
    if (signers.lines_.size() >= kMostLines) {
      throw Error(ErrorCode::Config, file + ": more than " + std::to_string(kMostLines) + " lines");
    }
    signers.lines_.push_back(
        read_signer(LineReader(content, file + ":" + std::to_string(number)), number));
  }
  return signers;
}

std::set<std::string> AllowedSigners::signers_of(const Sshsig& signature,
                                                 const std::vector<std::string>& candidates,
                                                 WallTime now) const {
  std::set<std::string> found;
  const auto& certificate = signature.key.certificate();
  for (const AllowedSigner& signer : lines_) {
    if (!speaks_for(signer, signature, now)) continue;
    for (const std::string& principal : candidates) {
      const bool certified =
          !certificate || std::find(certificate->principals.begin(), certificate->principals.end(),
                                    principal) != certificate->principals.end();
      if (certified && signer.names(principal)) found.insert(principal);
    }
  }
  return found;
}

}  // namespace prodaccess
