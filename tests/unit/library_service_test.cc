#include "providers/gcp/library_service.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "providers/gcp/executable_source.h"
#include "providers/http/request_head.h"

using namespace prodaccess;

namespace {

const ExchangeGate kGate{"127.0.0.1:4711", "the-word"};

std::string request(const std::string& body, const std::string& host = "127.0.0.1:4711",
                    const std::string& line = "POST /v1/token HTTP/1.1") {
  return line + "\r\nHost: " + host + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("the token goes to who shows the word, in a whole request") {
  const std::string whole = request("grant_type=x&subject_token=the%2Dword&scope=y");
  CHECK(judge_exchange(whole, kGate) == 200);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    CHECK(judge_exchange(whole.substr(0, cut), kGate) == 0);
  }
}

TEST_CASE("everything else is refused") {
  CHECK(judge_exchange(request("subject_token=another"), kGate) == 401);
  CHECK(judge_exchange(request(""), kGate) == 401);
  CHECK(judge_exchange(request("subject_token="), kGate) == 401);
  CHECK(judge_exchange(request("subject_token=the-word&subject_token=the-word"), kGate) == 401);
  CHECK(judge_exchange(request("xsubject_token=the-word"), kGate) == 401);
  CHECK(judge_exchange(request("subject_token=the-word", "evil.test:4711"), kGate) == 421);
  CHECK(judge_exchange(
            request("subject_token=the-word", "127.0.0.1:4711", "GET /v1/token HTTP/1.1"), kGate) ==
        405);
  CHECK(judge_exchange(request("subject_token=the-word", "127.0.0.1:4711", "POST /x HTTP/1.1"),
                       kGate) == 404);
  CHECK(
      judge_exchange("POST /v1/token HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nTransfer-Encoding: chunked"
                     "\r\n\r\n",
                     kGate) == 400);
  CHECK(judge_exchange(
            "POST /v1/token HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nContent-Length: -1\r\n\r\n",
            kGate) == 400);
  CHECK(judge_exchange(std::string(9000, 'a'), kGate) == 431);
}

TEST_CASE("a body counts only where one is expected") {
  const std::string text = request("a=b");
  CHECK(std::get<HeadFault>(parse_request_head(text)) == HeadFault::Malformed);
  const auto head = std::get<RequestHead>(parse_request_head(text, RequestBody::Expected));
  CHECK(request_body(head, text) == "a=b");
  CHECK_FALSE(request_body(head, text + "c"));
  CHECK_FALSE(request_body(head, text.substr(0, text.size() - 1)));
}

TEST_CASE("a library's credential file holds addresses and a command") {
  const Json file = external_account_file({"//pool", kJwtType, "https://iam/x", "/bin/p a"},
                                          "http://127.0.0.1:1/v1/token");
  CHECK(file.at("credential_source").at("executable").at("command") == "/bin/p a");
  CHECK(file.at("service_account_impersonation_url") == "https://iam/x");
  CHECK_FALSE(external_account_file({"//pool", kJwtType, "", "/p"}, "u")
                  .contains("service_account_impersonation_url"));
}
