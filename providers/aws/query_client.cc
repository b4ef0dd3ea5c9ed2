#include "providers/aws/query_client.h"

#include <cstdlib>

#include "core/base/text.h"
#include "providers/aws/sigv4.h"
#include "providers/aws/xml_reply.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kTimeout{10'000};
// A failed exchange is repeated only this long: a server that dribbles is not waited for four
// times.
constexpr Milliseconds kRepeatWithin{15'000};
// Dates have whole seconds, and the reply was under way.
constexpr Milliseconds kCoarse{5'000};
// Below it, a refused signature has another cause.
constexpr Milliseconds kSkewWorthCorrecting{60'000};

Secret form_body(const AwsQuery& query) {
  std::string body = form_encode({{"Action", query.action}, {"Version", query.version}}) +
                     (query.fields.empty() ? "" : "&") + form_encode(query.fields);
  for (const auto& [name, value] : query.secret_fields) {
    body += "&" + name + "=" + percent_encode(value->view());
  }
  return seal(std::move(body));
}

// What the service refused; a body that is not its XML gives an empty code.
AwsRefusal read_refusal(const HttpResponse& response) {
  AwsRefusal refusal;
  refusal.status = response.status;
  try {
    const XmlReply reply(response.body.duplicate(), "the reply");
    refusal.code = reply.anywhere("Code");
    refusal.message = reply.anywhere("Message");
  } catch (const Error&) {
    return refusal;  // a proxy's page, say: the status has to do
  }
  return refusal;
}

bool is_good(const HttpResponse& response) { return response.status == 200; }

}  // namespace

AwsQueryClient::AwsQueryClient(HttpClient& http, const Clock& clock, AwsEndpoint endpoint)
    : http_(http), clock_(clock), endpoint_(std::move(endpoint)) {}

HttpRequest AwsQueryClient::request_for(const AwsQuery& query) const {
  HttpRequest request;
  request.method = "POST";
  request.url = endpoint_.url;
  request.timeout = kTimeout;
  request.allow_plain_http = endpoint_.allow_plain_http;
  request.ca_file = endpoint_.ca_file;
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request.headers.emplace_back("Accept", "text/xml");
  request.body = form_body(query);
  if (query.signer != nullptr) {
    sign_http_request(request, *query.signer,
                      {endpoint_.region, endpoint_.service, clock_.wall_now() + skew_});
  }
  return request;
}

void AwsQueryClient::measure_skew(const HttpResponse& response) {
  const auto date = response.header("date");
  const auto server = date ? parse_http_date(*date) : std::nullopt;
  if (!server) return;
  const auto skew = std::chrono::duration_cast<Milliseconds>(*server - clock_.wall_now());
  skew_ = std::chrono::abs(skew) < kCoarse ? Milliseconds{0} : skew;
}

HttpResponse AwsQueryClient::exchange(const AwsQuery& query) {
  const BootTime began = clock_.boot_now();
  HttpResponse response =
      send_with_retries(http_, request_for(query), [&](const HttpResponse* reply) {
        if (reply != nullptr) return !is_good(*reply) && is_passing(read_refusal(*reply));
        return clock_.boot_now() - began < kRepeatWithin;
      });
  measure_skew(response);
  return response;
}

Secret AwsQueryClient::call(AwsQuery query) {
  query.note.action = query.action;
  query.note.host = parse_url(endpoint_.url).host;
  HttpResponse response = exchange(query);
  if (!is_good(response) && query.signer != nullptr && may_be_clock(read_refusal(response).code) &&
      std::chrono::abs(skew_) >= kSkewWorthCorrecting) {
    response = exchange(query);
  }
  if (is_good(response)) return std::move(response.body);
  query.note.skew = skew_;
  throw AwsError(read_refusal(response), query.note);
}

}  // namespace prodaccess
