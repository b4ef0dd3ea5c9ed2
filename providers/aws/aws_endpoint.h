// Where an AWS service answers, and how requests to it are signed. Pure.
// AWS SDKs and Tools Reference, "AWS STS Regional endpoints".
#pragma once

#include <string>
#include <string_view>

namespace prodaccess {

struct AwsEndpoint {
  std::string url;                // without a path
  std::string region;             // of the signature
  std::string service;            // "sts", "iam"
  bool allow_plain_http = false;  // loopback only
  std::string ca_file;            // "": the system's
};

// The service's own regional endpoint ("sts", "eu-west-1"); the partition follows from the region.
// `url`: another one, that trusted configuration names; "": the service's own.
AwsEndpoint aws_endpoint(const std::string& service, const std::string& region,
                         const std::string& url = "");

// "aws", "aws-cn", "aws-us-gov", "aws-eusc", ...: from the region's name.
std::string_view aws_partition(std::string_view region);
bool is_aws_region(std::string_view text);

}  // namespace prodaccess
