#include "core/base/secret.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "core/base/error.h"
#include "core/base/living_secrets.h"

using namespace prodaccess;

namespace {

std::string text_of(int number) { return "secret " + std::to_string(number); }

std::vector<Secret> make_secrets(int count) {
  std::vector<Secret> secrets;
  for (int i = 0; i < count; ++i) secrets.emplace_back(text_of(i));
  return secrets;
}

bool all_intact(const std::vector<Secret>& secrets) {
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    if (secrets[i].view() != text_of(static_cast<int>(i))) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("many small secrets and large ones stand beside each other") {
  auto secrets = make_secrets(50);
  const Secret large(std::string(100'000, 'x'));
  CHECK(all_intact(secrets));
  secrets.erase(secrets.begin() + 10, secrets.end());
  const auto others = make_secrets(40);
  CHECK(all_intact(secrets));
  CHECK(all_intact(others));
  CHECK(large.view() == std::string(100'000, 'x'));
}

TEST_CASE("a place that was given back holds nothing of the secret before") {
  const char* place = nullptr;
  {
    const Secret before("password of before");
    place = before.view().data();
  }
  const Secret next(std::size_t{18});
  REQUIRE(next.view().data() == place);
  CHECK(next.view() == std::string(18, '\0'));
}

TEST_CASE("a forked process makes secrets of its own") {
  const auto secrets = make_secrets(3);
  const pid_t child = fork();
  if (child == 0) {
    {
      const auto own = make_secrets(20);
      if (!all_intact(own)) _exit(1);
    }
    _exit(0);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(all_intact(secrets));
}

TEST_CASE("what others say back is cleared of the secrets that live, and of them alone") {
  const std::string token = "O2Ug74JMD2sblEOyZjoqZDDXE4Qno0";
  {
    const Secret secret(token);
    const Secret host("db-1.example.com.internal");
    CHECK(without_secrets("no such token " + token + ", " + token) ==
          "no such token [secret], [secret]");
    CHECK(without_secrets("db-1.example.com.internal") == "db-1.example.com.internal");
    Secret moved = Secret(std::string_view("7f3a99d00c0b4d1e8a77aa3bb2f0c9d1"));
    const Secret other = std::move(moved);
    CHECK(without_secrets("7f3a99d00c0b4d1e8a77aa3bb2f0c9d1") == "[secret]");
    CHECK(std::string(Error(ErrorCode::Provider, "bad " + token, {"try " + token}).what()) ==
          "bad [secret]");
  }
  CHECK(without_secrets(token) == token);
}
