// What terminals get stapled to the work certificate: an OCSP response about it by the root's OCSP signer, without a nonce and made
// ahead, so that a hello costs no signature. It lives four hours and is made anew every hour, and when certificates or a
// revocation list were installed.
#pragma once
#include "platform/context.hpp"

namespace tf::platform {

inline constexpr std::int64_t kStapleLifeMs = 4LL * 3600 * 1000;
// It is dated back by as much: a terminal whose clock is behind ours by less does not take it for one of the future.
inline constexpr std::int64_t kStapleSlackMs = 5LL * 60 * 1000;

// The responses about the work certificates in force. Code::not_found "rki.no_ocsp_signer" when no certificate for it is valid now.
Result<std::vector<Stapled>> make_staples(Context& context);
// Makes them and puts them in place; never on the thread of a request. When it fails, which goes to the log, those in place stay as
// long as they hold, and after that there are none: terminals go by the CRL then, and those that want both stop.
void renew_staples(Context& context);

}  // namespace tf::platform
