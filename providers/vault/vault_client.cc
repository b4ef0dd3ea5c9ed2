#include "providers/vault/vault_client.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr int kMostRedirects = 2;

// The server says that it did nothing: 412 (state not there yet), 429 (quota), 503 (sealed).
bool did_nothing(int status) { return status == 412 || status == 429 || status == 503; }

bool worth_repeating(int status) { return did_nothing(status) || (status >= 500 && status != 501); }

// Not the node that could answer; another may be.
bool wrong_node(int status) { return status == 472 || status == 473 || status == 503; }

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::vector<std::string> hints_for(int status, const std::string& said) {
  if (said.find("is sealed") != std::string::npos) {
    return {"an operator must unseal it: vault operator unseal"};
  }
  if (status == 403) {
    return {"the token is dead, or its policy lacks this path: prodaccess doctor vault"};
  }
  if (status == 404 || said.find("unknown role") != std::string::npos) {
    return {"see 'mount', 'role', 'path' and 'namespace' of the role"};
  }
  return {};
}

}  // namespace

VaultRefusal::VaultRefusal(const std::string& server, int status, const std::string& said,
                           const std::string& doing, std::vector<std::string> hints)
    : Error(ErrorCode::Provider,
            server + " would not " + doing + ": " + std::to_string(status) +
                (said.empty() ? "" : " " + said),
            std::move(hints)),
      status_(status),
      said_(said) {}

VaultRefusal::VaultRefusal(const VaultRefusal& refusal, std::vector<std::string> hints)
    : Error(ErrorCode::Provider, refusal.what(), std::move(hints)),
      status_(refusal.status_),
      said_(refusal.said_) {}

HttpRequest VaultClient::request_to(const std::string& node, const VaultCall& call) const {
  HttpRequest request;
  request.method = call.method;
  request.url = node + "/v1/" + call.path;
  request.headers = {{"Accept", "application/json"}, {"X-Vault-Request", "true"}};
  if (!server_.name_space.empty()) {
    request.headers.emplace_back("X-Vault-Namespace", server_.name_space + "/");
  }
  if (!call.token.empty()) request.headers.emplace_back("X-Vault-Token", call.token);
  if (!call.body.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = call.body.duplicate();
  }
  request.ca_file = server_.ca_file;
  request.client_certificate = server_.client_certificate;
  request.client_key = server_.client_key;
  request.allow_plain_http = true;  // loopback only, and only where the configuration says http://
  return request;
}

std::size_t VaultClient::redirected_to(const HttpResponse& response) const {
  const std::string location = response.header("location").value_or("");
  std::string origin;
  try {
    origin = parse_url(location).origin();
  } catch (const Error&) {
    origin.clear();
  }
  const auto known = std::find(server_.nodes.begin(), server_.nodes.end(), origin);
  if (known == server_.nodes.end()) {
    throw Error(ErrorCode::Provider,
                server_.nodes.front() + " sends us to another host, which is not configured" +
                    (origin.empty() ? std::string() : ": " + origin),
                {"name it under 'other_addresses' if it is yours"});
  }
  return static_cast<std::size_t>(known - server_.nodes.begin());
}

HttpResponse VaultClient::send(const VaultCall& call) {
  std::size_t passed_over = 0;
  for (int redirects = 0;;) {
    const bool last = passed_over + 1 >= server_.nodes.size();
    const auto again = [&](const HttpResponse* response) {
      if (response == nullptr) return !call.issues;
      return call.issues ? did_nothing(response->status) : worth_repeating(response->status);
    };
    try {
      const HttpRequest request = request_to(server_.nodes[node_], call);
      HttpResponse response = last ? send_with_retries(http_, request, again) : http_.send(request);
      if (is_redirect(response.status)) {
        if (++redirects > kMostRedirects) {
          throw Error(ErrorCode::Provider, server_.nodes[node_] + " redirects in a circle");
        }
        node_ = redirected_to(response);
        continue;
      }
      if (last || !wrong_node(response.status)) return response;
    } catch (const HttpFailure& failure) {
      if (last || (call.issues && !failure.sent_nothing())) throw;
    }
    ++passed_over;
    node_ = (node_ + 1) % server_.nodes.size();
  }
}

VaultReply VaultClient::call(const VaultCall& call, const std::string& doing) {
  const HttpResponse response = send(call);
  if (response.status != 200 && response.status != 204) {
    const std::string said = vault_errors(response.body.view());
    throw VaultRefusal(server_.nodes[node_], response.status, said, doing,
                       hints_for(response.status, said));
  }
  return parse_vault_reply(response.body.view(), "the reply to \"" + doing + "\"");
}

}  // namespace prodaccess
