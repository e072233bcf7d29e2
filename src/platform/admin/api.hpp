// /admin/v1: every endpoint, who may call it, and what it does. The table in api.cpp is the whole authorisation: it
// is looked up before anything of the request is read, and what is not in it is denied.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/context.hpp"
#include "platform/admin/roles.hpp"
#include "wire/http.hpp"

namespace tf::platform {

// One authorised call. words: the parts of the path that the endpoint's pattern left open, in order.
struct AdminCall {
  const wire::HttpRequest& request;
  Operator caller;
  std::vector<std::string> words;
  [[nodiscard]] std::string actor() const { return "operator:" + caller.name; }
};

using AdminHandler = Result<wire::HttpResponse> (*)(Context&, const AdminCall&);

struct Endpoint {
  std::string_view method;
  std::string_view path;  // "{}" stands for one word
  Roles roles;
  AdminHandler handler;
};
std::span<const Endpoint> admin_endpoints();

// Authenticates, authorises, dispatches. Refusals of authorisation are audited with the operator's name.
wire::HttpResponse handle_admin(Context& context, const wire::HttpRequest& request);

}  // namespace tf::platform
