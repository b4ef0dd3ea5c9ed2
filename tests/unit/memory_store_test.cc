#include "core/os/memory_store.h"

#include <doctest/doctest.h>

#include "tests/fakes/manual_clock.h"

using namespace prodaccess;

TEST_CASE("the memory store keeps a secret until its end") {
  ManualClock clock;
  MemoryStore store(clock);
  store.put("a", "one", clock.wall + Seconds{10});
  store.put("a", "two", clock.wall + Seconds{10});
  CHECK(store.get("a")->view() == "two");
  CHECK_FALSE(store.get("b"));
  clock.advance(Seconds{10});
  CHECK_FALSE(store.get("a"));
  store.put("a", "three", clock.wall + Seconds{10});
  store.erase("a");
  store.erase("a");
  CHECK_FALSE(store.get("a"));
}
