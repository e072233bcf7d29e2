// HTTP Digest AKA as a route has it (hss/digest.hpp): who calls, or the 401 that goes back to him.
#pragma once
#include <string>
#include <variant>

#include "hss/digest.hpp"
#include "platform/onboard/directory.hpp"
#include "wire/http.hpp"

namespace tf::platform {

// The server of a role's realm, for both algorithms.
Result<std::unique_ptr<hss::DigestServer>> open_digest(OnboardOpened& opened, const std::string& realm, hss::Subscribers& subscribers, crypto::Amf amf = hss::kSeparated);

// subject: the user as he says, for the audit trail. route: for refusals, where a challenge to somebody unknown is recorded too. Code::refused
// "onboard.user_missing" when no Authorization names him, and those of hss::DigestServer.
Result<std::variant<hss::Imsi, wire::HttpResponse>> prove_by_digest(OnboardOpened& opened, hss::DigestServer& digest, const wire::HttpRequest& request, const char* route, std::string& subject);

}  // namespace tf::platform
