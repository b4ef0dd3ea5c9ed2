#include "core/ledger/proof.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/merkle.h"
#include "core/ledger/verify.h"
#include "core/ledger/walk.h"

namespace prodaccess {
namespace {

Checkpoint last_checkpoint(const std::filesystem::path& folder) {
  const IntegrityReport report = verify_ledger(folder, {});
  if (report.finding) {
    throw Error(ErrorCode::Ledger,
                "the ledger is broken at record " + std::to_string(report.finding->record) +
                    ": it gives no proofs",
                {"prodaccess audit verify"});
  }
  return require_checkpoint(report);
}

// Feeds the first `size` leaves to `visit` with their lines ("" where only the hash is left).
void for_each_leaf(
    const std::filesystem::path& folder, std::uint64_t size,
    const std::function<void(std::uint64_t, const Digest&, std::string_view)>& visit) {
  const AppendFolder files(folder, AppendFolder::Access::Read);
  LedgerWalk walk(files);
  for (std::uint64_t index = 0; index < size; ++index) {
    const LedgerWalk::Step step = walk.next();
    if (step == LedgerWalk::Step::Record) {
      visit(index, walk.record().content_hash(), walk.line());
    } else if (step == LedgerWalk::Step::Pruned) {
      visit(index, walk.pruned_hash(), {});
    } else {
      throw Error(ErrorCode::Ledger, "the ledger changed while it was read", {"run it again"});
    }
  }
}

Json path_json(const ProofBuilder& builder) {
  Json path = Json::array();
  for (const Digest& digest : builder.proof()) path.push_back(hex(digest));
  return path;
}

[[noreturn]] void no_proof(const std::string& why) {
  throw Error(ErrorCode::Usage, "that is no proof: " + why);
}

std::string string_of(const Json& proof, const char* key) {
  const auto found = proof.find(key);
  if (found == proof.end() || !found->is_string()) no_proof(std::string("no \"") + key + "\"");
  return found->get<std::string>();
}

std::uint64_t number_of(const Json& proof, const char* key) {
  const auto found = proof.find(key);
  if (found == proof.end() || !found->is_number_unsigned()) {
    no_proof(std::string("no \"") + key + "\"");
  }
  return found->get<std::uint64_t>();
}

Digest digest_of(const std::string& text) {
  const auto digest = parse_digest(text);
  if (!digest) no_proof("a hash that is none");
  return *digest;
}

std::vector<Digest> path_of(const Json& proof) {
  const auto found = proof.find("path");
  if (found == proof.end() || !found->is_array() || found->size() > 130) no_proof("no \"path\"");
  std::vector<Digest> path;
  for (const Json& step : *found) path.push_back(digest_of(step.is_string() ? step : Json("")));
  return path;
}

void judge_inclusion(const Json& proof, const Checkpoint& checkpoint, ProofVerdict& verdict) {
  const std::string line = string_of(proof, "record");
  const LineParse parsed = parse_line(line);
  if (parsed.fault != LineFault::None || !parsed.view.hash_holds()) no_proof("no record");
  const std::uint64_t index = number_of(proof, "index");
  verdict.holds = parsed.view.sequence == index + 1 &&
                  inclusion_holds(parsed.view.content_hash(), index, checkpoint.size,
                                  path_of(proof), checkpoint.root);
  verdict.says = "record " + std::to_string(parsed.view.sequence) +
                 (verdict.holds ? " is in" : " is not shown to be in") + " the ledger of " +
                 std::to_string(checkpoint.size) + " records that checkpoint " +
                 std::to_string(checkpoint.number) + " signs";
}

void judge_consistency(const Json& proof, const Checkpoint& checkpoint, ProofVerdict& verdict) {
  const std::uint64_t old_size = number_of(proof, "old_size");
  verdict.holds = consistency_holds(old_size, digest_of(string_of(proof, "old_root")),
                                    checkpoint.size, checkpoint.root, path_of(proof));
  verdict.says = "the ledger of " + std::to_string(old_size) + " records" +
                 (verdict.holds ? " is" : " is not shown to be") + " the beginning of that of " +
                 std::to_string(checkpoint.size) + " that checkpoint " +
                 std::to_string(checkpoint.number) + " signs";
}

}  // namespace

Json make_inclusion_proof(const std::filesystem::path& folder, std::uint64_t record) {
  const Checkpoint checkpoint = last_checkpoint(folder);
  if (record == 0 || record > checkpoint.size) {
    throw Error(ErrorCode::Ledger,
                "record " + std::to_string(record) +
                    " is not covered by the last checkpoint, which ends at " +
                    std::to_string(checkpoint.size),
                {"prodaccess audit checkpoint --now"});
  }
  ProofBuilder builder = ProofBuilder::inclusion(record - 1, checkpoint.size);
  std::string line;
  for_each_leaf(folder, checkpoint.size,
                [&](std::uint64_t index, const Digest& leaf, std::string_view text) {
                  builder.append(leaf);
                  if (index == record - 1) line = text;
                });
  if (line.empty()) throw Error(ErrorCode::Ledger, "that record was pruned: only its hash is left");
  return {{"checkpoint", checkpoint.text()},
          {"index", record - 1},
          {"kind", "inclusion"},
          {"path", path_json(builder)},
          {"record", line}};
}

Json make_consistency_proof(const std::filesystem::path& folder, std::uint64_t old_size) {
  const Checkpoint checkpoint = last_checkpoint(folder);
  if (old_size == 0 || old_size > checkpoint.size) {
    throw Error(ErrorCode::Ledger,
                "the last checkpoint covers " + std::to_string(checkpoint.size) + " records");
  }
  ProofBuilder builder = ProofBuilder::consistency(old_size, checkpoint.size);
  MerkleTree old;
  for_each_leaf(folder, checkpoint.size,
                [&](std::uint64_t index, const Digest& leaf, std::string_view) {
                  builder.append(leaf);
                  if (index < old_size) old.append(leaf);
                });
  return {{"checkpoint", checkpoint.text()},
          {"kind", "consistency"},
          {"old_root", hex(old.root())},
          {"old_size", old_size},
          {"path", path_json(builder)}};
}

ProofVerdict check_proof(std::string_view text, const std::vector<VerifierKey>& keys) {
  Json proof;
  try {
    proof = parse_json_strictly(text, "the proof");
  } catch (const Error& error) {
    no_proof(error.what());
  }
  if (!proof.is_object()) no_proof("no object");
  const auto checkpoint = parse_checkpoint(string_of(proof, "checkpoint"));
  if (!checkpoint) no_proof("its checkpoint cannot be read");
  ProofVerdict verdict;
  const std::string kind = string_of(proof, "kind");
  if (kind == "inclusion") {
    judge_inclusion(proof, *checkpoint, verdict);
  } else if (kind == "consistency") {
    judge_consistency(proof, *checkpoint, verdict);
  } else {
    no_proof("an unknown kind");
  }
  verdict.trusted = std::any_of(keys.begin(), keys.end(),
                                [&](const VerifierKey& key) { return checkpoint->signed_by(key); });
  return verdict;
}

}  // namespace prodaccess
