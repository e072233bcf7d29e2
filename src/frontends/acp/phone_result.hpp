// What the phone brings back from the network's own gateway: {"data":"pay_result=success&tn=…&cert_id=…","sign":"…"}, signed as
// ACP messages are. It says how the order of that tn ended; the amount is what the order was made with. The books end the
// payment by a query or a notification; this tells whether to expect one.
#pragma once
#include <string>
#include <string_view>

#include "frontends/acp/settings.hpp"

namespace tf::frontends::acp {

enum class PhoneResult { success, fail, cancel };

// tn: of the order, as order_for_phone gave it. Code::malformed "acp.phone_result"; Code::refused "acp.signer" for a
// certificate that we do not know or that is over, "acp.signature", "acp.another_order".
Result<PhoneResult> open_phone_result(std::string_view json, std::string_view tn, const Settings& settings, std::int64_t now_ms);

}  // namespace tf::frontends::acp
