#include "core/command/language/http.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

struct Address {
  std::string host;                // lower case, no port
  std::string path;                // lower case, begins with '/'
  std::string query;               // lower case
  std::vector<std::string> steps;  // of the path, the empty ones left out
};

// `%2f` and the like undone, in lower case.
std::string plain(std::string_view url) {
  std::string text;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const auto byte = url[i] == '%' ? unhex(url.substr(i + 1, 2)) : std::nullopt;
    text += byte && byte->size() == 1 ? (*byte)[0] : url[i];
    if (byte && byte->size() == 1) i += 2;
  }
  return to_lower(text);
}

Address parse_address(std::string_view url) {
  Address address;
  std::string text = plain(url);
  const std::size_t scheme = text.find("://");
  if (scheme != std::string::npos) text.erase(0, scheme + 3);
  const std::size_t fragment = text.find('#');
  if (fragment != std::string::npos) text.erase(fragment);
  const std::size_t question = text.find('?');
  if (question != std::string::npos) {
    address.query = text.substr(question + 1);
    text.erase(question);
  }
  // Without a scheme a leading word with a dot or colon is a host ("169.254.169.254/latest").
  const std::size_t slash = text.find('/');
  const std::string first = text.substr(0, slash);
  if (scheme != std::string::npos || first.find_first_of(".:") != std::string::npos) {
    address.host = first.substr(first.rfind('@') == std::string::npos ? 0 : first.rfind('@') + 1);
    const std::size_t port = address.host.rfind(':');
    if (port != std::string::npos && address.host.find(']') == std::string::npos)
      address.host.erase(port);
    text = slash == std::string::npos ? "/" : text.substr(slash);
  }
  address.path = text;
  for (std::string& step : split(text, '/')) {
    if (!step.empty()) address.steps.push_back(std::move(step));
  }
  return address;
}

bool has_step(const Address& address, std::string_view names) {
  return std::any_of(address.steps.begin(), address.steps.end(),
                     [&](const std::string& step) { return one_of(step, names); });
}

bool has_text(const Address& address, std::string_view text) {
  return address.path.find(text) != std::string::npos;
}

std::string_view metadata_secret(const Address& address) {
  const bool metadata_host =
      one_of(address.host,
             "169.254.169.254 metadata.google.internal metadata 169.254.170.2 169.254.170.23 "
             "100.100.100.200 [fd00:ec2::254] [fd00:ec2::23] 2852039166 0xa9fea9fe");
  if (!metadata_host) return {};
  if (address.host.find("169.254.170.") == 0 || has_text(address, "credentials") ||
      has_text(address, "token") || has_text(address, "identity") ||
      has_text(address, "user-data") || has_text(address, "attributes") ||
      address.query.find("recursive=true") != std::string::npos)
    return "the instance metadata service hands out credentials";
  return {};
}

// Addresses whose answer is a stored secret or a fresh credential.
std::string_view secret_address(const Address& address) {
  if (const std::string_view reason = metadata_secret(address); !reason.empty()) return reason;
  const std::string& last = address.steps.empty() ? address.path : address.steps.back();
  if (has_text(address, "/api/v1/") && has_step(address, "secrets")) return "Kubernetes secrets";
  if (address.steps.size() > 1 && address.steps[0] == "v1" &&
      one_of(address.steps[1],
             "secret kv aws gcp azure database pki ssh transit cubbyhole identity") &&
      !has_step(address, "metadata"))
    return "a secret of Vault";
  if (last.find(":access") != std::string::npos && has_step(address, "secrets"))
    return "a secret of Secret Manager";
  if (address.host.find(".vault.azure.net") != std::string::npos &&
      has_step(address, "secrets keys"))
    return "a secret of Key Vault";
  if (one_of(last,
             "listkeys listsecrets listcredentials listconnectionstrings listadminkeys "
             "listquerykeys listaccountsas listservicesas listclusteradmincredential "
             "listclusterusercredential") ||
      last.find(":generateaccesstoken") != std::string::npos ||
      last.find(":generateidtoken") != std::string::npos ||
      last.find(":signjwt") != std::string::npos || last.find(":signblob") != std::string::npos)
    return "the answer is a credential";
  if (last == "access_tokens" || (last == "registration-token") || (last == "remove-token"))
    return "the answer is a credential";
  return {};
}

bool destructive_word(std::string_view step) {
  const std::size_t colon = step.rfind(':');
  if (colon != std::string_view::npos && colon + 1 < step.size()) step.remove_prefix(colon + 1);
  if (one_of(step,
             "delete destroy terminate purge drop truncate shutdown _shutdown stop poweroff "
             "deallocate remove wipe flush flushall reset evict kill _close _delete_by_query "
             "batchdelete bulkdelete bulk-delete delete-batch batch-delete deleteall quitquitquit "
             "decommission undeploy uninstall dodelete quit disable _flush_all drain"))
    return step != "_flush";
  return step.starts_with("delete") || step.starts_with("terminate") ||
         step.starts_with("destroy") || step.starts_with("purge") ||
         step.starts_with("batchdelete");
}

bool has_any_text(const Address& address, std::string_view texts) {
  const std::vector<std::string> all = split(texts, ' ');
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& text) { return has_text(address, text); });
}

// Calls of Vault, Consul and Nomad whose paths name neither a deletion nor a right.
constexpr std::string_view kTakesDown =
    "/v1/sys/seal /v1/sys/leases/revoke /v1/sys/revoke /v1/agent/leave /v1/agent/force-leave "
    "/v1/system/gc /v1/sys/storage/raft/remove-peer /v1/sys/storage/raft/snapshot";
constexpr std::string_view kGrants =
    "/v1/sys/policy /v1/sys/policies /v1/sys/auth /v1/sys/generate-root /v1/sys/rekey /v1/auth/ "
    "/v1/acl/ /v1/sys/wrapping /v1/identity/";

// POST that asks: its body is a query.
bool asks(const Address& address) {
  if (address.steps.empty()) return false;
  std::string_view last = address.steps.back();
  const std::size_t colon = last.rfind(':');
  if (colon != std::string_view::npos) last.remove_prefix(colon + 1);
  return one_of(
      last,
      "_search _msearch _count _mget _validate _explain _analyze _field_caps _sql "
      "search query count query_range labels series lookup testiampermissions getiampolicy "
      "batchget validate preview dry-run dryrun selfsubjectaccessreviews "
      "selfsubjectrulesreviews subjectaccessreviews tokenreviews");
}

// GraphQL: only a document that is known and holds no mutation is a query.
HttpFinding classify_graphql(const HttpCall& request) {
  if (!request.body) return {Effect::Opaque, "a GraphQL document that is not on the line"};
  const std::string body = to_lower(*request.body);
  if (body.find("mutation") == std::string::npos) {
    if (body.find("query") != std::string::npos || body.find('{') != std::string::npos)
      return {Effect::Read, "a GraphQL query"};
    return {Effect::Opaque, "a GraphQL document that is not on the line"};
  }
  if (body.find("delete") != std::string::npos || body.find("remove") != std::string::npos ||
      body.find("archive") != std::string::npos)
    return {Effect::Destructive, "a GraphQL mutation that deletes"};
  return {Effect::Opaque, "a GraphQL mutation"};
}

HttpFinding classify_unsafe(const std::string& method, const HttpCall& request,
                            const Address& address) {
  if (!address.steps.empty() && address.steps.back().starts_with("graphql"))
    return classify_graphql(request);
  const bool destroys = std::any_of(address.steps.begin(), address.steps.end(),
                                    [](const std::string& step) { return destructive_word(step); });
  if (destroys || has_any_text(address, kTakesDown))
    return {Effect::Destructive, method + " to a path that deletes or stops"};
  if (const std::string_view secret = secret_address(address);
      !secret.empty() && (method == "POST" || method == "GET"))
    return {Effect::Exfil, std::string(secret)};
  if (method == "POST" && asks(address)) return {Effect::Read, "POST of a query"};
  if (has_step(address,
               "iam permissions collaborators roleassignments policies keys tokens "
               "rolebindings clusterrolebindings protection deploy-keys hooks setiampolicy") ||
      has_text(address, ":setiampolicy") || has_any_text(address, kGrants))
    return {Effect::Privilege, method + " to a path of access rights"};
  return {Effect::Write, method + " changes what the address names"};
}

}  // namespace

HttpFinding classify_http(const HttpCall& request) {
  std::string method(request.method);
  for (char& c : method) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (method.empty()) method = request.has_body ? "POST" : "GET";
  const Address address = parse_address(request.url);
  if (method == "DELETE" || method == "PURGE" || method == "MOVE" || method == "BAN")
    return {Effect::Destructive, method + " removes what the address names"};
  if (one_of(method, "GET HEAD OPTIONS TRACE PROPFIND REPORT SEARCH QUERY")) {
    if (const std::string_view secret = secret_address(address); !secret.empty())
      return {Effect::Exfil, std::string(secret)};
    if (!address.steps.empty() && one_of(address.steps.back(), "shutdown _shutdown quitquitquit"))
      return {Effect::Opaque, "the address names a shutdown"};
    return {Effect::Read, method + " reads"};
  }
  if (one_of(method, "POST PUT PATCH")) return classify_unsafe(method, request, address);
  if (one_of(method, "COPY MKCOL LOCK UNLOCK PROPPATCH LINK"))
    return {Effect::Write, method + " changes what the address names"};
  return {Effect::Opaque, "an unknown method"};
}

}  // namespace prodaccess
