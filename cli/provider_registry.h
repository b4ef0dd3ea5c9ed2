// ProviderRegistry: the providers by name, each made when first asked for.
//
// Errors: Error{Config} for a name that is none. Threads: one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/grant/provider.h"
#include "core/os/store.h"

namespace prodaccess {

class Context;
class HttpClient;
class LocalProvider;
class SsoTokens;
struct AwsCredential;

class ProviderRegistry {
 public:
  explicit ProviderRegistry(Context& context);
  ~ProviderRegistry();

  Provider& provider(const Role& role);
  LocalProvider& local();
  static const std::vector<std::string>& names();
  HttpClient& http();

 private:
  std::unique_ptr<Provider> make(const Role& role);
  std::unique_ptr<Provider> make_aws();
  std::unique_ptr<Provider> make_gcp();
  std::optional<AwsCredential> imported_key(const std::string& profile);
  std::unique_ptr<Provider> make_plugin(const Role& role);
  std::unique_ptr<Provider> make_postgres();
  Context& context_;
  OpenStore open_store_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<SsoTokens> sso_tokens_;
  std::map<std::string, std::unique_ptr<Provider>> made_;
};

}  // namespace prodaccess
