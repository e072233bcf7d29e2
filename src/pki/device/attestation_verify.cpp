// The other end of attestation.cpp, and the card's certificate request.
#include <algorithm>

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/device/attestation.hpp"
#include "pki/build.hpp"
#include "pki/facts.hpp"
#include "pki/oids.hpp"
#include "pki/path/rules.hpp"
#include "wire/encoding.hpp"

namespace tf::pki {
namespace {

Error refused(const char* reason, const char* detail) { return Error{Code::refused, reason, detail}; }

// What factory certificate, channel certificate and attestation have in common: one step below issuer.
Status check_step(const Certificate& child, const Certificate& issuer, std::int64_t at_ms) {
  TF_CHECK(check_form(child.facts()));
  TF_CHECK(check_form(issuer.facts()));
  TF_CHECK(check_validity(child.facts(), at_ms));
  TF_CHECK(check_validity(issuer.facts(), at_ms));
  const Facts& above = issuer.facts();
  if (!above.is_ca || (above.key_usage & KU_KEY_CERT_SIGN) == 0) return refused("pki.untrusted", "its issuer is no certificate authority");
  if (child.facts().self_issued || child.facts().authority_key_id.empty() || child.facts().authority_key_id != above.subject_key_id || !child.is_issued_by(issuer))
    return refused("pki.untrusted", "not issued by this key");
  return {};
}

Status check_leaf_of_factory(const Certificate& leaf, const Certificate& factory, std::string_view name, std::int64_t at_ms) {
  TF_CHECK(check_step(leaf, factory, at_ms));
  const Facts& facts = leaf.facts();
  if (facts.is_ca || !facts.usages.empty() || facts.foreign_usage || facts.common_name != name) return refused("pki.wrong_usage", "not what it is shown for");
  if (facts.subject_serial_number != factory.subject_serial_number()) return refused("pki.wrong_card", "the card's certificates name two cards");
  return {};
}

}  // namespace

Status verify_factory(const std::vector<Certificate>& chain, std::string_view serial, const std::vector<Certificate>& roots, std::int64_t at_ms) {
  if (chain.empty() || chain.size() > 2) return refused("pki.untrusted", "a factory certificate, and perhaps its root");
  const Certificate& factory = chain.front();
  if (factory.subject_serial_number() != serial) return refused("pki.wrong_card", "the factory certificate is another card's");
  const Facts& facts = factory.facts();
  if (!facts.is_ca || facts.path_length != 0 || facts.key_usage != KU_KEY_CERT_SIGN || !facts.usages.empty() || facts.foreign_usage)
    return refused("pki.wrong_usage", "not a factory certificate");
  for (const Certificate& root : roots) {
    if (facts.authority_key_id != root.facts().subject_key_id) continue;
    if (chain.size() == 2 && !(chain[1] == root)) continue;
    TF_CHECK(check_step(factory, root, at_ms));
    return check_link(facts, root.facts(), true);
  }
  return refused("pki.untrusted", "no manufacturer whose root is known");
}

Result<AttestedUse> attested_use(const Certificate& attestation) {
  switch (attestation.facts().key_usage) {
    case KU_DIGITAL_SIGNATURE: return AttestedUse::sign;
    case KU_KEY_ENCIPHERMENT:
    case KU_KEY_AGREEMENT: return AttestedUse::decipher;
    default: return refused("pki.wrong_usage", "a key for signing or for deciphering is attested, not both");
  }
}

Result<Attestation> verify_attestation(const Certificate& attestation, const Certificate& factory, std::int64_t at_ms) {
  TF_CHECK(check_leaf_of_factory(attestation, factory, "card key", at_ms));
  const auto& octets = attestation.facts().statement;
  if (!octets) return refused("pki.wrong_usage", "it attests nothing");
  Attestation out = TF_TRY(decode_attestation(*octets));
  if (out.serial != factory.subject_serial_number()) return refused("pki.wrong_card", "the attestation is another card's");
  return out;
}

Result<crypto::PublicKey> verify_channel(const Certificate& channel, const Certificate& factory, std::int64_t at_ms) {
  TF_CHECK(check_leaf_of_factory(channel, factory, "card channel key", at_ms));
  if (channel.facts().key_usage != KU_KEY_AGREEMENT || channel.facts().statement) return refused("pki.wrong_usage", "not a channel certificate");
  crypto::PublicKey key = TF_TRY(channel.public_key());
  if (key.kind() != crypto::KeyKind::p256) return refused("pki.bad_key", "a channel key is P-256");
  return key;
}

Result<CertificateRequest> make_card_request(std::string_view serial, const EnrolmentNonce& nonce, const crypto::PrivateKey& key) {
  const NameHandle subject = TF_TRY(make_name({}, serial));
  const std::string password = wire::hex_lower(nonce);
  const crypto::X509ReqHandle request(X509_REQ_new());
  const crypto::EvpMdCtx context = TF_TRY(signing_context(key));
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 || X509_REQ_set_subject_name(request.get(), subject.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.native()) != 1 ||
      X509_REQ_add1_attr_by_NID(request.get(), NID_pkcs9_challengePassword, MBSTRING_ASC, as_bytes(password).data(), static_cast<int>(password.size())) != 1 ||
      X509_REQ_sign_ctx(request.get(), context.get()) <= 0)
    return crypto::openssl_error("pki.sign");
  return CertificateRequest::from_der(der_of<i2d_X509_REQ>(request.get()));
}

Result<CardRequest> read_card_request(ByteView der) {
  CardRequest out{.request = TF_TRY(CertificateRequest::from_der(der)), .serial = {}};
  const Error bad{Code::malformed, "pki.request", "not a card's request: serialNumber, and a nonce as challengePassword"};
  const std::uint8_t* at = der.data();
  const crypto::X509ReqHandle request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  const int index = request ? X509_REQ_get_attr_by_NID(request.get(), NID_pkcs9_challengePassword, -1) : -1;
  X509_ATTRIBUTE* const attribute = index < 0 ? nullptr : X509_REQ_get_attr(request.get(), index);
  if (attribute == nullptr || X509_ATTRIBUTE_count(attribute) != 1 || X509_REQ_get_attr_by_NID(request.get(), NID_pkcs9_challengePassword, index) >= 0) {
    ERR_clear_error();
    return bad;
  }
  const ASN1_TYPE* const value = X509_ATTRIBUTE_get0_type(attribute, 0);
  if (value == nullptr || (value->type != V_ASN1_PRINTABLESTRING && value->type != V_ASN1_UTF8STRING)) return bad;
  const std::string text(as_text(octets_of(value->value.asn1_string)));
  const auto nonce = wire::from_hex(text);
  if (!nonce || nonce->size() != out.nonce.size() || wire::hex_lower(*nonce) != text) return bad;
  std::ranges::copy(*nonce, out.nonce.begin());
  out.serial = TF_TRY(attribute_of(X509_REQ_get_subject_name(request.get()), NID_serialNumber));
  if (out.serial.empty()) return bad;
  return out;
}

}  // namespace tf::pki
