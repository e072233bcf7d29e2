#include "protocols/onboard/routes.hpp"

#include <algorithm>

namespace tf::onboard {
namespace {

struct Route {
  Role role;
  std::string_view name;
  bool json = true;
};
constexpr Route kRoutes[] = {
    {Role::contract, "contracts"},          {Role::credentialing, "subscriptions"},        {Role::credentialing, "hello"},
    {Role::credentialing, "request"},       {Role::credentialing, "envelope"},             {Role::credentialing, "receipt"},
    {Role::registration, "registrations"},  {Role::registration, "registrations/remove"},  {Role::registration, "referral"},
    {Role::phlr, "access", false},          {Role::hss, "credentials"},                    {Role::hss, "suspend"},
    {Role::hss, "authenticate", false},     {Role::provisioning, "deliveries"},            {Role::provisioning, "dm", false},
};

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::contract: return "contract";
    case Role::credentialing: return "credentialing";
    case Role::registration: return "registration";
    case Role::phlr: return "phlr";
    case Role::hss: return "hss";
    case Role::provisioning: break;
  }
  return "provisioning";
}

Result<std::string> route_of(Role role, const wire::HttpRequest& request) {
  const std::string_view path = request.path;
  const std::string_view name = path.starts_with(kPathPrefix) ? path.substr(kPathPrefix.size()) : "";
  const auto* const route = std::ranges::find_if(kRoutes, [&](const Route& one) { return one.role == role && one.name == name; });
  if (route == std::end(kRoutes)) return Error{Code::not_found, "onboard.no_such_route", "there is nothing at this path"};
  if (request.method != "POST") return Error{Code::invalid, "onboard.method", "messages of onboard are sent with POST"};
  if (route->json && request.content_type != "application/json")
    return Error{Code::invalid, "onboard.content_type", "messages of onboard are application/json"};
  if (!request.query.empty()) return Error{Code::invalid, "onboard.query", "messages of onboard have no query"};
  return std::string(name);
}

}  // namespace tf::onboard
