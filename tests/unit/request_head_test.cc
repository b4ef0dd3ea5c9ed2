#include "providers/http/request_head.h"

#include <doctest/doctest.h>

#include "providers/aws/container_endpoint.h"

using namespace prodaccess;

namespace {

std::string request(const std::string& host, const std::string& token,
                    const std::string& line = "GET /credentials HTTP/1.1") {
  return line + "\r\nHost: " + host + "\r\nAuthorization: " + token + "\r\n\r\n";
}

const EndpointGate kGate{"127.0.0.1:4711", "right"};

}  // namespace

TEST_CASE("request head: what is well-formed, and nothing else") {
  const auto parsed = parse_request_head("GET /a?b HTTP/1.1\r\nHost: x\r\nA-B:\t c \r\n\r\n");
  const auto* head = std::get_if<RequestHead>(&parsed);
  REQUIRE(head != nullptr);
  CHECK(head->target == "/a?b");
  CHECK(head->header("a-b") == "c");
  for (const std::string bad :
       {"GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET http://x/ HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\nA: c\r\n\r\n", "GET / HTTP/1.1\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "GET / HTTP/1.1\r\n\r\nrest", "\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\n\r\n"}) {
    CAPTURE(bad);
    const auto refused = parse_request_head(bad);
    CHECK(std::get_if<HeadFault>(&refused) != nullptr);
    CHECK(std::get<HeadFault>(refused) == HeadFault::Malformed);
  }
  CHECK(std::get<HeadFault>(parse_request_head("GET / HTT")) == HeadFault::Incomplete);
  CHECK(std::get<HeadFault>(parse_request_head(std::string(9000, 'a'))) == HeadFault::TooLong);
}

TEST_CASE("container endpoint: who gets in") {
  CHECK(judge_endpoint_request(request("127.0.0.1:4711", "right"), kGate) == 200);
  CHECK(judge_endpoint_request(request("127.0.0.1:4711", "wrong"), kGate) == 401);
  CHECK(judge_endpoint_request(request("127.0.0.1:4711", "right1"), kGate) == 401);
  CHECK(judge_endpoint_request(request("evil.example:4711", "right"), kGate) == 421);
  CHECK(judge_endpoint_request("GET /credentials HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n",
                               kGate) == 401);
  CHECK(judge_endpoint_request(request("127.0.0.1:4711", "right", "GET / HTTP/1.1"), kGate) == 404);
  CHECK(judge_endpoint_request(request("127.0.0.1:4711", "right", "PUT /credentials HTTP/1.1"),
                               kGate) == 405);
  CHECK(judge_endpoint_request("GET /credentials HTTP/1.1\r\nHost: ", kGate) == 0);
}

TEST_CASE("container endpoint: the answer has the names that clients read") {
  Credential credential;
  credential.fields.emplace("access_key_id", Secret("ASIA1"));
  credential.fields.emplace("secret_access_key", Secret("s/\"+"));
  credential.fields.emplace("session_token", Secret("t=="));
  credential.expires_at = *parse_rfc3339("2026-01-02T04:04:05.678Z");
  CHECK(container_credentials_json(credential).view() ==
        R"({"AccessKeyId":"ASIA1","SecretAccessKey":"s/\"+","Token":"t==",)"
        R"("Expiration":"2026-01-02T04:04:05Z"})");
}
