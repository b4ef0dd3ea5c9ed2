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

namespace {

std::vector<std::string> target_names(const std::string& line) {
  const PackSet packs;
  const Surroundings surroundings;
  std::vector<std::string> names;
  for (const Target& target : understand_shell(line, packs, surroundings).targets) {
    names.push_back((target.pattern ? "~" : "") + target.kind + "/" + target.name);
  }
  return names;
}

}  // namespace

TEST_CASE("an AWS operation that destroys names what it acts on") {
  const PackSet packs;
  const Surroundings surroundings;
  std::string wrong;
  std::size_t named = 0;
  std::size_t nameless = 0;
  for (const std::vector<std::string>& row : rows()) {
    if (row.at(1) != "destructive") continue;
    const std::string cell = row.size() > 6 ? row[6] : "";
    const std::size_t at = cell.find(" name=--");
    const std::string option = at == std::string::npos ? "" : cell.substr(at + 8);
    if (option.empty() || option.find_first_of(" ;") > option.find('#')) {
      ++nameless;
      continue;
    }
    const std::string line =
        "aws " + row[0] + " --" + option.substr(0, option.find_first_of(" ;")) + " thing-1";
    const Invocation found = understand_shell(line, packs, surroundings);
    const bool right = found.targets.size() == 1 && found.targets[0].name == "thing-1" &&
                       !found.targets[0].kind.empty() && !found.targets[0].pattern;
    if (right) ++named;
    if (!right && wrong.size() < 2000) wrong += line + "\n";
  }
  CHECK_MESSAGE(wrong.empty(), wrong);
  CHECK(named > 2700);
  CHECK(nameless < 120);  // of a whole account, or within structures alone
}

TEST_CASE("targets of AWS commands come from lists, JSON and shorthand") {
  using Names = std::vector<std::string>;
  CHECK(target_names("aws ec2 terminate-instances --instance-ids i-1 i-2") ==
        Names{"instance/i-1", "instance/i-2"});
  CHECK(target_names(R"(aws ec2 stop-instances --instance-ids '["i-1","i-2"]')") ==
        Names{"instance/i-1", "instance/i-2"});
  CHECK(target_names(R"(aws ec2 stop-instances --cli-input-json '{"InstanceIds":["i-7"]}')") ==
        Names{"instance/i-7"});
  CHECK(target_names("aws ec2 stop-instances --instance-ids file://ids.json") ==
        Names{"~instance/file://ids.json"});
  CHECK(target_names("aws workspaces terminate-workspaces --terminate-workspace-requests "
                     "WorkspaceId=ws-1 WorkspaceId=ws-2") ==
        Names{"workspace/ws-1", "workspace/ws-2"});
  CHECK(target_names("aws ec2 reboot-instances --instance-ids i-1") == Names{"instance/i-1"});
}
