#include "providers/kubernetes/exec_credential.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "providers/kubernetes/kubeconfig.h"

using namespace prodaccess;

TEST_CASE("an ExecCredential is in the version that was asked for") {
  const std::string v1 = "client.authentication.k8s.io/v1";
  const std::string beta = "client.authentication.k8s.io/v1beta1";
  CHECK(exec_credential_version(R"({"kind":"ExecCredential","apiVersion":")" + v1 +
                                R"(","spec":{"interactive":false}})") == v1);
  for (const std::string& info :
       {R"({"kind":"ExecCredential","apiVersion":")" + beta + "\"}", std::string(),
        std::string("x"), std::string("[]"), std::string("7"),
        std::string(R"({"kind":7,"apiVersion":[]})"),
        R"({"kind":"Other","apiVersion":")" + v1 + "\"}",
        std::string(
            R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v9"})")}) {
    CAPTURE(info);
    CHECK(exec_credential_version(info) == beta);
  }
  const Secret object = exec_credential(v1, "to.k-e_n", *parse_rfc3339("2026-01-02T03:04:05.678Z"));
  CHECK(Json::parse(object.view()) ==
        Json::parse(R"({"apiVersion":"client.authentication.k8s.io/v1",
    "kind":"ExecCredential","status":{"token":"to.k-e_n","expirationTimestamp":"2026-01-02T03:04:05Z"}})"));
}

TEST_CASE("a kubeconfig quotes what comes from the configuration") {
  KubernetesParameters parameters;
  parameters.server = "https://api.test";
  parameters.context = "a: \"b\"";
  parameters.name_space = "shop";
  const std::string text =
      kubeconfig_text(parameters, {"/bin/prodaccess", "--x"}, kExecCredentialV1);
  CHECK(text.find("current-context: \"a: \\\"b\\\"\"\n") != std::string::npos);
  CHECK(text.find("certificate-authority") == std::string::npos);
  CHECK(text.find("      args:\n      - \"--x\"\n") != std::string::npos);
}
