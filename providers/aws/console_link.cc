#include "providers/aws/console_link.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "providers/aws/aws_endpoint.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestSigninToken = 16U << 10;

struct ConsoleHosts {
  std::string_view partition;
  std::string_view signin;
  std::string_view console;
};

constexpr ConsoleHosts kHosts[] = {
    {"aws", "https://signin.aws.amazon.com", "https://console.aws.amazon.com/"},
    {"aws-us-gov", "https://signin.amazonaws-us-gov.com", "https://console.amazonaws-us-gov.com/"},
    {"aws-cn", "https://signin.amazonaws.cn", "https://console.amazonaws.cn/"},
};

const ConsoleHosts& hosts_for(const std::string& region) {
  const std::string_view partition = aws_partition(region);
  for (const ConsoleHosts& hosts : kHosts) {
    if (hosts.partition == partition) return hosts;
  }
  throw Error(ErrorCode::Usage, "no console is known for region " + escape_for_terminal(region));
}

// The form: Session is JSON, percent-encoded; all of it in wiped memory.
Secret signin_form(const AwsCredential& credential, const ConsoleRequest& request) {
  SecretText session;
  session.add('{').add_json_member("sessionId", credential.access_key_id);
  session.add_json_member("sessionKey", credential.secret_access_key.view());
  session.add_json_member("sessionToken", credential.session_token.view()).add('}');
  const Secret encoded = seal(percent_encode(session.take().view()));
  SecretText form;
  form.add("Action=getSigninToken");
  if (request.duration) {
    form.add("&SessionDuration=" + std::to_string(request.duration->count()));
  }
  return form.add("&Session=").add(encoded.view()).take();
}

Secret signin_token(const HttpResponse& response) {
  if (response.status != 200) {
    throw Error(
        ErrorCode::Provider,
        "the console's sign-in refused the credential: status " + std::to_string(response.status),
        {"leave --duration out: AWS takes none for a chained role",
         "a role session is needed: long-term keys cannot sign in this way"});
  }
  const Json reply = parse_json_strictly(response.body.view(), "the console's sign-in reply");
  const auto found = reply.is_object() ? reply.find("SigninToken") : reply.end();
  if (!reply.is_object() || found == reply.end() || !found->is_string()) {
    throw Error(ErrorCode::Provider, "the console's sign-in reply has no SigninToken");
  }
  auto token = found->get<std::string>();
  if (token.empty() || token.size() > kLongestSigninToken) {
    throw Error(ErrorCode::Provider, "the console's sign-in reply has an unusable SigninToken");
  }
  return seal(std::move(token));
}

bool repeat_when_busy(const HttpResponse* response) {
  return response == nullptr || response->status == 429 || response->status >= 500;
}

}  // namespace

Secret console_link(HttpClient& http, const AwsCredential& credential,
                    const ConsoleRequest& request) {
  if (!credential.temporary()) {
    throw Error(ErrorCode::Usage, "only temporary credentials sign in to the console");
  }
  const ConsoleHosts& hosts = hosts_for(request.region);
  const std::string origin = request.federation_endpoint.empty()
                                 ? std::string(hosts.signin)
                                 : parse_url(request.federation_endpoint).origin();
  const std::string destination =
      request.destination.empty() ? std::string(hosts.console) : request.destination;
  if (parse_url(destination).scheme != "https") {
    throw Error(ErrorCode::Usage, "the destination is no https URL");
  }
  HttpRequest post;
  post.method = "POST";
  post.url = origin + "/federation";
  post.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  post.body = signin_form(credential, request);
  post.allow_plain_http = !request.federation_endpoint.empty();
  const Secret token = signin_token(send_with_retries(http, post, repeat_when_busy));
  SecretText link;
  link.add(origin).add("/federation?Action=login&Issuer=prodaccess&Destination=");
  link.add(percent_encode(destination)).add("&SigninToken=");
  return link.add(seal(percent_encode(token.view())).view()).take();
}

}  // namespace prodaccess
