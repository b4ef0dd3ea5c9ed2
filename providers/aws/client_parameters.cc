#include "providers/aws/client_parameters.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/aws/aws_endpoint.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// An origin; http:// to this machine only.
std::string take_origin(ConfigTable& table, const char* key) {
  const std::string url = table.take_string(key).value_or("");
  if (url.empty()) return url;
  try {
    static_cast<void>(aws_endpoint("any", "us-east-1", url));
  } catch (const Error& error) {
    table.fail(key, error.what());
  }
  return url;
}

// The host stands for the place where it has no name of its own: "corp" of corp.awsapps.com.
std::string name_of(const std::string& start_url) {
  const std::string host = parse_url(start_url).host;
  return host.ends_with(".awsapps.com") ? host.substr(0, host.find('.')) : host;
}

AwsSsoParameters take_sso(ConfigTable table) {
  AwsSsoParameters sso;
  sso.session.start_url = table.require_string("start_url");
  if (!sso.session.start_url.starts_with("https://")) {
    table.fail("start_url", "'start_url' is the https address of the access portal",
               {"start_url = \"https://corp.awsapps.com/start\""});
  }
  try {
    sso.session.name = table.take_string("name").value_or(name_of(sso.session.start_url));
  } catch (const Error& error) {
    table.fail("start_url", error.what());
  }
  sso.session.region = table.require_string("region");
  if (!is_aws_region(sso.session.region)) table.fail("region", "'region' is no region of AWS");
  sso.account = table.take_string("account").value_or("");
  if (!sso.account.empty() && !is_account(sso.account))
    table.fail("account", "'account' is 12 digits");
  sso.role = table.require_string("role");
  if (auto scopes = table.take_strings("scopes"); !scopes.empty()) {
    sso.session.scopes = std::move(scopes);
  }
  table.finish();
  return sso;
}

AwsClientEndpoints take_endpoints(ConfigTable table) {
  AwsClientEndpoints endpoints;
  endpoints.iam = take_origin(table, "iam");
  endpoints.ecr = take_origin(table, "ecr");
  endpoints.federation = take_origin(table, "federation");
  endpoints.sso_oidc = take_origin(table, "sso_oidc");
  endpoints.sso_portal = take_origin(table, "sso_portal");
  table.finish();
  return endpoints;
}

AwsRevokeParameters take_revoke(ConfigTable table) {
  AwsRevokeParameters revoke;
  revoke.by_source_identity =
      table.take_choice("by", {"role", "source-identity"}).value_or("role") == "source-identity";
  revoke.role_arn = table.take_string("role_arn").value_or("");
  revoke.patience = table.take_duration("patience").value_or(revoke.patience);
  if (revoke.patience > Seconds{600}) table.fail("patience", "'patience' is 10m at most");
  table.finish();
  return revoke;
}

}  // namespace

AwsClientParameters take_client_parameters(ConfigTable& table) {
  AwsClientParameters taken;
  if (auto endpoints = table.take_table("endpoints")) taken.endpoints = take_endpoints(*endpoints);
  if (auto sso = table.take_table("sso")) {
    taken.sso = take_sso(*sso);
    taken.sso->session.oidc_endpoint = taken.endpoints.sso_oidc;
    taken.sso->session.portal_endpoint = taken.endpoints.sso_portal;
  }
  if (auto revoke = table.take_table("revoke")) taken.revoke = take_revoke(*revoke);
  return taken;
}

}  // namespace prodaccess
