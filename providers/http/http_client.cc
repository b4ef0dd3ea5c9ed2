#include "providers/http/http_client.h"

#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/http/curl_library.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargestBody = 1U << 20;
constexpr std::size_t kLargestHead = 64U << 10;

// What the callbacks fill. The body is assembled in wiped memory: it may hold a credential.
struct Exchange {
  HttpResponse response;
  Secret buffer;
  std::size_t filled = 0;
  std::size_t head_bytes = 0;
  std::string refused;  // why we broke off
};

// Makes room in `buffer` for `size` more bytes, wiping what it outgrew.
void reserve(Exchange& exchange, std::size_t size) {
  const std::size_t needed = exchange.filled + size;
  if (needed <= exchange.buffer.size()) return;
  Secret larger(std::max(needed, exchange.buffer.size() * 2 + 4096));
  if (exchange.filled != 0) {
    std::memcpy(larger.data(), exchange.buffer.data(), exchange.filled);
  }
  exchange.buffer = std::move(larger);
}

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.filled + size > kLargestBody) {
    exchange.refused = "the reply is larger than 1 MiB";
    return 0;
  }
  if (size == 0) return 0;
  reserve(exchange, size);
  std::memcpy(exchange.buffer.data() + exchange.filled, bytes, size);
  exchange.filled += size;
  return size;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.head_bytes += size;
  if (exchange.head_bytes > kLargestHead) {
    exchange.refused = "the reply's headers are larger than 64 KiB";
    return 0;
  }
  const std::string_view line(bytes, size);
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.response.headers.emplace(to_lower(trim(line.substr(0, colon))),
                                      std::string(trim(line.substr(colon + 1))));
  }
  return size;
}

class CurlClient final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request) override;
};

// One easy handle and its header list, released however the exchange ends.
class Handle {
 public:
  Handle() : curl_(curl_library()), easy_(curl_.easy_init()) {
    if (easy_ == nullptr) throw Error(ErrorCode::System, "libcurl gave no handle");
  }
  ~Handle() {
    curl_.easy_cleanup(easy_);
    curl_.slist_free_all(headers_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_.easy_setopt(easy_, option, value) != CURLE_OK) {
      throw Error(ErrorCode::System,
                  "libcurl refused its option " + std::to_string(static_cast<int>(option)));
    }
  }
  void set_text(CURLoption option, const std::string& value) {
    if (!value.empty()) set(option, value.c_str());
  }
  void add_header(const std::string& line) {
    curl_slist* longer = curl_.slist_append(headers_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    headers_ = longer;
  }
  void send_headers() { set(CURLOPT_HTTPHEADER, headers_); }
  CURLcode perform() { return curl_.easy_perform(easy_); }
  const char* explain(CURLcode code) { return curl_.easy_strerror(code); }
  int status() {
    long status = 0;
    curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }

 private:
  const CurlLibrary& curl_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
};

void set_limits(Handle& handle, const HttpRequest& request) {
  handle.set(CURLOPT_NOSIGNAL, 1L);
  handle.set(CURLOPT_FOLLOWLOCATION, 0L);
  handle.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  handle.set(CURLOPT_CONNECTTIMEOUT_MS,
             std::min(10'000L, static_cast<long>(request.timeout.count())));
  handle.set(CURLOPT_PROXY, "");  // none, whatever the environment says
  handle.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  handle.set(CURLOPT_PROTOCOLS_STR, request.allow_plain_http ? "http,https" : "https");
  handle.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  handle.set(CURLOPT_SSL_VERIFYPEER, 1L);
  handle.set(CURLOPT_SSL_VERIFYHOST, 2L);
}

void set_peer(Handle& handle, const HttpRequest& request) {
  // The system's authorities, unless the configuration names others; never SSL_CERT_FILE.
  handle.set_text(CURLOPT_CAINFO,
                  request.ca_file.empty() ? "/etc/ssl/certs/ca-certificates.crt" : request.ca_file);
  handle.set_text(CURLOPT_SSLCERT, request.client_certificate);
  handle.set_text(CURLOPT_SSLKEY, request.client_key);
  handle.set_text(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket);
}

void set_content(Handle& handle, const HttpRequest& request) {
  handle.set(CURLOPT_URL, request.url.c_str());
  handle.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") handle.set(CURLOPT_NOBODY, 1L);
  const bool has_body =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body) {
    handle.set(CURLOPT_POSTFIELDS, request.body.view().data());
    handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    handle.add_header("Expect:");
  }
  bool typed = false;
  for (const auto& [name, value] : request.headers) {
    handle.add_header(name + ": " + value);
    typed = typed || to_lower(name) == "content-type";
  }
  if (has_body && !typed) handle.add_header("Content-Type:");
  handle.send_headers();
}

std::vector<std::string> advice(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
      return {
          "check the address and the network: the way must be direct, as HTTPS_PROXY and its "
          "like are not used"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {
          "ca_file = \"/ABSOLUTE/PATH.pem\"   in the role's table names the authorities of the "
          "server's certificate"};
    case CURLE_SSL_CONNECT_ERROR:
      return {"check the address and its port: what answers there speaks no TLS 1.2 or later"};
    default: return {};
  }
}

HttpResponse CurlClient::send(const HttpRequest& request) {
  const Url url = parse_url(request.url);
  if (url.scheme != "https" && !(request.allow_plain_http && is_local_host(url.host))) {
    throw Error(
        ErrorCode::Provider,
        request.method + " " + url.scheme + "://" + url.host +
            ": plain HTTP goes to this machine only, and where the configuration allows it");
  }
  Exchange exchange;
  Handle handle;
  set_limits(handle, request);
  set_peer(handle, request);
  set_content(handle, request);
  handle.set(CURLOPT_WRITEFUNCTION, &take_body);
  handle.set(CURLOPT_WRITEDATA, &exchange);
  handle.set(CURLOPT_HEADERFUNCTION, &take_header);
  handle.set(CURLOPT_HEADERDATA, &exchange);
  const CURLcode code = handle.perform();
  if (code != CURLE_OK) {
    const std::string why = exchange.refused.empty() ? handle.explain(code) : exchange.refused;
    throw HttpFailure(request.method + " " + url.origin() + ": " + why,
                      code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST,
                      advice(code));
  }
  exchange.response.status = handle.status();
  exchange.response.body = Secret({exchange.buffer.view().data(), exchange.filled});
  return std::move(exchange.response);
}

}  // namespace

HttpFailure::HttpFailure(const std::string& what, bool sent_nothing, std::vector<std::string> hints)
    : Error(ErrorCode::Provider, what, std::move(hints)), sent_nothing_(sent_nothing) {}

std::optional<std::string> HttpResponse::header(const std::string& lower_name) const {
  const auto found = headers.find(lower_name);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::unique_ptr<HttpClient> make_http_client() { return std::make_unique<CurlClient>(); }

}  // namespace prodaccess
