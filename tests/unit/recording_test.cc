#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/os/cast_writer.h"
#include "core/os/secret_masker.h"

using namespace prodaccess;

namespace {

std::string masked(const std::vector<std::string_view>& secrets,
                   const std::vector<std::string_view>& pieces) {
  SecretMasker masker(secrets);
  std::string said;
  for (const std::string_view piece : pieces) said += masker.take(piece);
  return said + masker.finish();
}

struct Folder {
  Folder() {
    char name[] = "/tmp/prodaccess-recording-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("masker: secrets go, wherever they are cut") {
  const std::string text = "before hunter2 after hunter2hunter2 hunte";
  const std::string expected = "before ******** after **************** hunte";
  CHECK(masked({"hunter2"}, {text}) == expected);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CHECK(masked({"hunter2"}, {text.substr(0, cut), std::string_view(text).substr(cut)}) ==
          expected);
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i)
    bytes.push_back(std::string_view(text).substr(i, 1));
  CHECK(masked({"hunter2"}, bytes) == expected);
}

TEST_CASE("masker: the longer of two secrets with one beginning is masked whole") {
  CHECK(masked({"secret", "secret-longer"}, {"a secret-longer b secret c"}) ==
        "a ******** b ******** c");
  CHECK(masked({"secret", "secret-longer"}, {"secret-", "x"}) == "********-x");
}

TEST_CASE("masker: without secrets, or with tiny ones, all passes at once") {
  SecretMasker none({});
  CHECK(none.take("text") == "text");
  SecretMasker tiny({"a", ""});
  CHECK(tiny.take("banana") == "banana");
}

TEST_CASE("cast: a header, events with whole characters, and the hash of the file") {
  const Folder folder;
  const auto file = folder.path / "a.cast";
  const RecordingPlan plan{file, "psql"};
  CastWriter cast(plan, {100, 30}, WallTime{Milliseconds{1'700'000'000'123}}, {"s3cr3t"});
  cast.output("h\xc3", Milliseconds{5});
  cast.output("\xa9 s3c", Milliseconds{10});
  cast.output("r3t\x1b[0m\xff", Milliseconds{1500});
  cast.resized({80, 24}, Milliseconds{2000});
  const std::string digest = cast.finish(Milliseconds{2500});
  const std::string text = content(file);
  CHECK(digest == sha256_hex(text));
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const Json header = Json::parse(line);
  CHECK(header["version"] == 2);
  CHECK(header["width"] == 100);
  CHECK(header["timestamp"] == 1'700'000'000);
  std::string shown;
  double last = 0;
  bool resized = false;
  while (std::getline(lines, line)) {
    const Json event = Json::parse(line);
    CHECK(event.at(0).get<double>() >= last);
    last = event.at(0).get<double>();
    if (event.at(1) == "o") shown += event.at(2).get<std::string>();
    resized = resized || (event.at(1) == "r" && event.at(2) == "80x24");
  }
  CHECK(shown == "h\xc3\xa9 ********\x1b[0m\xef\xbf\xbd");
  CHECK(resized);
  CHECK(last == 2.0);  // 0xff begins no character: nothing to wait for
}

TEST_CASE("cast: a file that is there is not written over") {
  const Folder folder;
  const auto file = folder.path / "a.cast";
  std::ofstream(file) << "precious";
  const RecordingPlan plan{file, "x"};
  CHECK_THROWS_AS(CastWriter(plan, {}, WallTime{}, {}), Error);
  CHECK(content(file) == "precious");
}
