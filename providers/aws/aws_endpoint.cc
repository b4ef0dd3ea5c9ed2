#include "providers/aws/aws_endpoint.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

struct Partition {
  std::string_view prefix;  // of its regions
  std::string_view name;
  std::string_view suffix;  // of its hosts
  std::string_view home;    // the region that signs for services without regions
};

// The last is for all other regions.
constexpr std::array<Partition, 5> kPartitions{
    Partition{"cn-", "aws-cn", "amazonaws.com.cn", "cn-north-1"},
    Partition{"us-gov-", "aws-us-gov", "amazonaws.com", "us-gov-west-1"},
    Partition{"eusc-", "aws-eusc", "amazonaws.eu", "eusc-de-east-1"},
    Partition{"us-iso-", "aws-iso", "c2s.ic.gov", "us-iso-east-1"},
    Partition{"", "aws", "amazonaws.com", "us-east-1"}};

const Partition& partition_of(std::string_view region) {
  return *std::find_if(kPartitions.begin(), kPartitions.end(), [&](const Partition& partition) {
    return region.starts_with(partition.prefix);
  });
}

}  // namespace

std::string_view aws_partition(std::string_view region) { return partition_of(region).name; }

bool is_aws_region(std::string_view text) {
  return text.size() >= 5 && text.size() <= 32 && text.find('-') != std::string_view::npos &&
         text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

AwsEndpoint aws_endpoint(const std::string& service, const std::string& region,
                         const std::string& url) {
  const Partition& partition = partition_of(region);
  AwsEndpoint endpoint;
  endpoint.service = service;
  // IAM has no regions: one host, signed as the partition's first.
  endpoint.region = service == "iam" ? std::string(partition.home) : region;
  if (url.empty()) {
    const std::string host = service == "iam" ? "iam" : service + "." + region;
    endpoint.url = "https://" + host + "." + std::string(partition.suffix) + "/";
    return endpoint;
  }
  const Url parts = parse_url(url);
  if (parts.path != "/" || !parts.query.empty()) {
    throw Error(ErrorCode::Config, "an AWS endpoint is a URL without path or query, not \"" +
                                       escape_for_terminal(url) + "\"");
  }
  endpoint.allow_plain_http = parts.scheme == "http";
  if (endpoint.allow_plain_http && !is_local_host(parts.host)) {
    throw Error(ErrorCode::Config,
                "an AWS endpoint elsewhere must be https: " + escape_for_terminal(url));
  }
  endpoint.url = parts.origin() + "/";
  return endpoint;
}

}  // namespace prodaccess
