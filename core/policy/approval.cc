#include "core/policy/approval.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kType = "prodaccess-approval@v1";
constexpr std::size_t kLargestFile = 4U << 20;
constexpr std::size_t kMostSignatures = 64;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::Denied, "this is no approval: " + why);
}

// JSON holds UTF-8; other words stand as their bytes in hexadecimal.
Json word_json(const std::string& word) {
  if (is_utf8(word)) return word;
  return {{"hex", hex(word)}};
}

std::string word_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1 || !json.contains("hex") || !json["hex"].is_string()) {
    refuse("argv holds something else than words");
  }
  const auto bytes = unhex(json["hex"].get<std::string>());
  if (!bytes) refuse("argv holds something else than words");
  return *bytes;
}

// Fields beside argv are for people, or come from configuration: what is not UTF-8 is escaped.
Json text_json(const std::string& text) { return is_utf8(text) ? text : escape_for_terminal(text); }

Json preview_json(const PreviewSummary& preview) {
  Json items = Json::array();
  for (const auto& item : preview.items) {
    items.push_back({word_json(item.operation), word_json(item.target)});
  }
  Json counts = Json::array();
  for (const auto& [operation, count] : preview.counts) {
    counts.push_back({word_json(operation), count});
  }
  return {{"items", std::move(items)}, {"counts", std::move(counts)}};
}

// The keys of an object, each taken once and all of them.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {
    if (!object.is_object()) refuse("it is no JSON object");
  }

  const Json& at(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end()) refuse(std::string("it has no ") + key);
    ++taken_;
    return *found;
  }
  std::string text(const char* key) {
    const Json& value = at(key);
    if (!value.is_string()) refuse(std::string(key) + " is no text");
    return value.get<std::string>();
  }
  std::int64_t number(const char* key, std::int64_t most) {
    const Json& value = at(key);
    const bool fits = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
    if (!fits) refuse(std::string(key) + " is no such number");
    return value.get<std::int64_t>();
  }
  WallTime time(const char* key) {
    const auto time = parse_rfc3339(text(key));
    if (!time) refuse(std::string(key) + " is no time");
    return *time;
  }
  void finish() const {
    if (taken_ != object_.size()) refuse("it has a key that this version does not know");
  }

 private:
  const Json& object_;
  std::size_t taken_ = 0;
};

PreviewSummary preview_of(const Json& json) {
  Fields fields(json);
  const Json& items = fields.at("items");
  const Json& counts = fields.at("counts");
  fields.finish();
  if (!items.is_array() || !counts.is_array()) refuse("its preview is malformed");
  PreviewSummary preview;
  for (const Json& item : items) {
    if (!item.is_array() || item.size() != 2) refuse("its preview is malformed");
    preview.items.insert({word_of(item[0]), word_of(item[1])});
  }
  for (const Json& entry : counts) {
    if (!entry.is_array() || entry.size() != 2 || !entry[1].is_number_unsigned() ||
        entry[1].get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
      refuse("its preview is malformed");
    }
    preview.counts[word_of(entry[0])] = entry[1].get<std::int64_t>();
  }
  return preview;
}

void read_command(Fields& fields, ApprovalStatement& statement) {
  const Json& argv = fields.at("argv");
  if (!argv.is_array() || argv.empty()) refuse("argv is no list of words");
  for (const Json& word : argv) statement.argv.push_back(word_of(word));
  statement.program = fields.text("program");
  statement.effect = fields.text("effect");
  statement.preview = preview_of(fields.at("preview"));
  if (fields.text("argv_sha256") != argv_digest(statement.argv) ||
      fields.text("preview_sha256") != statement.preview.hash()) {
    refuse("what it shows is not what it binds");
  }
}

Json to_json(const ApprovalStatement& statement) {
  Json json{{"type", kType},
            {"kind", approval_kind_name(statement.kind)},
            {"role", text_json(statement.role)},
            {"account", text_json(statement.account)},
            {"rule", text_json(statement.rule)},
            {"rules_sha256", statement.rules_digest},
            {"machine", text_json(statement.machine)},
            {"uid", statement.uid},
            {"requester", text_json(statement.requester)},
            {"reason", text_json(statement.reason)},
            {"ticket", text_json(statement.ticket)},
            {"not_before", format_rfc3339(statement.not_before)},
            {"not_after", format_rfc3339(statement.not_after)},
            {"nonce", statement.nonce}};
  if (statement.kind != ApprovalKind::Command) {
    json["ttl"] = statement.ttl.count();
    if (statement.kind == ApprovalKind::Review) json["grant"] = text_json(statement.grant);
    return json;
  }
  json["argv"] = Json::array();
  for (const std::string& word : statement.argv) json["argv"].push_back(word_json(word));
  json["argv_sha256"] = argv_digest(statement.argv);
  json["program"] = text_json(statement.program);
  json["effect"] = text_json(statement.effect);
  json["preview"] = preview_json(statement.preview);
  json["preview_sha256"] = statement.preview.hash();
  return json;
}

ApprovalKind kind_of(const std::string& name) {
  for (const auto kind : {ApprovalKind::Command, ApprovalKind::Role, ApprovalKind::Review}) {
    if (approval_kind_name(kind) == name) return kind;
  }
  refuse("its kind is unknown");
}

ApprovalStatement from_json(const Json& json) {
  Fields fields(json);
  if (fields.text("type") != kType) refuse("its type is not " + std::string(kType));
  ApprovalStatement statement;
  statement.kind = kind_of(fields.text("kind"));
  statement.role = fields.text("role");
  statement.account = fields.text("account");
  statement.rule = fields.text("rule");
  statement.rules_digest = fields.text("rules_sha256");
  statement.machine = fields.text("machine");
  statement.uid =
      static_cast<std::uint32_t>(fields.number("uid", std::numeric_limits<std::uint32_t>::max()));
  statement.requester = fields.text("requester");
  statement.reason = fields.text("reason");
  statement.ticket = fields.text("ticket");
  statement.not_before = fields.time("not_before");
  statement.not_after = fields.time("not_after");
  statement.nonce = fields.text("nonce");
  if (statement.nonce.size() != 32 || !unhex(statement.nonce)) refuse("its nonce is malformed");
  if (statement.kind == ApprovalKind::Command) {
    read_command(fields, statement);
  } else {
    statement.ttl = Seconds{fields.number("ttl", 10'000LL * 86'400)};
    if (statement.kind == ApprovalKind::Review) statement.grant = fields.text("grant");
  }
  fields.finish();
  return statement;
}

// The seats that `people` fill, one person one seat (augmenting paths; both are few).
class Seating {
 public:
  Seating(const std::vector<ApprovalNeed>& needs, const std::set<std::string>& people,
          const ApprovalSettings& settings)
      : people_(people.begin(), people.end()) {
    for (const ApprovalNeed& need : needs) {
      const auto group = settings.groups.find(need.group);
      for (std::uint8_t i = 0; i < need.count; ++i) {
        seats_.push_back({need.group, need.group.empty() ? nullptr : &group->second, -1});
        if (!need.group.empty() && group == settings.groups.end()) seats_.back().members = &kNobody;
      }
    }
    for (std::size_t person = 0; person < people_.size(); ++person) {
      std::vector<bool> tried(seats_.size());
      seat(static_cast<int>(person), tried);
    }
  }

  std::vector<std::string> empty_seats() const {
    std::map<std::string, int> missing;
    for (const Seat& seat : seats_) missing[seat.group] += seat.person < 0 ? 1 : 0;
    std::vector<std::string> lines;
    for (const auto& [group, count] : missing) {
      if (count == 0) continue;
      lines.push_back(std::to_string(count) + " more of " +
                      (group.empty() ? "those who may sign" : group));
    }
    return lines;
  }

 private:
  struct Seat {
    std::string group;
    const std::set<std::string>* members;  // null: anybody
    int person;
  };
  static const std::set<std::string> kNobody;

  bool seat(int person, std::vector<bool>& tried) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      const bool may = seats_[i].members == nullptr ||
                       seats_[i].members->count(people_[static_cast<std::size_t>(person)]) != 0;
      if (!may || tried[i]) continue;
      tried[i] = true;
      if (seats_[i].person < 0 || seat(seats_[i].person, tried)) {
        seats_[i].person = person;
        return true;
      }
    }
    return false;
  }

  std::vector<std::string> people_;
  std::vector<Seat> seats_;
};
const std::set<std::string> Seating::kNobody;

// The person whose signature this is; else why it does not count.
struct Signer {
  std::optional<std::string> person;
  std::string problem;
};

Signer signer_of(const std::string& armored, const std::string& line, bool security_key,
                 const ApprovalSettings& settings, const AllowedSigners& signers,
                 const Asker& requester, WallTime now) {
  const auto signature = parse_sshsig(armored);
  if (!signature) return {{}, "a signature cannot be read"};
  if (!signature->verify(line, kApprovalNamespace)) {
    return {{}, "a signature is not over this statement"};
  }
  if (security_key && !signature->key.is_security_key()) {
    return {{}, "a signature is not by a security key, which the rule asks for"};
  }
  std::set<std::string> people;
  for (const auto& principal : signers.signers_of(*signature, settings.all_principals(), now)) {
    people.insert(*settings.person_of_principal(principal));
  }
  if (people.empty()) return {{}, "a signature is by a key that allowed_signers does not give now"};
  if (people.size() > 1) return {{}, "a signature's key stands for several people"};
  if (requester.people.count(*people.begin()) != 0) {
    return {{}, *people.begin() + " asks and cannot approve"};
  }
  return {*people.begin(), ""};
}

}  // namespace

std::string_view approval_kind_name(ApprovalKind kind) {
  switch (kind) {
    case ApprovalKind::Command: return "command";
    case ApprovalKind::Role: return "role";
    case ApprovalKind::Review: break;
  }
  return "review";
}

std::string statement_line(const ApprovalStatement& statement) {
  return canonical_json(to_json(statement)) + "\n";
}

ApprovalStatement parse_statement(std::string_view line) {
  Json json;
  try {
    json = parse_json_strictly(line, "the statement");
  } catch (const Error& error) {
    refuse(error.what());
  }
  ApprovalStatement statement = from_json(json);
  if (statement_line(statement) != line) refuse("it is not in canonical form");
  return statement;
}

std::string argv_digest(const std::vector<std::string>& argv) {
  Sha256 hash;
  for (const std::string& word : argv) {
    hash.update(std::to_string(word.size())).update(":").update(word);
  }
  return hex(hash.finish());
}

ApprovalFile parse_approval_file(std::string_view text) {
  if (text.size() > kLargestFile) refuse("it is too large");
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) refuse("its first line does not end");
  ApprovalFile file;
  file.line = text.substr(0, end + 1);
  file.statement = parse_statement(file.line);
  file.signatures = find_armored(text.substr(end + 1));
  if (file.signatures.size() > kMostSignatures) refuse("it has too many signatures");
  return file;
}

ApprovalFindings check_signatures(const std::vector<ApprovalFile>& approvals,
                                  const std::vector<ApprovalNeed>& needs, bool security_key,
                                  const ApprovalSettings& settings, const AllowedSigners& signers,
                                  const Asker& requester, WallTime now) {
  ApprovalFindings findings;
  if (requester.people.empty()) {
    findings.problems.push_back("uid " + std::to_string(requester.uid) +
                                " is nobody in [approvals.people], so nobody can be kept from "
                                "approving their own request");
    return findings;
  }
  std::vector<std::string> remarks;
  for (const ApprovalFile& approval : approvals) {
    if (approval.line != approvals.front().line) {
      remarks.emplace_back("an approval is of another statement");
      continue;
    }
    for (const std::string& armored : approval.signatures) {
      Signer signer =
          signer_of(armored, approval.line, security_key, settings, signers, requester, now);
      if (signer.person) {
        findings.people.insert(*signer.person);
      } else {
        remarks.push_back(std::move(signer.problem));
      }
    }
  }
  findings.problems = missing_people(needs, findings.people, settings);
  // Why signatures did not count matters only where one is missing.
  if (!findings.problems.empty()) {
    findings.problems.insert(findings.problems.end(), remarks.begin(), remarks.end());
  }
  return findings;
}

std::vector<std::string> missing_people(const std::vector<ApprovalNeed>& needs,
                                        const std::set<std::string>& people,
                                        const ApprovalSettings& settings) {
  return Seating(needs, people, settings).empty_seats();
}

std::vector<std::string> mismatches(const ApprovalStatement& approved,
                                    const ApprovalStatement& asked_raw,
                                    const ApprovalSettings& settings, WallTime now) {
  // As it would travel; what is asked has no nonce of its own.
  ApprovalStatement asked = asked_raw;
  asked.nonce = approved.nonce;
  asked = parse_statement(statement_line(asked));
  std::vector<std::string> lines;
  const auto compare = [&lines](const char* what, const auto& a, const auto& b) {
    if (a != b) lines.push_back(std::string("it is for another ") + what);
  };
  compare("kind of request", approved.kind, asked.kind);
  compare("role", approved.role, asked.role);
  compare("account", approved.account, asked.account);
  compare("command", approved.argv, asked.argv);
  compare("program", approved.program, asked.program);
  compare("machine", approved.machine, asked.machine);
  compare("user", approved.uid, asked.uid);
  if (approved.rules_digest != asked.rules_digest) {
    lines.emplace_back("the rules have changed since it was asked for");
  }
  if (asked.ttl > approved.ttl) lines.emplace_back("it is for a shorter time");
  if (asked.kind == ApprovalKind::Role) {
    compare("reason", approved.reason, asked.reason);
    compare("ticket", approved.ticket, asked.ticket);
  }
  if (!covered_by(asked.preview, approved.preview, settings.fewer_is_enough)) {
    lines.emplace_back("the preview now differs from what was approved");
    for (const std::string& line : differences(approved.preview, asked.preview)) {
      lines.push_back("  " + line);
    }
  }
  if (now < approved.not_before) {
    lines.push_back("it does not hold before " + format_rfc3339(approved.not_before));
  }
  if (now >= approved.not_after) {
    lines.push_back("it ended at " + format_rfc3339(approved.not_after));
  }
  if (approved.not_after - approved.not_before > settings.validity) {
    lines.push_back("it holds for longer than " + format_duration(settings.validity));
  }
  return lines;
}

}  // namespace prodaccess
