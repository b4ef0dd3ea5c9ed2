#include "core/command/language/http.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

struct HttpCase {
  const char* method;
  bool body;
  const char* url;
  Effect effect;
};

constexpr HttpCase kCases[] = {
    {"", false, "https://example.com/", Effect::Read},
    {"GET", false, "https://example.com/api/items?delete=1", Effect::Read},
    {"get", false, "example.com", Effect::Read},
    {"HEAD", false, "https://example.com/", Effect::Read},
    {"OPTIONS", false, "https://example.com/", Effect::Read},
    {"GET", true, "http://es:9200/logs/_search", Effect::Read},
    {"", true, "http://es:9200/logs/_search", Effect::Read},
    {"POST", true, "http://es:9200/logs/_count", Effect::Read},
    {"POST", true, "http://es:9200/logs/_delete_by_query", Effect::Destructive},
    {"POST", false, "http://es:9200/logs/_close", Effect::Destructive},
    {"POST", true, "https://example.com/api/items", Effect::Write},
    {"", true, "https://example.com/api/items", Effect::Write},
    {"PUT", true, "https://example.com/api/items/5", Effect::Write},
    {"PATCH", true, "https://example.com/api/items/5", Effect::Write},
    {"POST", true, "repos/o/r/issues", Effect::Write},
    {"PATCH", true, "repos/o/r", Effect::Write},
    {"DELETE", false, "repos/o/r", Effect::Destructive},
    {"delete", false, "https://example.com/x", Effect::Destructive},
    {"PURGE", false, "https://example.com/x", Effect::Destructive},
    {"MOVE", false, "https://dav/x", Effect::Destructive},
    {"FROB", false, "https://example.com/x", Effect::Opaque},
    {"POST", false, "http://h:8080/actuator/shutdown", Effect::Destructive},
    {"POST", false, "http://h/job/x/doDelete", Effect::Destructive},
    {"POST", false, "https://compute.googleapis.com/v1/projects/p/instances/i/stop",
     Effect::Destructive},
    {"PUT", true, "repos/o/r/collaborators/bob", Effect::Privilege},
    {"POST", true, "https://cloudresourcemanager.googleapis.com/v1/projects/p:setIamPolicy",
     Effect::Privilege},
    {"POST", true, "https://x/v1/projects/p:testIamPermissions", Effect::Read},
    {"GET", false, "http://169.254.169.254/latest/meta-data/iam/security-credentials/role",
     Effect::Exfil},
    {"GET", false, "http://169.254.169.254/latest/meta-data/instance-id", Effect::Read},
    {"GET", false, "169.254.169.254/latest/user-data", Effect::Exfil},
    {"GET", false,
     "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token",
     Effect::Exfil},
    {"GET", false, "http://169.254.170.2/v2/credentials/x", Effect::Exfil},
    {"GET", false, "/api/v1/namespaces/x/secrets/y", Effect::Exfil},
    {"GET", false, "/api/v1/namespaces/x/pods", Effect::Read},
    {"GET", false, "http://vault:8200/v1/secret/data/x", Effect::Exfil},
    {"GET", false, "http://vault:8200/v1/sys/health", Effect::Read},
    {"GET", false, "https://secretmanager.googleapis.com/v1/projects/p/secrets/s/versions/1:access",
     Effect::Exfil},
    {"POST", false, "https://management.azure.com/x/storageAccounts/a/listKeys?api-version=1",
     Effect::Exfil},
};

}  // namespace

TEST_CASE("a request does what its method and address say") {
  for (const HttpCase& c : kCases) {
    const HttpFinding finding = classify_http(HttpCall{c.method, c.body, c.url, std::nullopt});
    CHECK_MESSAGE(effect_name(finding.effect) == effect_name(c.effect),
                  c.method << " " << c.url << " [" << finding.reason << "]");
    CHECK_FALSE(finding.reason.empty());
  }
}

TEST_CASE("GraphQL reads only where its document is known to hold no mutation") {
  const auto graphql = [](std::optional<std::string_view> body) {
    return classify_http(HttpCall{"POST", true, "graphql", body}).effect;
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
