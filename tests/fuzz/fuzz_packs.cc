// A pack of trusted configuration and a command for it: compiling either names a place in the file
// or gives listings that agree with matching, and matching never throws and never calls an unknown
// verb harmless.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "tests/fakes/fake_inner.h"

using namespace prodaccess;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Every verb that is listed is found by its own words.
void check_listings(const PackSet& packs, FakeInner& inner) {
  for (const PackSet::Listing& listing : packs.list()) {
    if (listing.source != "fuzz.toml") continue;
    Words words{Word(listing.tool)};
    for (const std::string& part : split(listing.verb, ' ')) {
      if (!part.empty()) words.emplace_back(part);
    }
    packs.match(words, inner);
    words.emplace_back("--no-such-option-at-all");
    packs.match(words, inner);
  }
}

}  // namespace

// The input is a pack, a line of four equals signs, and the words of a command, one a line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto cut = input.find("\n====\n");
  PackSet packs;
  FakeInner inner;
  try {
    packs.add(input.substr(0, cut), "fuzz.toml");
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Policy);
    require(std::string(error.what()).starts_with("fuzz.toml:"));
    return 0;
  }
  check_listings(packs, inner);
  if (cut == std::string::npos) return 0;
  Words words;
  for (const std::string& text : split(input.substr(cut + 6), '\n')) words.emplace_back(text);
  const Invocation known = packs.match(words, inner);
  require(known.argv.size() <= words.size());  // a wrapper hands on the words of the inner command
  for (const std::size_t word : known.secret_words) require(word < known.argv.size());
  // What is not on the line never makes it milder.
  for (std::size_t i = 1; i < words.size(); ++i) {
    Words hidden = words;
    hidden[i].known = false;
    packs.match(hidden, inner);
  }
  return 0;
}
