#include "pki/leaf/leaf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/durations.hpp"
#include "crypto/digest.hpp"
#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/build.hpp"
#include "pki/extensions.hpp"
#include "pki/facts.hpp"
#include "pki/leaf/names.hpp"
#include "pki/leaf/parts.hpp"
#include "pki/lint/outline.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki {
namespace {

constexpr std::int64_t kBackdatedMs = 300'000;

using crypto::must;

Status add_extended_usages(ExtensionTarget to, const Profile& profile) {
  if (profile.extended_key_usages.empty()) return {};
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> value(EXTENDED_KEY_USAGE_new());
  for (const std::string& dotted : profile.extended_key_usages) {
    ASN1_OBJECT* object = OBJ_txt2obj(dotted.c_str(), 1);
    must(object != nullptr && sk_ASN1_OBJECT_push(value.get(), object) > 0, "extKeyUsage");
  }
  const bool critical = profile.critical_extensions.contains(words::kExtKeyUsage);
  return to.add(NID_ext_key_usage, value.get(), critical);
}

Status add_extensions(ExtensionTarget to, const LeafPlan& plan, const Bytes& key_id, UnsignedLeaf& leaf) {
  const Profile& profile = plan.profile;
  TF_CHECK(add_basic_constraints(to, {}));
  TF_CHECK(add_key_usage(to, profile.key_usage));
  TF_CHECK(add_extended_usages(to, profile));
  TF_CHECK(add_key_ids(to, key_id, plan.issuer.facts().subject_key_id));
  TF_CHECK(add_alternative_names(to, plan.names, profile.critical_extensions.contains(words::kSubjectAltName)));
  const Shard shard = TF_TRY(shard_for(leaf.serial_hex, plan.places.crl_pattern, plan.places.shards));
  leaf.shard = shard.index;
  if (profile.crl_distribution_point) TF_CHECK(add_crl_distribution_point(to, shard.url));
  if (profile.ocsp_url) TF_CHECK(add_ocsp_url(to, plan.places.ocsp_url));
  if (profile.purpose == ProfilePurpose::ocsp_signer) TF_CHECK(add_ocsp_nocheck(to));
  return {};
}

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * list) const { sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free); }
};
using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

constexpr std::uint8_t kVersion3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};  // [0] EXPLICIT INTEGER 2

// Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }
Bytes encoded(X509_EXTENSION* extension) {
  static constexpr std::uint8_t kTrue[] = {V_ASN1_BOOLEAN, 1, 0xff};
  const ASN1_OBJECT* kind = X509_EXTENSION_get_object(extension);
  const bool critical = X509_EXTENSION_get_critical(extension) == 1;
  return tlv(kSequence, {tlv({V_ASN1_OBJECT}, {ByteView(OBJ_get0_data(kind), OBJ_length(kind))}), critical ? ByteView(kTrue) : ByteView(),
                         tlv({V_ASN1_OCTET_STRING}, {octets_of(X509_EXTENSION_get_data(extension))})});
}

// TBSCertificate (RFC 5280 §4.1) of what was linted.
Bytes encoded(const Outline& outline, const X509_ALGOR* signature, ByteView spki) {
  const Bytes serial = der_of<i2d_ASN1_INTEGER>(outline.serial), algorithm = der_of<i2d_X509_ALGOR>(signature);
  const Bytes validity = tlv(kSequence, {der_of<i2d_ASN1_TIME>(outline.not_before), der_of<i2d_ASN1_TIME>(outline.not_after)});
  const Bytes issuer = der_of<i2d_X509_NAME>(outline.issuer), subject = der_of<i2d_X509_NAME>(outline.subject);
  for (const Bytes* part : {&serial, &algorithm, &validity, &issuer, &subject}) must(!part->empty(), "TBSCertificate");
  Bytes extensions;
  for (int i = 0; i < sk_X509_EXTENSION_num(outline.extensions); ++i) append(extensions, encoded(sk_X509_EXTENSION_value(outline.extensions, i)));
  return tlv(kSequence, {kVersion3, serial, algorithm, issuer, validity, subject, spki, tlv(explicit_tag(3), {tlv(kSequence, {extensions})})});
}

}  // namespace

Status check_key(const LeafPlan& plan) {
  const Profile& profile = plan.profile;
  if (plan.key.kind() == crypto::KeyKind::p256) {
    if (profile.p256) return {};
  } else if (const int bits = plan.key.bits(); profile.rsa && bits >= profile.rsa_bits_min && bits <= profile.rsa_bits_max) {
    return {};
  }
  return Error{Code::refused, "pki.bad_key",
               fmt::format("profile {} is for {}{}{}", profile.name, profile.p256 ? "P-256 keys" : "", profile.p256 && profile.rsa ? " and " : "",
                           profile.rsa ? fmt::format("RSA keys of {} to {} bits", profile.rsa_bits_min, profile.rsa_bits_max) : "")};
}

Status set_validity(const LeafPlan& plan, UnsignedLeaf& leaf) {
  const int days = plan.days == 0 ? plan.profile.validity_days_max : plan.days;
  if (days < 1 || days > plan.profile.validity_days_max)
    return Error{Code::invalid, "pki.term", fmt::format("profile {} allows 1 to {} days", plan.profile.name, plan.profile.validity_days_max)};
  const auto whole = [](std::int64_t ms) { return ms / 1000 * 1000; };
  leaf.not_before_ms = whole(std::max(plan.now_ms - kBackdatedMs, plan.issuer.not_before_ms()));
  leaf.not_after_ms = whole(std::min(plan.now_ms + days * kDayMs, plan.issuer.not_after_ms()));
  if (leaf.not_after_ms > plan.now_ms && plan.now_ms >= plan.issuer.not_before_ms()) return {};
  return Error{Code::refused, "pki.outlives_issuer", "the issuing authority's certificate is not valid now"};
}

Bytes key_id_of(ByteView spki) {
  const ByteView contents = first_element(spki, true);
  const ByteView algorithm = first_element(contents, false);
  const ByteView octets = first_element(contents.subspan(algorithm.size()), true).subspan(1);  // after the number of unused bits
  const Hash256 hash = crypto::sha256(octets);
  return {hash.begin(), hash.begin() + 20};
}

Result<UnsignedLeaf> build_leaf(const LeafPlan& plan, Random& random) {
  TF_CHECK(check_key(plan));
  TF_CHECK(check_names(plan.names, plan.profile));
  UnsignedLeaf leaf;
  leaf.issuer_kind = TF_TRY(plan.issuer.public_key()).kind();
  leaf.spki = plan.key.spki();
  const Asn1Integer serial = random_serial(random);
  leaf.serial_hex = TF_TRY(serial_hex_of(serial.get()));
  const NameHandle subject = TF_TRY(subject_of(plan.names));
  TF_CHECK(set_validity(plan, leaf));
  const Asn1Time from = asn1_time(leaf.not_before_ms), until = asn1_time(leaf.not_after_ms);
  if (!from || !until) return crypto::openssl_error("pki.build");
  STACK_OF(X509_EXTENSION)* list = nullptr;
  const Status added = add_extensions(list, plan, key_id_of(leaf.spki), leaf);
  const Extensions extensions(list);
  TF_CHECK(added);
  const Outline outline{.version = X509_VERSION_3, .serial = serial.get(), .issuer = X509_get_subject_name(plan.issuer.native()), .subject = subject.get(),
                        .not_before = from.get(), .not_after = until.get(), .key_algorithm = key_algorithm(plan.key.kind()),
                        .extensions = extensions.get()};
  TF_CHECK(refuse_errors(lint_outline(outline, {.issuer = plan.issuer, .profile = &plan.profile, .now_ms = plan.now_ms, .key = &plan.key})));
  leaf.tbs = encoded(outline, signature_algorithm(leaf.issuer_kind), leaf.spki);
  return leaf;
}

// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING } (RFC 5280 §4.1)
Result<Bytes> sign_leaf(const UnsignedLeaf& leaf, const crypto::PrivateKey& key) {
  constexpr std::uint8_t kNoUnusedBits[] = {0x00};
  if (key.kind() != leaf.issuer_kind) return Error{Code::invalid, "pki.issuer_key", "the private key is not that of the issuer's certificate"};
  const Bytes signature = TF_TRY(signature_of(key, leaf.tbs));
  const Bytes algorithm = der_of<i2d_X509_ALGOR>(signature_algorithm(leaf.issuer_kind));
  return tlv(kSequence, {leaf.tbs, algorithm, tlv({V_ASN1_BIT_STRING}, {kNoUnusedBits, signature})});
}

}  // namespace tf::pki
