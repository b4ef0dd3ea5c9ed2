#include "core/base/error.h"
#include "providers/sink/network_sinks.h"

namespace prodaccess {
namespace {

class WebhookTransport final : public SinkTransport {
 public:
  WebhookTransport(HttpClient& client, WebhookPlan plan)
      : client_(client), plan_(std::move(plan)) {}

  void send(const std::vector<std::string>& messages) override {
    for (const std::string& body : messages) {
      HttpRequest request;
      request.method = "POST";
      request.url = plan_.url;
      request.headers = {{"Content-Type", "application/json"},
                         {"X-Prodaccess-Signature", plan_.sign(body)}};
      request.body = Secret(body);
      request.timeout = plan_.timeout;
      request.ca_file = plan_.ca_file;
      request.allow_plain_http = plan_.url.compare(0, 7, "http://") == 0;
      const HttpResponse response = client_.send(request);
      if (response.status < 200 || response.status > 299) {
        throw Error(ErrorCode::Provider, "the webhook answered " + std::to_string(response.status));
      }
    }
  }

 private:
  HttpClient& client_;
  WebhookPlan plan_;
};

}  // namespace

std::unique_ptr<SinkTransport> make_webhook_transport(HttpClient& client, WebhookPlan plan) {
  return std::make_unique<WebhookTransport>(client, std::move(plan));
}

}  // namespace prodaccess
