// Syslog over TLS (RFC 5425, with octet counting), through libcurl's plain connections.
#include <sys/types.h>

#include <thread>

#include "core/base/error.h"
#include "providers/http/curl_library.h"
#include "providers/sink/network_sinks.h"

namespace prodaccess {
namespace {

constexpr std::string_view kScheme = "tls://";

class TlsTransport final : public SinkTransport {
 public:
  TlsTransport(const std::string& address, std::string ca_file, Milliseconds timeout)
      : address_(address), ca_file_(std::move(ca_file)), timeout_(timeout) {
    if (address.compare(0, kScheme.size(), kScheme) != 0) {
      throw Error(ErrorCode::Config, "no address of a sink: " + address, {"tls://HOST:6514"});
    }
  }

  void send(const std::vector<std::string>& messages) override {
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    if (!connection_) connect();
    for (const std::string& message : messages) {
      send_one(std::to_string(message.size()) + " " + message, deadline);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& why) {
    connection_.reset();
    throw Error(ErrorCode::Provider, "sending to " + address_ + ": " + why);
  }

  void connect() {
    const CurlLibrary& curl = curl_library();
    connection_ = Handle(curl.easy_init(), curl.easy_cleanup);
    CURL* handle = connection_.get();
    const std::string url = "https://" + address_.substr(kScheme.size());
    curl.easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl.easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
    curl.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl.easy_setopt(handle, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl.easy_setopt(handle, CURLOPT_PROXY, "");
    curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout_.count()));
    if (!ca_file_.empty()) curl.easy_setopt(handle, CURLOPT_CAINFO, ca_file_.c_str());
    const CURLcode result = curl.easy_perform(handle);
    if (result != CURLE_OK) fail(curl.easy_strerror(result));
  }

  void send_one(std::string_view frame, std::chrono::steady_clock::time_point deadline) {
    constexpr auto kPause = std::chrono::milliseconds{5};
    const CurlLibrary& curl = curl_library();
    while (!frame.empty()) {
      std::size_t sent = 0;
      const CURLcode result = curl.easy_send(connection_.get(), frame.data(), frame.size(), &sent);
      if (result != CURLE_OK && result != CURLE_AGAIN) fail(curl.easy_strerror(result));
      frame.remove_prefix(sent);
      if (result != CURLE_AGAIN) continue;
      if (std::chrono::steady_clock::now() >= deadline) fail("no answer in time");
      std::this_thread::sleep_for(kPause);
    }
  }

  using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
  std::string address_;
  std::string ca_file_;
  Milliseconds timeout_;
  Handle connection_{nullptr, nullptr};
};

}  // namespace

std::unique_ptr<SinkTransport> make_tls_transport(const std::string& address,
                                                  const std::string& ca_file,
                                                  Milliseconds timeout) {
  return std::make_unique<TlsTransport>(address, ca_file, timeout);
}

}  // namespace prodaccess
