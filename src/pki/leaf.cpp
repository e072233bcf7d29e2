#include "pki/leaf.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/build.hpp"
#include "pki/extensions.hpp"
#include "pki/facts.hpp"
#include "pki/leaf_names.hpp"
#include "pki/lint/lint.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kBackdatedMs = 300'000;

using crypto::must;

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

Status set_validity(X509* out, const LeafPlan& plan, UnsignedLeaf& leaf) {
  const int days = plan.days == 0 ? plan.profile.validity_days_max : plan.days;
  if (days < 1 || days > plan.profile.validity_days_max)
    return Error{Code::invalid, "pki.term", fmt::format("profile {} allows 1 to {} days", plan.profile.name, plan.profile.validity_days_max)};
  const auto whole = [](std::int64_t ms) { return ms / 1000 * 1000; };
  leaf.not_before_ms = whole(std::max(plan.now_ms - kBackdatedMs, plan.issuer.not_before_ms()));
  leaf.not_after_ms = whole(std::min(plan.now_ms + days * kDayMs, plan.issuer.not_after_ms()));
  if (leaf.not_after_ms <= plan.now_ms || plan.now_ms < plan.issuer.not_before_ms())
    return Error{Code::refused, "pki.outlives_issuer", "the issuing authority's certificate is not valid now"};
  const Asn1Time from = asn1_time(leaf.not_before_ms), to = asn1_time(leaf.not_after_ms);
  if (!from || !to || X509_set1_notBefore(out, from.get()) != 1 || X509_set1_notAfter(out, to.get()) != 1)
    return crypto::openssl_error("pki.build");
  return {};
}

// The key's octets as they are. Gives the key identifier: RFC 7093 §2, method 1.
Result<Bytes> set_key(X509* out, const crypto::PublicKey& key) {
  X509_PUBKEY* const place = X509_get_X509_PUBKEY(out);
  Bytes octets;
  if (key.kind() == crypto::KeyKind::p256) {
    const auto point = key.point();
    octets.assign(point.begin(), point.end());
  } else {
    const Bytes spki = key.spki();
    const std::uint8_t* at = spki.data();
    const crypto::Handle<X509_PUBKEY, X509_PUBKEY_free> read(d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    const std::uint8_t* rsa = nullptr;
    int size = 0;
    if (!read || X509_PUBKEY_get0_param(nullptr, &rsa, &size, nullptr, read.get()) != 1) return crypto::openssl_error("pki.build");
    octets.assign(rsa, rsa + size);
  }
  const bool p256 = key.kind() == crypto::KeyKind::p256;
  auto* const copy = static_cast<std::uint8_t*>(OPENSSL_memdup(octets.data(), octets.size()));
  if (copy == nullptr || X509_PUBKEY_set0_param(place, OBJ_nid2obj(p256 ? NID_X9_62_id_ecPublicKey : NID_rsaEncryption), p256 ? V_ASN1_OBJECT : V_ASN1_NULL,
                                                p256 ? OBJ_nid2obj(NID_X9_62_prime256v1) : nullptr, copy, static_cast<int>(octets.size())) != 1) {
    OPENSSL_free(copy);
    return crypto::openssl_error("pki.build");
  }
  const Hash256 hash = crypto::sha256(octets);
  return Bytes(hash.begin(), hash.begin() + 20);
}

Status add_extended_usages(X509* to, const Profile& profile) {
  if (profile.extended_key_usages.empty()) return {};
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> value(EXTENDED_KEY_USAGE_new());
  for (const std::string& dotted : profile.extended_key_usages) {
    ASN1_OBJECT* object = OBJ_txt2obj(dotted.c_str(), 1);
    must(object != nullptr && sk_ASN1_OBJECT_push(value.get(), object) > 0, "extKeyUsage");
  }
  const bool critical = profile.critical_extensions.contains(words::kExtKeyUsage);
  if (X509_add1_ext_i2d(to, NID_ext_key_usage, value.get(), critical ? 1 : 0, X509V3_ADD_DEFAULT) != 1) return crypto::openssl_error("pki.build");
  return {};
}

Status add_extensions(X509* to, const LeafPlan& plan, const Bytes& key_id, UnsignedLeaf& leaf) {
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

Bytes header(int tag, int xclass, bool constructed, std::size_t size) {
  std::uint8_t buffer[16];
  std::uint8_t* at = buffer;
  ASN1_put_object(&at, constructed ? 1 : 0, static_cast<int>(size), tag, xclass);
  return {buffer, at};
}

Result<Bytes> signature_of(const crypto::PrivateKey& key, ByteView tbs) {
  const crypto::EvpMdCtx context = TF_TRY(signing_context(key));
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, tbs.data(), tbs.size()) != 1) return crypto::openssl_error("pki.sign");
  Bytes out(size);
  if (EVP_DigestSign(context.get(), out.data(), &size, tbs.data(), tbs.size()) != 1) return crypto::openssl_error("pki.sign");
  out.resize(size);
  return out;
}

}  // namespace

Bytes spki_of(const crypto::PublicKey& key) {
  if (key.kind() == crypto::KeyKind::rsa) return key.spki();
  // id-ecPublicKey, prime256v1 (RFC 5480 §2.1.1)
  static constexpr std::uint8_t kP256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                           0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
  Bytes out(std::begin(kP256), std::end(kP256));
  const auto point = key.point();
  out.insert(out.end(), point.begin(), point.end());
  return out;
}

Result<UnsignedLeaf> build_leaf(const LeafPlan& plan, Random& random) {
  TF_CHECK(check_key(plan));
  TF_CHECK(check_names(plan.names, plan.profile));
  UnsignedLeaf leaf;
  leaf.issuer_kind = TF_TRY(plan.issuer.public_key()).kind();
  const Asn1Integer serial = random_serial(random);
  leaf.serial_hex = TF_TRY(serial_hex_of(serial.get()));
  const NameHandle subject = TF_TRY(subject_of(plan.names));
  const crypto::X509Handle out(X509_new());
  if (!out || X509_set_version(out.get(), X509_VERSION_3) != 1 || X509_set_serialNumber(out.get(), serial.get()) != 1 ||
      X509_set_subject_name(out.get(), subject.get()) != 1 ||
      X509_set_issuer_name(out.get(), X509_get_subject_name(plan.issuer.native())) != 1)
    return crypto::openssl_error("pki.build");
  TF_CHECK(set_validity(out.get(), plan, leaf));
  const Bytes key_id = TF_TRY(set_key(out.get(), plan.key));
  TF_CHECK(add_extensions(out.get(), plan, key_id, leaf));
  // OpenSSL sets it only when it signs, which happens elsewhere and later here.
  auto* const algorithm = const_cast<X509_ALGOR*>(X509_get0_tbs_sigalg(out.get()));
  must(X509_ALGOR_copy(algorithm, signature_algorithm(leaf.issuer_kind)) == 1, "signature algorithm");
  TF_CHECK(refuse_errors(lint_unsigned(out.get(), {.issuer = plan.issuer, .profile = &plan.profile, .now_ms = plan.now_ms, .key = &plan.key})));
  leaf.tbs = der_of<i2d_re_X509_tbs>(out.get());
  if (leaf.tbs.empty()) return crypto::openssl_error("pki.build");
  return leaf;
}

// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING } (RFC 5280 §4.1)
Result<Bytes> sign_leaf(const UnsignedLeaf& leaf, const crypto::PrivateKey& key) {
  if (key.kind() != leaf.issuer_kind) return Error{Code::invalid, "pki.issuer_key", "the private key is not that of the issuer's certificate"};
  const Bytes signature = TF_TRY(signature_of(key, leaf.tbs));
  const Bytes algorithm = der_of<i2d_X509_ALGOR>(signature_algorithm(leaf.issuer_kind));
  Bytes end = header(V_ASN1_BIT_STRING, V_ASN1_UNIVERSAL, false, signature.size() + 1);
  end.push_back(0);  // no unused bits
  end.insert(end.end(), signature.begin(), signature.end());
  Bytes out = header(V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, true, leaf.tbs.size() + algorithm.size() + end.size());
  out.reserve(out.size() + leaf.tbs.size() + algorithm.size() + end.size());
  for (const Bytes* part : {&leaf.tbs, &algorithm, static_cast<const Bytes*>(&end)}) out.insert(out.end(), part->begin(), part->end());
  return out;
}

}  // namespace tf::pki
