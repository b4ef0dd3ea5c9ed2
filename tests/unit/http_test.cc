#include "core/command/language/http.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

struct HttpCase {
  const char* method;
  bool body;
  const char* url;
  bool known_api;
  Effect effect;
};

constexpr HttpCase kCases[] = {
    {"", false, "https://example.com/", false, Effect::Read},
    {"GET", false, "https://example.com/api/items?delete=1", false, Effect::Read},
    {"get", false, "example.com", false, Effect::Read},
    {"HEAD", false, "https://example.com/", false, Effect::Read},
    {"OPTIONS", false, "https://example.com/", false, Effect::Read},
    {"GET", true, "http://es:9200/logs/_search", false, Effect::Read},
    {"", true, "http://es:9200/logs/_search", false, Effect::Read},
    {"POST", true, "http://es:9200/logs/_count", false, Effect::Read},
    {"POST", true, "http://es:9200/logs/_delete_by_query", false, Effect::Destructive},
    {"POST", false, "http://es:9200/logs/_close", false, Effect::Destructive},
    {"POST", true, "https://example.com/api/items", false, Effect::Opaque},
    {"", true, "https://example.com/api/items", false, Effect::Opaque},
    {"PUT", true, "https://example.com/api/items/5", false, Effect::Opaque},
    {"PATCH", true, "https://example.com/api/items/5", false, Effect::Opaque},
    {"POST", true, "repos/o/r/issues", true, Effect::Write},
    {"PATCH", true, "repos/o/r", true, Effect::Write},
    {"DELETE", false, "repos/o/r", true, Effect::Destructive},
    {"delete", false, "https://example.com/x", false, Effect::Destructive},
    {"PURGE", false, "https://example.com/x", false, Effect::Destructive},
    {"MOVE", false, "https://dav/x", false, Effect::Destructive},
    {"FROB", false, "https://example.com/x", false, Effect::Opaque},
    {"POST", false, "http://h:8080/actuator/shutdown", false, Effect::Destructive},
    {"POST", false, "http://h/job/x/doDelete", false, Effect::Opaque},
    {"POST", false, "https://compute.googleapis.com/v1/projects/p/instances/i/stop", true,
     Effect::Destructive},
    {"PUT", true, "repos/o/r/collaborators/bob", true, Effect::Privilege},
    {"POST", true, "https://cloudresourcemanager.googleapis.com/v1/projects/p:setIamPolicy", true,
     Effect::Privilege},
    {"POST", true, "https://x/v1/projects/p:testIamPermissions", true, Effect::Read},
    {"GET", false, "http://169.254.169.254/latest/meta-data/iam/security-credentials/role", false,
     Effect::Exfil},
    {"GET", false, "http://169.254.169.254/latest/meta-data/instance-id", false, Effect::Read},
    {"GET", false, "169.254.169.254/latest/user-data", false, Effect::Exfil},
    {"GET", false,
     "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token",
     false, Effect::Exfil},
    {"GET", false, "http://169.254.170.2/v2/credentials/x", false, Effect::Exfil},
    {"GET", false, "/api/v1/namespaces/x/secrets/y", true, Effect::Exfil},
    {"GET", false, "/api/v1/namespaces/x/pods", true, Effect::Read},
    {"GET", false, "http://vault:8200/v1/secret/data/x", false, Effect::Exfil},
    {"GET", false, "http://vault:8200/v1/sys/health", false, Effect::Read},
    {"GET", false, "https://secretmanager.googleapis.com/v1/projects/p/secrets/s/versions/1:access",
     true, Effect::Exfil},
    {"POST", false, "https://management.azure.com/x/storageAccounts/a/listKeys?api-version=1", true,
     Effect::Exfil},
};

}  // namespace

TEST_CASE("a request does what its method and address say") {
  for (const HttpCase& c : kCases) {
    const HttpFinding finding =
        classify_http(HttpCall{c.method, c.body, c.url, std::nullopt, c.known_api});
    CHECK_MESSAGE(effect_name(finding.effect) == effect_name(c.effect),
                  c.method << " " << c.url << " [" << finding.reason << "]");
    CHECK_FALSE(finding.reason.empty());
  }
}

TEST_CASE("GraphQL reads only where its document is known to hold no mutation") {
  const auto graphql = [](std::optional<std::string_view> body) {
    return classify_http(HttpCall{"POST", true, "graphql", body, true}).effect;
  };
  CHECK(graphql("query=query { viewer { login } }") == Effect::Read);
  CHECK(graphql("{ viewer { login } }") == Effect::Read);
  CHECK(graphql("mutation { addStar(input: {}) { clientMutationId } }") == Effect::Opaque);
  CHECK(graphql("mutation { deleteRef(input: {}) { x } }") == Effect::Destructive);
  CHECK(graphql(std::nullopt) == Effect::Opaque);
}

TEST_CASE("a path that is written in percent signs hides nothing") {
  CHECK(classify_http("POST", true, "http://es/i/%5fdelete_by_query").effect ==
        Effect::Destructive);
  CHECK(classify_http("GET", false, "http://vault/v1/%73ecret/x").effect == Effect::Exfil);
}
