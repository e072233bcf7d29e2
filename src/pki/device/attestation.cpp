#include "pki/device/attestation.hpp"

#include <openssl/asn1t.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/build.hpp"
#include "pki/extensions.hpp"
#include "pki/facts.hpp"
#include "pki/oids.hpp"

namespace tf::pki {
namespace {

constexpr std::string_view kFactoryName = "card factory key", kChannelName = "card channel key", kKeyName = "card key";

struct StatementAsn1 {
  ASN1_UTF8STRING* serial;
  ASN1_OCTET_STRING* nonce;
  ASN1_INTEGER* slot;
  ASN1_INTEGER* container;
};
ASN1_SEQUENCE(StatementAsn1) = {
    ASN1_SIMPLE(StatementAsn1, serial, ASN1_UTF8STRING),
    ASN1_SIMPLE(StatementAsn1, nonce, ASN1_OCTET_STRING),
    ASN1_SIMPLE(StatementAsn1, slot, ASN1_INTEGER),
    ASN1_SIMPLE(StatementAsn1, container, ASN1_INTEGER),
} static_ASN1_SEQUENCE_END(StatementAsn1)

void free_statement(StatementAsn1* it) { ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(it), ASN1_ITEM_rptr(StatementAsn1)); }
using StatementHandle = crypto::Handle<StatementAsn1, free_statement>;
int i2d_statement(const StatementAsn1* it, std::uint8_t** out) {
  return ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(it), out, ASN1_ITEM_rptr(StatementAsn1));
}

struct Wanted {
  std::string_view name;
  std::string_view serial;
  std::uint32_t key_usage = 0;
  Bytes statement = {};  // none: empty
};

// Under the factory key, which the rules of pki/path/rules.hpp do not know; with its validity.
Result<Certificate> issue_on_card(const Issuer& factory, const Wanted& wanted, const crypto::PublicKey& key, Random& random) {
  TF_CHECK(check_pair(factory));
  const NameHandle subject = TF_TRY(make_name(wanted.name, wanted.serial));
  const Asn1Integer number = random_serial(random);
  X509* const above = factory.certificate.native();
  const crypto::X509Handle out(X509_new());
  if (!out || X509_set_version(out.get(), X509_VERSION_3) != 1 || X509_set_serialNumber(out.get(), number.get()) != 1 ||
      X509_set_subject_name(out.get(), subject.get()) != 1 || X509_set_issuer_name(out.get(), X509_get_subject_name(above)) != 1 ||
      X509_set1_notBefore(out.get(), X509_get0_notBefore(above)) != 1 || X509_set1_notAfter(out.get(), X509_get0_notAfter(above)) != 1 ||
      X509_set_pubkey(out.get(), key.native()) != 1)
    return crypto::openssl_error("pki.build");
  TF_CHECK(add_basic_constraints(out.get(), std::nullopt));
  TF_CHECK(add_key_usage(out.get(), wanted.key_usage));
  TF_CHECK(add_key_ids(out.get(), key_id_of(out.get()), factory.certificate.facts().subject_key_id));
  if (!wanted.statement.empty()) {
    const Asn1Octets value(ASN1_OCTET_STRING_new());
    crypto::must(value && ASN1_OCTET_STRING_set(value.get(), wanted.statement.data(), static_cast<int>(wanted.statement.size())) == 1, "attestation");
    TF_CHECK(ExtensionTarget(out.get()).add(
        crypto::Handle<X509_EXTENSION, X509_EXTENSION_free>(X509_EXTENSION_create_by_OBJ(nullptr, oid::attestation(), 0, value.get()))));
  }
  const crypto::EvpMdCtx context = TF_TRY(signing_context(factory.key));
  if (X509_sign_ctx(out.get(), context.get()) <= 0) return crypto::openssl_error("pki.sign");
  return Certificate::from_der(der_of<i2d_X509>(out.get()));
}

}  // namespace

Result<Bytes> encode_attestation(const Attestation& statement) {
  const StatementHandle it(reinterpret_cast<StatementAsn1*>(ASN1_item_new(ASN1_ITEM_rptr(StatementAsn1))));
  const auto& text = statement.serial;
  if (text.empty() || text.size() > 64) return Error{Code::invalid, "pki.name", "no serial"};
  crypto::must(it && ASN1_STRING_set(it->serial, text.data(), static_cast<int>(text.size())) == 1 &&
                   ASN1_OCTET_STRING_set(it->nonce, statement.nonce.data(), static_cast<int>(statement.nonce.size())) == 1 &&
                   ASN1_INTEGER_set(it->slot, statement.slot) == 1 && ASN1_INTEGER_set(it->container, statement.container) == 1,
               "attestation");
  return der_of<i2d_statement>(it.get());
}

Result<Attestation> decode_attestation(ByteView der) {
  const Error bad{Code::malformed, "pki.attestation", "the attestation does not parse"};
  const std::uint8_t* at = der.data();
  if (der.empty() || der.size() > 256) return bad;
  const StatementHandle it(reinterpret_cast<StatementAsn1*>(ASN1_item_d2i(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(StatementAsn1))));
  ERR_clear_error();
  if (!it || !std::ranges::equal(der_of<i2d_statement>(it.get()), der)) return bad;
  Attestation out{.serial = std::string(as_text(octets_of(it->serial)))};
  const ByteView nonce = octets_of(it->nonce);
  std::int64_t slot = -1, container = -1;
  if (nonce.size() != out.nonce.size() || ASN1_INTEGER_get_int64(&slot, it->slot) != 1 || ASN1_INTEGER_get_int64(&container, it->container) != 1 || slot < 0 ||
      slot > 255 || container < 0 || container > 255 || out.serial.empty() || out.serial.size() > 64)
    return bad;
  std::ranges::copy(nonce, out.nonce.begin());
  out.slot = static_cast<std::uint8_t>(slot);
  out.container = static_cast<std::uint8_t>(container);
  return out;
}

Result<Certificate> issue_factory_certificate(const Issuer& root, std::string_view serial, const crypto::PublicKey& key, Term term, Random& random) {
  const Plan plan{.common_name = std::string(kFactoryName), .serial_number = std::string(serial), .ca_path_length = 0, .key_usage = KU_KEY_CERT_SIGN};
  return build_issued(plan, key, root, term, random);
}

Result<Certificate> issue_channel_certificate(const Issuer& factory, std::string_view serial, const crypto::PublicKey& key, Random& random) {
  if (key.kind() != crypto::KeyKind::p256) return Error{Code::refused, "pki.bad_key", "a channel key is P-256"};
  return issue_on_card(factory, {kChannelName, serial, KU_KEY_AGREEMENT}, key, random);
}

Result<Certificate> attest(const Issuer& factory, const Attestation& statement, AttestedUse use, const crypto::PublicKey& key, Random& random) {
  const std::uint32_t decipher = key.kind() == crypto::KeyKind::rsa ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT;
  return issue_on_card(factory, {kKeyName, statement.serial, use == AttestedUse::sign ? KU_DIGITAL_SIGNATURE : decipher, TF_TRY(encode_attestation(statement))}, key, random);
}

}  // namespace tf::pki
