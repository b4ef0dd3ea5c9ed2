#include "core/policy/preview_summary.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

std::string change(const std::string& address, const std::string& actions,
                   const std::string& more = "") {
  return R"({"address":")" + address + R"(","change":{"actions":[)" + actions +
         R"(],"before":{"a":[[[1]]]}})" + more + "}";
}

std::string plan(const std::string& changes) {
  return R"({"format_version":"1.2","configuration":{"x":{"y":1}},"resource_changes":[)" + changes +
         "]}";
}

}  // namespace

TEST_CASE("a plan is counted by what it does") {
  const PreviewSummary summary = summarize_plan(
      plan(change("a.same", R"("no-op")") + "," + change("a.read", R"("read")") + "," +
           change("a.new", R"("create")") + "," + change("a.up", R"("update")") + "," +
           change("a.gone", R"("delete")") + "," + change("a.swap", R"("delete","create")") + "," +
           change("a.swap2", R"("create","delete")") + "," + change("a.lost", R"("forget")") + "," +
           change("a.odd", R"("explode")") + "," +
           change("a.old", R"("delete")", R"(,"deposed":"abcd1234")")));
  CHECK(summary.counts ==
        std::map<std::string, std::int64_t>{
            {"create", 1}, {"update", 1}, {"delete", 3}, {"replace", 2}, {"forget", 1}});
  CHECK(summary.items.count({"delete", "a.old (deposed abcd1234)"}) == 1);
  CHECK(summary.items.count({"replace", "a.swap"}) == 1);
  Invocation apply;
  apply.tool = "terraform";
  apply.effect = Effect::Opaque;
  apply.opaque_cause = OpaqueCause::Program;
  apply_plan(apply, summary);
  CHECK(apply.effect == Effect::Destructive);
  CHECK(apply.opaque_cause == OpaqueCause::NotOpaque);
  CHECK(apply.count == 6);
  CHECK(apply.scale == 3);
  CHECK(apply.targets.size() == 8);
}

TEST_CASE("a plan that only adds is a write, and so is an empty one: the state is written") {
  Invocation apply;
  apply_plan(apply, summarize_plan(plan(change("a.new", R"("create")"))));
  CHECK(apply.effect == Effect::Write);
  apply_plan(apply, summarize_plan(R"({"format_version":"1.2"})"));
  CHECK(apply.effect == Effect::Write);
}

TEST_CASE("what a plan does not speak of stays as bad as it was") {
  Invocation apply;
  apply.opaque_cause = OpaqueCause::Hidden;
  apply_plan(apply, summarize_plan(plan(change("a.new", R"("create")"))));
  CHECK(apply.effect == Effect::Opaque);
  apply_plan(apply, summarize_plan(plan(change("a.old", R"("delete")"))));
  CHECK(apply.effect == Effect::Destructive);
}

TEST_CASE("imports and actions of a plan count too") {
  const std::string import =
      R"({"address":"a.in","change":{"actions":["no-op"],"importing":{"id":"i-1"}}})";
  const PreviewSummary imported = summarize_plan(plan(import));
  CHECK(imported.counts == std::map<std::string, std::int64_t>{{"import", 1}});
  const PreviewSummary acting = summarize_plan(
      R"({"format_version":"1.2","action_invocations":[{"address":"action.x.stop"}]})");
  CHECK(acting.items.count({"invoke", "action.x.stop"}) == 1);
  Invocation apply;
  apply_plan(apply, acting);
  CHECK(apply.effect == Effect::Opaque);
  CHECK_THROWS_AS(summarize_plan(R"({"format_version":"1.2","action_invocations":[1]})"), Error);
}

TEST_CASE("what is not a plan is refused") {
  for (const std::string& text :
       {std::string(""), std::string("[]"), std::string("{}"),
        std::string("{\"format_version\":2}"),
        std::string(R"({"format_version":"2.0","resource_changes":[]})"),
        std::string(R"({"format_version":"1.2","resource_changes":{}})"), plan("1"),
        plan(R"({"address":"a"})"), plan(R"({"address":"a","change":{}})"),
        plan(R"({"address":"a","change":{"actions":[]}})"),
        plan(R"({"address":"a","change":{"actions":[1]}})"),
        plan(R"({"change":{"actions":["delete"]}})"),
        plan(change("a", "\"delete\"")).substr(0, 60)}) {
    CAPTURE(text);
    CHECK_THROWS_AS(summarize_plan(text), Error);
  }
}

TEST_CASE("a summary is the same whatever the order, and differs where the deed does") {
  const auto a = change("x.a", R"("delete")");
  const auto b = change("x.b", R"("create")");
  const PreviewSummary one = summarize_plan(plan(a + "," + b));
  CHECK(one.hash() == summarize_plan(plan(b + "," + a)).hash());
  const PreviewSummary other = summarize_plan(plan(a));
  CHECK(one.hash() != other.hash());
  CHECK(differences(one, other) ==
        std::vector<std::string>{"- create x.b", "create: unknown, was 1"});
}

TEST_CASE("an approval covers what was approved, and less only where policy says so") {
  PreviewSummary approved{{{"delete", "t:a"}, {"delete", "t:b"}}, {{"delete", 5}}};
  PreviewSummary less{{{"delete", "t:a"}}, {{"delete", 3}}};
  CHECK(covered_by(approved, approved, false));
  CHECK_FALSE(covered_by(less, approved, false));
  CHECK(covered_by(less, approved, true));
  CHECK_FALSE(covered_by(approved, less, true));
  less.counts["delete"] = 6;
  CHECK_FALSE(covered_by(less, approved, true));
  less.counts.clear();  // now unknown
  CHECK_FALSE(covered_by(less, approved, true));
}

TEST_CASE("targets as one text") {
  Target target{"aws", "1", "", "", "eu-west-1", "instance", "i-1"};
  CHECK(canonical_target(target) == "aws:1/eu-west-1/instance/i-1");
  target.pattern = true;
  CHECK(canonical_target(target) == "aws:1/eu-west-1/instance/i-1 (pattern)");
}
