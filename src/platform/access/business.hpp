// What business services get from access over their client certificate: keys derived for them alone, and the state of a
// ticket for those that cannot verify it offline.
#pragma once
#include <string>

#include "platform/access/service.hpp"
#include "wire/http.hpp"

namespace tf::platform {

// POST /access/v1/service-key {"key_id"} → {"key", "key_time", "service"}: K("access service", context = the peer's name) of
// that DKey, which stays in the vault. POST /access/v1/introspect {"token"} → {"active", …claims} (RFC 7662).
// Code::denied for who is no service in office or not named as a client of the key's service.
Result<std::string> serve_business(Context& context, const AccessSettings& settings, const wire::HttpRequest& request);

}  // namespace tf::platform
