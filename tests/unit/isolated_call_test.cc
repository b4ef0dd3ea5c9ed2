#include "core/os/isolated_call.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

std::string outcome(const std::function<Secret(std::string_view)>& work,
                    Milliseconds patience = Seconds{20}) {
  try {
    return std::string(run_isolated("input", patience, work).view());
  } catch (const Error& error) {
    std::string text = std::string(code_name(error.code())) + ": " + error.what();
    for (const std::string& hint : error.hints()) text += "|" + hint;
    return text;
  }
}

}  // namespace

TEST_CASE("an isolated call takes and gives any bytes") {
  CHECK(outcome([](std::string_view input) { return Secret(std::string(input) + "!"); }) ==
        "input!");
  CHECK(outcome([](std::string_view) { return Secret(); }).empty());
  const std::string large(300'000, '\0');
  const Secret back =
      run_isolated(large, Seconds{20}, [](std::string_view input) { return Secret(input); });
  CHECK(back.view() == large);
}

TEST_CASE("an isolated call's error comes over whole") {
  CHECK(outcome([](std::string_view) -> Secret {
          throw Error(ErrorCode::Keyring, "it is locked", {"unlock it", "or not"});
        }) == "keyring_unavailable: it is locked|unlock it|or not");
}

TEST_CASE("an isolated call that hangs or dies is an error, and leaves no process") {
  CHECK(outcome(
            [](std::string_view) -> Secret {
              for (;;) pause();
            },
            Milliseconds{50}) == "busy: no answer within 1s");
  CHECK(outcome([](std::string_view) -> Secret { _exit(3); }) ==
        "system_failed: a helper process died");
  CHECK(outcome([](std::string_view) -> Secret { throw std::runtime_error("x"); }) ==
        "system_failed: a helper process died");
}
