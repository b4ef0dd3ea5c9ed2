// ScriptedHttp: an HttpClient that notes what it is asked and answers through a function.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "providers/http/http_client.h"

namespace prodaccess {

class ScriptedHttp final : public HttpClient {
 public:
  struct Seen {
    std::string method;
    std::string url;
    std::string body;
    std::multimap<std::string, std::string> headers;
    std::string client_certificate;
  };
  std::vector<Seen> seen;
  std::function<HttpResponse(const Seen&)> answer;

  HttpResponse send(const HttpRequest& request) override {
    seen.push_back({request.method,
                    request.url,
                    std::string(request.body.view()),
                    {request.headers.begin(), request.headers.end()},
                    request.client_certificate});
    return answer(seen.back());
  }

  static HttpResponse reply(int status, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.body = Secret(body);
    return response;
  }
};

}  // namespace prodaccess
