// The certificate of the platform's listeners: a year long, issued by the operations CA, renewed by the platform itself.
#pragma once
#include "pki/issuer.hpp"
#include "platform/context.hpp"

namespace tf::platform {

inline constexpr std::int64_t kTlsRenewalDays = 30;  // before its end

// For the names a configuration lists, addresses and host names.
Result<pki::Certificate> issue_tls_certificate(const pki::Issuer& operations_ca, const std::vector<std::string>& names,
                                               const crypto::PublicKey& key, std::int64_t now_ms, Random& random);

// A new one when the one in use is near its end or over; audited. True: there is a new one, to be taken into use.
Result<bool> renew_tls_certificate(Context& context);

}  // namespace tf::platform
