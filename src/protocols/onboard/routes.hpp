// What onboard looks like over HTTP: POST /onboard/v1/<route>, JSON in, JSON out; routes of a role by its table here.
//   contract       contracts
//   credentialing  subscriptions  hello  request  envelope  receipt
//   registration   registrations  registrations/remove  referral
//   phlr           access          (HTTP Digest AKA; no body)
//   hss            credentials  suspend  authenticate (HTTP Digest AKA; no body)
//   provisioning   deliveries  dm (OMA DM: application/vnd.syncml.dm+xml)
#pragma once
#include <string>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace tf::onboard {

inline constexpr std::string_view kPathPrefix = "/onboard/v1/";
enum class Role { contract, credentialing, registration, phlr, hss, provisioning };
std::string_view name_of(Role role);

// The route's name; Code::not_found for one that this role has not, Code::invalid for another method, content type or a query.
Result<std::string> route_of(Role role, const wire::HttpRequest& request);

}  // namespace tf::onboard
