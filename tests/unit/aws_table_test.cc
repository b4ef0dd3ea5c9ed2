// Every row of core/command/packs/aws_operations.tsv is found by its own name, with its effect.
#include <doctest/doctest.h>

#include <fstream>

#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"

using namespace prodaccess;

namespace {

std::vector<std::vector<std::string>> rows() {
  std::ifstream file(std::string(PRODACCESS_SOURCE_DIR) + "/core/command/packs/aws_operations.tsv");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') rows.push_back(split(line, '\t'));
  }
  return rows;
}

}  // namespace

TEST_CASE("every operation of the AWS table has its effect and kind") {
  const PackSet packs;
  const Surroundings surroundings;
  std::string wrong;
  const auto all = rows();
  for (const std::vector<std::string>& row : all) {
    const Invocation found = understand_shell("aws " + row.at(0), packs, surroundings);
    const bool kind_differs = row.size() > 3 && found.kind != row[3];
    if (found.action != row[0] || found.effect != parse_effect(row.at(1)) || kind_differs) {
      wrong += row[0] + ": " + std::string(effect_name(found.effect)) + "\n";
    }
  }
  CHECK(all.size() > 18000);
  CHECK_MESSAGE(wrong.empty(), wrong);
}

TEST_CASE("an AWS operation has the preview that it really has") {
  const PackSet packs;
  const Surroundings surroundings;
  const Invocation native = understand_shell(
      "aws --region x ec2 terminate-instances --instance-ids i-1", packs, surroundings);
  CHECK(native.preview.kind == PreviewKind::Native);
  CHECK(native.preview.wide_tier);
  CHECK(native.preview.success_text == "DryRunOperation");
  CHECK(native.preview.argv.back() == "--dry-run");

  const Invocation read = understand_shell(
      "aws rds delete-db-instance --db-instance-identifier x --region y", packs, surroundings);
  CHECK(read.preview.kind == PreviewKind::Read);
  CHECK(read.preview.argv == std::vector<std::string>{"aws", "rds", "describe-db-instances",
                                                      "--db-instance-identifier", "x", "--region",
                                                      "y"});
}
