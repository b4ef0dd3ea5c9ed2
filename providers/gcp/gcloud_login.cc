// gcloud's own login, asked for through `gcloud config config-helper`: the documented way for other
// programs, which tells the token's end and whose it is beside the token.
#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/gcp/base_identity.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kPatience{60'000};

class GcloudLogin final : public GoogleBaseIdentity {
 public:
  GcloudLogin(const GcpHost& host, std::string account, std::string program)
      : host_(host), account_(std::move(account)), program_(std::move(program)) {}

  std::string words() override {
    return account_.empty() ? "gcloud's login" : "gcloud's login of " + account_;
  }
  std::string email() override { return account_; }
  std::vector<std::string> calling_scopes() const override { return {}; }

  GoogleToken access_token(const std::vector<std::string>&, Seconds) override {
    HelperRun run;
    run.program = host_.find_program(program_.empty() ? "gcloud" : program_);
    run.argv = {run.program.string(), "config", "config-helper", "--format=json",
                "--min-expiry=10m"};
    run.environment = helper_variables(host_);
    run.environment.emplace_back("CLOUDSDK_CORE_DISABLE_PROMPTS", Secret(std::string_view("1")));
    if (!account_.empty()) run.environment.emplace_back("CLOUDSDK_CORE_ACCOUNT", Secret(account_));
    run.deadline = kPatience;
    const HelperResult result = host_.run(run);
    if (!result.good()) {
      auto hints = result.hints();
      hints.emplace_back("gcloud auth login");
      throw Error(ErrorCode::Provider, "gcloud " + result.description(run), std::move(hints));
    }
    GcloudReply reply = read_gcloud_reply(result.output.view(), host_.clock.wall_now());
    if (!account_.empty() && reply.account != account_) {
      throw Error(
          ErrorCode::Provider,
          "gcloud gave a token of " + escape_for_terminal(reply.account) + ", not of " + account_);
    }
    account_ = std::move(reply.account);
    return std::move(reply.token);
  }

 private:
  const GcpHost& host_;
  std::string account_;
  std::string program_;
};

}  // namespace

std::unique_ptr<GoogleBaseIdentity> make_gcloud_login(const GcpHost& host, std::string account,
                                                      std::string program) {
  return std::make_unique<GcloudLogin>(host, std::move(account), std::move(program));
}

}  // namespace prodaccess
