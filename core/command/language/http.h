// classify_http: what a request over HTTP does, as far as its line tells (RFC 9110 section 9: GET,
// HEAD and OPTIONS are safe). For curl, wget, gh api, az rest, kubectl --raw and their peers.
//
// A DELETE is destructive. A POST, PUT or PATCH is a write, or a read where its path says search,
// query or count. Addresses that hand out secrets (instance metadata, secret managers, Kubernetes
// secrets) are exfil. Words like `delete` or `shutdown` in the path of a request with a body raise
// it to destructive, words of access rights to privilege.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/command/effect.h"

namespace prodaccess {

struct HttpCall {
  std::string_view method;               // any case; empty: GET, or POST where there is a body
  bool has_body = false;                 // data, form or upload
  std::string_view url;                  // absolute, or the path of a tool's own API
  std::optional<std::string_view> body;  // where the line tells
};

struct HttpFinding {
  Effect effect = Effect::Opaque;
  std::string reason;
};

HttpFinding classify_http(const HttpCall& request);

// The form for callers that know no body.
inline HttpFinding classify_http(std::string_view method, bool has_body, std::string_view url) {
  return classify_http(HttpCall{method, has_body, url, std::nullopt});
}

}  // namespace prodaccess
