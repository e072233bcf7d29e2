#include "frontends/acp/messages.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "crypto/jose/rs256.hpp"
#include "pki/path/foreign_path.hpp"
#include "wire/encoding.hpp"

namespace tf::frontends::acp {
namespace {

constexpr std::int64_t kBelieved_ms = 60'000;

}  // namespace

std::string signed_digest(const Fields& fields) {
  return wire::hex_lower(crypto::sha256(as_bytes(joined(fields, {"signature"}, Empties::kept))));
}

Result<Fields> sign_fields(Fields fields, const std::string& cert_id, const Sign& sign) {
  fields["version"] = "5.1.0";
  fields["encoding"] = "UTF-8";
  fields["signMethod"] = "01";
  fields["certId"] = cert_id;
  std::erase_if(fields, [](const auto& field) { return field.second.empty() || field.first == "signature"; });
  fields["signature"] = wire::base64(TF_TRY(sign(as_bytes(signed_digest(fields)))));
  return fields;
}

Result<crypto::PublicKey> Verifier::signer(const std::string& pem, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (good_ && good_->pem == pem && now_ms < good_->until_ms && now_ms > good_->until_ms - 2 * kBelieved_ms) return good_->key;
  const auto certificate = TF_TRY(pki::Certificate::from_pem(pem));
  TF_CHECK(pki::validate_foreign_path({certificate, trust_.intermediates, trust_.anchors, now_ms}));
  if (!trust_.signer.empty() && certificate.common_name() != trust_.signer)
    return Error{Code::refused, "acp.signer", "a certificate of somebody else: " + certificate.subject_text()};
  good_ = Good{pem, std::min(now_ms + kBelieved_ms, certificate.not_after_ms()), TF_TRY(certificate.public_key())};
  return good_->key;
}

Status Verifier::verify(const Fields& fields, std::int64_t now_ms) {
  if (value_of(fields, "version") != "5.1.0" || value_of(fields, "signMethod") != "01")
    return Error{Code::malformed, "acp.answer", "neither version 5.1.0 nor signMethod 01"};
  const auto key = TF_TRY(signer(value_of(fields, "signPubKeyCert"), now_ms));
  const auto signature = wire::from_base64(value_of(fields, "signature"));
  if (!signature || !crypto::verify_rs256(key, as_bytes(signed_digest(fields)), *signature))
    return Error{Code::refused, "acp.signature", "not signed by the certificate that came with it"};
  return {};
}

}  // namespace tf::frontends::acp
