// S07–S08: both codes shown, certificate or file taken.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/terminal.hpp"
#include "protocols/wallet/user_key.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::wallet {
namespace {

const Error kNotThePlatform{Code::refused, "wallet.platform_mac", "the answer was not made by who knows both codes"};

Activating activating(const KnownPlatform& platform, const RegisterUnderWay& registering, std::string_view registration, ByteView thumbprint,
                      std::string_view nonce_p) {
  return {platform.name, registration, registering.subscriber.number, thumbprint, nonce_p};
}

Bytes thumbprint_of(const RegisterUnderWay& registering) {
  return registering.key ? to_bytes(key_thumbprint(registering.key->public_key())) : Bytes();
}

}  // namespace

Result<ActivateUnderWay> begin_activate(const KnownPlatform& platform, const RegisterUnderWay& registering, const Registered& registered,
                                        const Secret<32>& codes, const Challenge& challenge, Random& random) {
  const Bytes thumbprint = thumbprint_of(registering);
  const Activating what = activating(platform, registering, registered.registration, thumbprint, challenge.nonce);
  const Bytes fields = activating_fields(label::activate_request, what);
  ActivateContent content{platform.name, registered.registration, challenge.nonce, {}, {}};
  content.mac = crypto::hmac_sha256(derive(codes, registered.registration, label::activate_request).reveal(), fields);
  if (registering.key) {
    wire::JsonWriter payload;
    payload.begin_object().member("digest", wire::base64url(crypto::sha256(fields))).end_object();
    content.proof = TF_TRY(sign_jws(*registering.key, typ::proof, payload.text()));
  }
  const SecretBytes plain = encode(content);
  const std::string jwe = TF_TRY(crypto::jwe_seal_to(platform.encryption_key, platform.encryption_kid, random, typ::activate, plain.reveal()));
  return ActivateUnderWay{registered.registration, challenge.nonce, encode_jwe(jwe)};
}

Result<std::optional<pki::Certificate>> finish_activate(const KnownPlatform& platform, const RegisterUnderWay& registering, const ActivateUnderWay& sent,
                                                        const Secret<32>& codes, std::string_view body) {
  const ActivateAnswer answer = TF_TRY(decode_activate_answer(body));
  const Bytes thumbprint = thumbprint_of(registering);
  const Activating what = activating(platform, registering, sent.registration, thumbprint, sent.nonce_p);
  const Secret<32> key = derive(codes, sent.registration, label::activate_answer);
  if (!crypto::verify_hmac_sha256(key.reveal(), activating_fields(label::activate_answer, what, answer.certificate), answer.mac)) return kNotThePlatform;
  if (answer.certificate.empty() == registering.key.has_value())
    return Error{Code::refused, "wallet.other_certificate", "a certificate where a file was asked for, or none where one was"};
  if (answer.certificate.empty()) return std::optional<pki::Certificate>();
  pki::Certificate certificate = TF_TRY(pki::Certificate::from_der(answer.certificate));
  if (TF_TRY(certificate.public_key()).spki() != registering.key->public_key().spki() || certificate.common_name() != registering.subscriber.number)
    return Error{Code::refused, "wallet.other_certificate", "the certificate is for another key or number"};
  return std::optional(std::move(certificate));
}

ActivateUnderWay begin_fetch(const KnownPlatform& platform, const RegisterUnderWay& registering, const Registered& registered, const Secret<32>& codes,
                             const Challenge& challenge) {
  const Activating what = activating(platform, registering, registered.registration, {}, challenge.nonce);
  const Secret<32> key = derive(codes, registered.registration, label::file_request);
  const FileRequest request{registered.registration, challenge.nonce, crypto::hmac_sha256(key.reveal(), activating_fields(label::file_request, what))};
  return {registered.registration, challenge.nonce, encode(request)};
}

Result<std::optional<Bytes>> finish_fetch(const KnownPlatform& platform, const RegisterUnderWay& registering, const ActivateUnderWay& sent,
                                          const Secret<32>& codes, std::string_view body) {
  FileAnswer answer = TF_TRY(decode_file_answer(body));
  const Activating what = activating(platform, registering, sent.registration, {}, sent.nonce_p);
  const Secret<32> key = derive(codes, sent.registration, label::file_answer);
  if (!crypto::verify_hmac_sha256(key.reveal(), activating_fields(label::file_answer, what, answer.file), answer.mac)) return kNotThePlatform;
  if (answer.file.empty()) return std::optional<Bytes>();
  return std::optional(std::move(answer.file));
}

}  // namespace tf::wallet
