#include "frontends/acp/phone_result.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose/rs256.hpp"
#include "frontends/signed_form.hpp"
#include "pki/path/foreign_path.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::frontends::acp {
namespace {

Result<crypto::PublicKey> key_of(const std::string& cert_id, const Settings& settings, std::int64_t now_ms) {
  for (const pki::Certificate& certificate : settings.phone_signers) {
    if (pki::decimal_serial(certificate) != cert_id) continue;
    TF_CHECK(pki::validate_foreign_path({certificate, settings.trust.intermediates, settings.trust.anchors, now_ms}));
    return certificate.public_key();
  }
  return Error{Code::refused, "acp.signer", "no certificate of that number is known"};
}

Result<PhoneResult> named(const std::string& text) {
  if (text == "success") return PhoneResult::success;
  if (text == "fail") return PhoneResult::fail;
  if (text == "cancel") return PhoneResult::cancel;
  return Error{Code::malformed, "acp.phone_result", "a result that is none"};
}

}  // namespace

Result<PhoneResult> open_phone_result(std::string_view json, std::string_view tn, const Settings& settings, std::int64_t now_ms) {
  auto object = TF_TRY(wire::JsonObject::parse(json));
  const std::string data = TF_TRY(object.text("data"));
  const Bytes signature = TF_TRY(wire::from_base64(TF_TRY(object.text("sign"))));
  TF_CHECK(object.finish());
  const Fields fields = TF_TRY(parse_plain_form(data));
  const auto key = TF_TRY(key_of(value_of(fields, "cert_id"), settings, now_ms));
  if (!crypto::verify_rs256(key, as_bytes(wire::hex_lower(crypto::sha256(as_bytes(data)))), signature))
    return Error{Code::refused, "acp.signature", "not signed by the network's gateway"};
  if (tn.empty() || value_of(fields, "tn") != tn) return Error{Code::refused, "acp.another_order", "the result of another order"};
  return named(value_of(fields, "pay_result"));
}

}  // namespace tf::frontends::acp
