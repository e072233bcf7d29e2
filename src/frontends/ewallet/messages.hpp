// The messages of an e-wallet of the Alipay kind, signed and verified: RSA2 is RSASSA-PKCS1-v1_5 with SHA-256.
#pragma once
#include <functional>
#include <string>

#include "frontends/ewallet/settings.hpp"
#include "frontends/signed_form.hpp"
#include "wire/json.hpp"

namespace tf::frontends::ewallet {

using Sign = std::function<Result<Bytes>(ByteView data)>;

// The whole form of one call; biz_content is JSON text. notify: with our notify_url.
Result<Fields> make_request(const Settings& settings, const std::string& method, const std::string& biz_content,
                            std::int64_t now_ms, bool notify, const Sign& sign);
// What is signed of a request or notification.
std::string signed_text(const Fields& fields, bool with_sign_type);

// The member METHOD_response of a response, verified over its very bytes as they came, and only then parsed.
// Code::malformed "ewallet.response" for another shape, Code::refused "ewallet.signature".
Result<wire::JsonObject> open_response(std::string_view body, std::string_view method, const crypto::PublicKey& gateway_key);
// A notification's fields. Code::refused "ewallet.signature", Code::malformed "frontends.form".
Result<Fields> open_notification(std::string_view body, const Settings& settings);

// "alipay.trade.pay" is answered in "alipay_trade_pay_response".
std::string node_name(std::string_view method);

}  // namespace tf::frontends::ewallet
