#include "providers/kubernetes/kubernetes_parameters.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr const char* kPodFolder = "/var/run/secrets/kubernetes.io/serviceaccount/";

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string take_path(ConfigTable& table, const std::string& key) {
  const auto path = table.take_string(key);
  if (path && !path->starts_with('/')) table.fail(key, "'" + key + "' must be an absolute path");
  return path.value_or("");
}

std::string take_server(ConfigTable& table) {
  std::string server = table.require_string("server");
  while (server.ends_with('/')) server.pop_back();
  const bool plain = std::all_of(server.begin(), server.end(), [](char c) {
    return is_alphanumeric(c) || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-_:/[]").find(c) != std::string_view::npos;
  });
  if (!server.starts_with("https://") || server.size() <= 8 || !plain) {
    table.fail("server", "'server' must be an https:// address without query or user");
  }
  return server;
}

std::string take_account(ConfigTable& table) {
  std::string account = table.require_string("service_account");
  if (!is_kubernetes_name(account)) {
    table.fail("service_account", "'service_account' is not the name of a service account");
  }
  return account;
}

void read_tiers(ConfigTable& table, KubernetesParameters& into) {
  auto tiers = table.take_table("tiers");
  if (!tiers) return;
  if (auto read = tiers->take_table("read")) {
    into.read_service_account = take_account(*read);
    read->finish();
  }
  tiers->finish();
}

void read_auth(ConfigTable& table, KubernetesParameters& into) {
  const auto auth = table.take_choice("auth", {"token-file", "client-certificate", "in-cluster"});
  if (!auth) table.fail("auth", "'auth' is missing: token-file, client-certificate or in-cluster");
  if (*auth == "token-file") {
    into.token_file = take_path(table, "token_file");
    if (into.token_file.empty()) table.fail("auth", "auth = \"token-file\" needs 'token_file'");
  } else if (*auth == "client-certificate") {
    into.auth = KubernetesAuth::ClientCertificate;
    into.client_certificate = take_path(table, "client_certificate");
    into.client_key = take_path(table, "client_key");
    if (into.client_certificate.empty() || into.client_key.empty()) {
      table.fail("auth",
                 "auth = \"client-certificate\" needs 'client_certificate' and 'client_key'");
    }
  } else {
    into.auth = KubernetesAuth::InCluster;
    into.token_file = std::string(kPodFolder) + "token";
    if (into.ca_file.empty()) into.ca_file = std::string(kPodFolder) + "ca.crt";
  }
}

}  // namespace

bool is_kubernetes_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return c == '-' || is_alphanumeric(c);
         });
}

bool is_kubernetes_name(std::string_view text) {
  const auto labels = split(text, '.');
  return text.size() <= 253 && std::all_of(labels.begin(), labels.end(), is_kubernetes_label);
}

KubernetesParameters read_kubernetes_parameters(ConfigTable table) {
  KubernetesParameters read;
  read.server = take_server(table);
  read.ca_file = take_path(table, "ca_file");
  read.name_space = table.require_string("namespace");
  if (!is_kubernetes_label(read.name_space)) {
    table.fail("namespace", "'namespace' is not the name of a namespace");
  }
  read.service_account = take_account(table);
  read.context = table.take_string("context").value_or("prodaccess");
  const bool good_context = !read.context.empty() && read.context.size() <= 128 &&
                            escape_for_terminal(read.context) == read.context;
  if (!good_context) table.fail("context", "'context' must be a short name");
  read.audiences = table.take_strings("audiences");
  read.revocable = table.take_bool("revocable").value_or(true);
  read_tiers(table, read);
  read_auth(table, read);
  table.finish();
  return read;
}

}  // namespace prodaccess
