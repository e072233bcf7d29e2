#include "pki/build.hpp"

#include <algorithm>

#include "base/durations.hpp"
#include "crypto/digest.hpp"
#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/dsn_ranges.hpp"
#include "pki/extensions.hpp"
#include "pki/facts.hpp"
#include "pki/path/rules.hpp"

namespace tf::pki {
namespace {

constexpr std::int64_t kBackdatedMs = 300'000;

struct Window {
  std::int64_t not_before_ms;
  std::int64_t not_after_ms;
};

Result<Window> window_of(Term term) {
  if (term.days < 1 || term.days > 11'000) return Error{Code::invalid, "pki.term", "a term is 1 to 11000 days"};
  return Window{term.now_ms - kBackdatedMs, term.now_ms + term.days * kDayMs};
}

// All but issuer and signature.
Result<crypto::X509Handle> outline(const Plan& plan, EVP_PKEY* key, Window window, Random& random) {
  const NameHandle subject = TF_TRY(make_name(plan.common_name, plan.serial_number));
  const Asn1Integer serial = random_serial(random);
  const Asn1Time from = asn1_time(window.not_before_ms);
  const Asn1Time to = asn1_time(window.not_after_ms);
  crypto::X509Handle out(X509_new());
  if (!out || !from || !to || X509_set_version(out.get(), X509_VERSION_3) != 1 ||
      X509_set_serialNumber(out.get(), serial.get()) != 1 || X509_set_subject_name(out.get(), subject.get()) != 1 ||
      X509_set1_notBefore(out.get(), from.get()) != 1 || X509_set1_notAfter(out.get(), to.get()) != 1 ||
      X509_set_pubkey(out.get(), key) != 1)
    return crypto::openssl_error("pki.build");
  return out;
}

Status add_plan(X509* out, const Plan& plan) {
  TF_CHECK(add_basic_constraints(out, plan.ca_path_length));
  TF_CHECK(add_key_usage(out, plan.key_usage));
  TF_CHECK(add_usages(out, plan.usages));
  TF_CHECK(add_server_names(out, plan.names));
  if (!plan.ranges.empty()) TF_CHECK(add_dsn_ranges(out, plan.ranges));
  if (plan.ocsp_nocheck) TF_CHECK(add_ocsp_nocheck(out));
  return {};
}

Result<Certificate> signed_by(crypto::X509Handle certificate, const crypto::PrivateKey& key) {
  const crypto::EvpMdCtx context = TF_TRY(signing_context(key));
  if (X509_sign_ctx(certificate.get(), context.get()) <= 0) return crypto::openssl_error("pki.sign");
  return Certificate::from_der(der_of<i2d_X509>(certificate.get()));
}

Status check_plan(const X509* out, const Plan& plan, const Certificate& issuer) {
  const Facts facts = TF_TRY(read_facts(out));
  if (!facts.key)
    return Error{Code::refused, "pki.bad_key", "certificates are for P-256 keys and RSA keys of 2048 to 8192 bits"};
  TF_CHECK(check_link(facts, issuer.facts(), issuer.facts().self_issued));
  return plan.checked_as ? check_leaf(facts, *plan.checked_as) : Status{};
}

}  // namespace

ByteArray<16> random_serial_octets(Random& random) {
  ByteArray<16> bytes = random.array<16>();
  bytes[0] |= 0x40;  // always 16 octets or 17
  return bytes;
}

Asn1Integer random_serial(Random& random) {
  const ByteArray<16> bytes = random_serial_octets(random);
  const crypto::Handle<BIGNUM, BN_free> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  Asn1Integer serial(BN_to_ASN1_INTEGER(number.get(), nullptr));
  crypto::must(serial != nullptr, "serial number");
  return serial;
}

Result<NameHandle> make_name(std::string_view common_name, std::string_view serial_number) {
  NameHandle name(X509_NAME_new());
  crypto::must(name != nullptr, "X509_NAME_new");
  const auto add = [&](int nid, std::string_view text) {
    const bool plain =
        std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    return text.empty() || (plain && X509_NAME_add_entry_by_NID(name.get(), nid, MBSTRING_UTF8,
                                                                reinterpret_cast<const std::uint8_t*>(text.data()),
                                                                static_cast<int>(text.size()), -1, 0) == 1);
  };
  const bool ok = add(NID_commonName, common_name) && add(NID_serialNumber, serial_number);
  ERR_clear_error();
  if (!ok || X509_NAME_entry_count(name.get()) == 0)
    return Error{Code::invalid, "pki.name", "a name is 1 to 64 characters of plain text"};
  return name;
}

Status check_pair(const Issuer& issuer) {
  if (same_key(issuer.key.public_key(), TF_TRY(issuer.certificate.public_key()))) return {};
  return Error{Code::invalid, "pki.issuer_key", "the private key is not that of the issuer's certificate"};
}

Result<Certificate> build_root(const Plan& plan, const crypto::PrivateKey& key, Term term, Random& random) {
  crypto::X509Handle out = TF_TRY(outline(plan, key.native(), TF_TRY(window_of(term)), random));
  if (!TF_TRY(read_facts(out.get())).key)
    return Error{Code::refused, "pki.bad_key", "a root's key is P-256 or RSA of 2048 to 8192 bits"};
  if (X509_set_issuer_name(out.get(), X509_get_subject_name(out.get())) != 1) return crypto::openssl_error("pki.build");
  const Bytes id = key_id_of(out.get());
  TF_CHECK(add_key_ids(out.get(), id, id));
  TF_CHECK(add_plan(out.get(), plan));
  return signed_by(std::move(out), key);
}

Result<Certificate> build_issued(const Plan& plan, const crypto::PublicKey& key, const Issuer& issuer, Term term,
                                 Random& random) {
  const Facts& above = issuer.certificate.facts();
  TF_CHECK(check_pair(issuer));
  TF_CHECK(check_form(above));
  TF_CHECK(check_validity(above, term.now_ms));
  Window window = TF_TRY(window_of(term));
  window.not_before_ms = std::max(window.not_before_ms, above.not_before_ms);
  window.not_after_ms = std::min(window.not_after_ms, above.not_after_ms);
  crypto::X509Handle out = TF_TRY(outline(plan, key.native(), window, random));
  if (X509_set_issuer_name(out.get(), X509_get_subject_name(issuer.certificate.native())) != 1)
    return crypto::openssl_error("pki.build");
  TF_CHECK(add_key_ids(out.get(), key_id_of(out.get()), above.subject_key_id));
  TF_CHECK(add_plan(out.get(), plan));
  TF_CHECK(check_plan(out.get(), plan, issuer.certificate));
  return signed_by(std::move(out), issuer.key);
}

}  // namespace tf::pki
