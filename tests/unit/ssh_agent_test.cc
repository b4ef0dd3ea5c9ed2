#include "providers/local/ssh_agent.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temporary_folder.h"

using namespace prodaccess;

namespace {

constexpr const char* kCertificate = "the certificate's blob";

Ed25519Key test_key() { return Ed25519Key(Secret(std::string(32, 'k'))); }

AgentIdentity test_identity() { return {kCertificate, test_key, "prodaccess"}; }

std::string answer(const SshWriter& message, bool usable = true) {
  return answer_agent_message(message.bytes(), test_identity(), usable);
}

const std::string kRefused{"\x05", 1};

struct Bench {
  TemporaryFolder folder;
  ManualClock clock;
  SshAgent agent{folder / "agent.sock", clock, clock.wall_now() + Seconds{60}, kCertificate,
                 test_key};

  Descriptor connect_client() {
    Descriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = (folder / "agent.sock").string();
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    return client;
  }

  // Serves all that is ready, until nothing is.
  void settle() {
    for (int round = 0; round < 10'000; ++round) {
      std::vector<pollfd> wanted = agent.descriptors();
      if (poll(wanted.data(), wanted.size(), 0) <= 0) return;
      for (const pollfd& ready : wanted) {
        if (ready.revents != 0) agent.serve(ready);
      }
    }
    FAIL("the agent is never idle");
  }

  // What the agent has answered by now; "closed" where it hung up.
  static std::string received(const Descriptor& client) {
    std::string bytes(1U << 20, '\0');
    const ssize_t got = recv(client.get(), bytes.data(), bytes.size(), 0);
    if (got == 0) return "closed";
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
};

void send_bytes(const Descriptor& client, std::string_view bytes) {
  REQUIRE(send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
}

std::string framed(std::string_view message) { return SshWriter().string(message).bytes(); }

const std::string kListRequest = framed("\x0b");
const std::string kListAnswer =
    framed(SshWriter().u8(12).u32(1).string(kCertificate).string("prodaccess").bytes());

}  // namespace

TEST_CASE("the agent lists the certificate and signs with its key") {
  CHECK(framed(answer(SshWriter().u8(11))) == kListAnswer);
  const std::string signed_answer =
      answer(SshWriter().u8(13).string(kCertificate).string("data").u32(0));
  SshReader reader(signed_answer);
  CHECK(reader.u8() == 14);
  SshReader signature(reader.string());
  CHECK(reader.finished());
  CHECK(signature.string() == kSshEd25519);
  CHECK(ed25519_verify(test_key().public_key(), "data", signature.string()));
  CHECK(signature.finished());
}

TEST_CASE("the agent refuses all else") {
  for (const int type : {0, 1, 7, 9, 17, 18, 19, 20, 21, 22, 23, 25, 26, 27, 255}) {
    CAPTURE(type);
    CHECK(answer(SshWriter().u8(static_cast<std::uint8_t>(type))) == kRefused);
  }
  CHECK(answer(SshWriter()) == kRefused);
  CHECK(answer(SshWriter().u8(11).u8(0)) == kRefused);
  CHECK(answer(SshWriter().u8(13).string("another key").string("data").u32(0)) == kRefused);
  CHECK(answer(SshWriter().u8(13).string(kCertificate).string("data")) == kRefused);
  CHECK(answer(SshWriter().u8(13).string(kCertificate).string("data").u32(0).u8(0)) == kRefused);
  CHECK(answer(SshWriter().u8(13).string(kCertificate).u32(0xffffffff)) == kRefused);
}

TEST_CASE("after its end the agent lists nothing and signs nothing") {
  CHECK(answer(SshWriter().u8(11), false) == SshWriter().u8(12).u32(0).bytes());
  CHECK(answer(SshWriter().u8(13).string(kCertificate).string("data").u32(0), false) == kRefused);
  Bench bench;
  const Descriptor client = bench.connect_client();
  bench.clock.advance(Seconds{60});
  send_bytes(client, kListRequest);
  bench.settle();
  CHECK(Bench::received(client) == framed(SshWriter().u8(12).u32(0).bytes()));
}

TEST_CASE("the agent's socket is the user's alone and goes with it") {
  TemporaryFolder folder;
  ManualClock clock;
  const std::filesystem::path path = folder / "a";
  {
    const SshAgent agent(path, clock, clock.wall_now(), kCertificate, test_key);
    struct stat status {};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    REQUIRE(agent.environment().size() == 1);
    CHECK(agent.environment()[0].first == "SSH_AUTH_SOCK");
    CHECK(agent.environment()[0].second.view() == path.string());
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_THROWS_AS(SshAgent(folder / std::string(120, 'a'), clock, clock.wall_now(), "", test_key),
                  Error);
}

TEST_CASE("messages may come in pieces, and several at once") {
  Bench bench;
  const Descriptor client = bench.connect_client();
  for (const char byte : kListRequest) {
    CHECK(Bench::received(client).empty());
    send_bytes(client, {&byte, 1});
    bench.settle();
  }
  CHECK(Bench::received(client) == kListAnswer);
  send_bytes(client, kListRequest + kListRequest + kListRequest);
  bench.settle();
  CHECK(Bench::received(client) == kListAnswer + kListAnswer + kListAnswer);
}

TEST_CASE("a client that never reads holds up nobody and is not read from for ever") {
  Bench bench;
  const Descriptor greedy = bench.connect_client();
  std::string many;
  for (int i = 0; i < 1000; ++i) many += kListRequest;
  std::size_t taken = 0;
  for (int round = 0; round < 2000; ++round) {
    const ssize_t sent = send(greedy.get(), many.data(), many.size(), MSG_NOSIGNAL);
    bench.settle();
    if (sent < 0) break;
    taken += static_cast<std::size_t>(sent);
  }
  CHECK(taken < (8U << 20));  // then its socket is full: the agent stopped taking more
  const Descriptor other = bench.connect_client();
  send_bytes(other, kListRequest);
  bench.settle();
  CHECK(Bench::received(other) == kListAnswer);
}

TEST_CASE("a client that sends nonsense is let go") {
  Bench bench;
  for (const std::string& nonsense :
       {SshWriter().u32(0).bytes(), SshWriter().u32(0xffffffff).raw("x").bytes(),
        SshWriter().u32(kLongestAgentMessage + 1).raw("x").bytes()}) {
    const Descriptor client = bench.connect_client();
    send_bytes(client, nonsense);
    bench.settle();
    CHECK(Bench::received(client) == "closed");
  }
}

TEST_CASE("more clients than the agent serves wait for their turn") {
  Bench bench;
  std::vector<Descriptor> clients;
  for (int i = 0; i < 70; ++i) {
    clients.push_back(bench.connect_client());
    bench.settle();
  }
  send_bytes(clients.back(), kListRequest);
  bench.settle();
  CHECK(Bench::received(clients.back()).empty());
  for (int i = 0; i < 8; ++i) clients.erase(clients.begin());
  bench.settle();
  CHECK(Bench::received(clients.back()) == kListAnswer);
}
