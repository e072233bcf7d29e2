#include "pki/ocsp/verify.hpp"

#include <algorithm>
#include <mutex>

#include "crypto/digest.hpp"
#include "pki/algorithms.hpp"
#include "pki/facts.hpp"
#include "pki/ocsp/asn1.hpp"

namespace tf::pki::ocsp {
namespace {

constexpr int kMaxCertificates = 4;

Error bad_answer(const char* detail) { return Error{Code::malformed, "ocsp.response", detail}; }
Error refused_answer(const char* reason, const char* detail) { return Error{Code::refused, reason, detail}; }

Status check_status(OCSP_RESPONSE* response) {
  switch (OCSP_response_status(response)) {
    case OCSP_RESPONSE_STATUS_SUCCESSFUL: return {};
    case OCSP_RESPONSE_STATUS_MALFORMEDREQUEST: return refused_answer("ocsp.malformed_request", "the responder did not understand");
    case OCSP_RESPONSE_STATUS_INTERNALERROR: return Error{Code::unavailable, "ocsp.internal_error", "the responder failed"};
    case OCSP_RESPONSE_STATUS_TRYLATER: return Error{Code::unavailable, "ocsp.try_later", "the responder is busy"};
    case OCSP_RESPONSE_STATUS_SIGREQUIRED: return refused_answer("ocsp.sig_required", "the responder wants signed requests");
    case OCSP_RESPONSE_STATUS_UNAUTHORIZED: return refused_answer("ocsp.unauthorized", "the responder does not answer for this");
    default: return bad_answer("an unknown status");
  }
}

// The responder's name: by its key (SHA-1 of it, RFC 6960 §4.2.1) or by its subject.
bool named(const OCSP_BASICRESP* basic, const X509* certificate) {
  const ASN1_OCTET_STRING* key = nullptr;
  const X509_NAME* name = nullptr;
  if (OCSP_resp_get0_id(basic, &key, &name) != 1) return false;
  if (name != nullptr) return X509_NAME_cmp(name, X509_get_subject_name(certificate)) == 0;
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  return key != nullptr && X509_pubkey_digest(certificate, EVP_sha1(), digest, &size) == 1 &&
         std::ranges::equal(octets_of(key), ByteView(digest, size));
}

// A responder sends its certificate along with every answer. What was parsed stays parsed: the same octets are the same certificate. Whom it
// may answer for, and when, is judged with every answer. Only certificates of responders whose signature was right are kept; the oldest gives way.
class KnownResponders {
 public:
  std::optional<Certificate> find(const Hash256& fingerprint) {
    const std::lock_guard lock(mutex_);
    for (const auto& [hash, certificate] : kept_)
      if (hash == fingerprint) return certificate;
    return std::nullopt;
  }
  void keep(const Certificate& certificate) {
    const Hash256 fingerprint = certificate.fingerprint();
    const std::lock_guard lock(mutex_);
    if (std::ranges::any_of(kept_, [&](const auto& each) { return each.first == fingerprint; })) return;
    if (kept_.size() == kMost) kept_.erase(kept_.begin());
    kept_.emplace_back(fingerprint, certificate);
  }

 private:
  static constexpr std::size_t kMost = 16;
  std::mutex mutex_;
  std::vector<std::pair<Hash256, Certificate>> kept_;
};

KnownResponders& known_responders() {
  static KnownResponders known;
  return known;
}

Result<Certificate> parsed_responder(const Bytes& der) {
  if (auto known = known_responders().find(crypto::sha256(der))) return std::move(*known);
  return Certificate::from_der(der);
}

Result<Certificate> responder_of(const OCSP_BASICRESP* basic, const Certificate& issuer) {
  const STACK_OF(X509)* sent = OCSP_resp_get0_certs(basic);
  const int count = sent == nullptr ? 0 : sk_X509_num(sent);
  if (count > kMaxCertificates) return bad_answer("more than four certificates");
  for (int i = 0; i < count; ++i) {
    X509* one = sk_X509_value(sent, i);
    auto certificate = parsed_responder(der_of<i2d_X509>(one));
    if (!certificate) return bad_answer("a certificate that does not parse");
    if (named(basic, one)) return std::move(*certificate);
  }
  if (named(basic, issuer.native())) return issuer;
  return refused_answer("ocsp.responder_unknown", "the response brings no certificate of its responder");
}

Status check_signature(const OCSP_BASICRESP* basic, ByteView tbs, const Certificate& responder) {
  const auto& key = responder.facts().key;
  if (!key || !is_signature(*key, OCSP_resp_get0_tbs_sigalg(basic), tbs, OCSP_resp_get0_signature(basic)))
    return refused_answer("ocsp.signature", "the signature is not the responder's");
  return {};
}

struct Extensions {
  std::optional<Bytes> nonce;
  bool extended_revoke = false;
};

Result<Extensions> read_extensions(OCSP_BASICRESP* basic) {
  Extensions out;
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> extended(OBJ_txt2obj("1.3.6.1.5.5.7.48.1.9", 1));
  for (int i = 0; i < OCSP_BASICRESP_get_ext_count(basic); ++i) {
    X509_EXTENSION* extension = OCSP_BASICRESP_get_ext(basic, i);
    auto nonce = TF_TRY(nonce_of(extension));
    const bool revoke = OBJ_cmp(X509_EXTENSION_get_object(extension), extended.get()) == 0;
    if (!nonce && !revoke && X509_EXTENSION_get_critical(extension) == 1) return bad_answer("an unknown critical extension");
    if (nonce && out.nonce) return Error{Code::malformed, "ocsp.nonce", "two nonces"};
    if (nonce) out.nonce = std::move(nonce);
    out.extended_revoke = out.extended_revoke || revoke;
  }
  return out;
}

Status check_nonce(const std::optional<Bytes>& found, const std::optional<Bytes>& expected) {
  if (!expected) return {};
  if (!found) return refused_answer("ocsp.nonce_missing", "the response does not repeat the request's nonce");
  if (*found != *expected) return refused_answer("ocsp.nonce_mismatch", "the response is to another request");
  return {};
}

Result<OCSP_SINGLERESP*> answer_about(OCSP_BASICRESP* basic, const Expected& expected, const std::string& serial_hex) {
  const int count = OCSP_resp_count(basic);
  if (count < 1 || static_cast<std::size_t>(count) > kMaxSingle) return bad_answer("a response has 1 to 16 answers");
  OCSP_SINGLERESP *by_sha1 = nullptr, *by_sha256 = nullptr;
  for (int i = 0; i < count; ++i) {
    OCSP_SINGLERESP* one = OCSP_resp_get0(basic, i);
    const auto id = read_cert_id(const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(one)));  // only read
    if (!id || id->serial_hex != serial_hex || *id != TF_TRY(cert_id(expected.issuer, serial_hex, id->hash))) continue;
    OCSP_SINGLERESP*& found = id->hash == Hash::sha1 ? by_sha1 : by_sha256;
    if (found != nullptr) return refused_answer("ocsp.ambiguous", "two answers about one certificate");
    found = one;
  }
  OCSP_SINGLERESP* found = by_sha256 != nullptr ? by_sha256 : by_sha1;
  if (found == nullptr) return refused_answer("ocsp.wrong_certificate", "the response is not about this certificate");
  return found;
}

Result<std::int64_t> moment(const ASN1_GENERALIZEDTIME* time) {
  const auto ms = ms_of(time);
  if (!ms) return bad_answer("a time that is not whole seconds, UTC");
  return *ms;
}

Result<Verified> read_single(OCSP_SINGLERESP* single) {
  int reason = -1;
  ASN1_GENERALIZEDTIME *revoked_at = nullptr, *from = nullptr, *until = nullptr;
  Verified out;
  if (OCSP_SINGLERESP_get_ext_by_critical(single, 1, -1) >= 0) return bad_answer("an unknown critical extension");
  switch (OCSP_single_get0_status(single, &reason, &revoked_at, &from, &until)) {
    case V_OCSP_CERTSTATUS_GOOD: out.status = CertStatus::good; break;
    case V_OCSP_CERTSTATUS_REVOKED: out.status = CertStatus::revoked; break;
    case V_OCSP_CERTSTATUS_UNKNOWN: out.status = CertStatus::unknown; break;
    default: return bad_answer("an unknown certificate status");
  }
  out.this_update_ms = TF_TRY(moment(from));
  if (until == nullptr) return refused_answer("ocsp.no_next_update", "the response does not say how long it holds");
  out.next_update_ms = TF_TRY(moment(until));
  if (out.status != CertStatus::revoked) return out;
  out.revoked_at_ms = TF_TRY(moment(revoked_at));
  if (reason < -1 || reason == 7 || reason > 10) return bad_answer("an unknown revocation reason");
  // 8 (removeFromCRL) and 10 (aACompromise) are no reasons of ours; revoked it is.
  if (reason > 0 && reason != 8 && reason != 10) out.reason = static_cast<RevocationReason>(reason);
  return out;
}

Status check_times(const Verified& found, const Expected& expected) {
  if (found.next_update_ms <= found.this_update_ms) return bad_answer("it ends before it begins");
  if (expected.now_ms < found.this_update_ms || expected.now_ms < found.produced_at_ms)
    return refused_answer("ocsp.not_yet_valid", "the response is of the future");
  if (expected.now_ms >= found.next_update_ms) return refused_answer("ocsp.expired", "the response is out of date");
  if (expected.max_age_ms && expected.now_ms - found.this_update_ms > *expected.max_age_ms)
    return refused_answer("ocsp.too_old", "the response is older than allowed");
  return {};
}

// All but its answers.
Result<Extensions> check_basic(OCSP_BASICRESP* basic, const Expected& expected) {
  const Bytes tbs = der_of<i2d_OCSP_RESPDATA>(OCSP_resp_get0_respdata(basic));
  if (names_version(tbs, 1)) return bad_answer("not version 1");
  const Certificate responder = TF_TRY(responder_of(basic, expected.issuer));
  TF_CHECK(check_responder(responder, expected.issuer, expected.now_ms));
  TF_CHECK(check_signature(basic, tbs, responder));
  known_responders().keep(responder);
  Extensions extensions = TF_TRY(read_extensions(basic));
  TF_CHECK(check_nonce(extensions.nonce, expected.nonce));
  return extensions;
}

Result<Verified> verify_answer(OCSP_BASICRESP* basic, const Extensions& extensions, const Expected& expected, const std::string& serial_hex) {
  Verified out = TF_TRY(read_single(TF_TRY(answer_about(basic, expected, serial_hex))));
  out.produced_at_ms = TF_TRY(moment(OCSP_resp_get0_produced_at(basic)));
  out.never_issued = extensions.extended_revoke && out.status == CertStatus::revoked && out.revoked_at_ms == 0 &&
                     out.reason == RevocationReason::certificate_hold;
  TF_CHECK(check_times(out, expected));
  return out;
}

// The octets of the basic response in a response that is DER; empty when it has none (RFC 6960 §4.2.1).
ByteView basic_octets(ByteView response) {
  static constexpr std::uint8_t kBasic[] = {0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};
  const ByteView parts = first_element(response, true), status = first_element(parts, false);
  const ByteView bytes = first_element(first_element(parts.subspan(status.size()), true), true), type = first_element(bytes, false);
  return std::ranges::equal(type, kBasic) ? first_element(bytes.subspan(type.size()), true) : ByteView();
}

// Parsed where the keys of its certificates stay octets. Written again it must be the same: the octets inside are DER too, with nothing
// left over.
Result<BasicHandle> basic_of(ByteView octets) {
  if (octets.empty()) return bad_answer("no basic response");
  const std::uint8_t* at = octets.data();
  BasicHandle out(reinterpret_cast<OCSP_BASICRESP*>(ASN1_item_d2i_ex(nullptr, &at, static_cast<long>(octets.size()), ASN1_ITEM_rptr(OCSP_BASICRESP), no_providers(), nullptr)));
  if (!out) return bad_answer("no basic response");
  if (!std::ranges::equal(der_of<i2d_OCSP_BASICRESP>(out.get()), octets)) return bad_answer("not a basic response in DER");
  return out;
}

Result<std::vector<Result<Verified>>> verify_all(ByteView der, const Expected& expected, const std::vector<std::string>& serials) {
  if (der.empty() || der.size() > kMaxResponse) return bad_answer("not a response in DER of at most 32 KiB");
  const std::uint8_t* at = der.data();
  const ResponseHandle response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  if (!response || !std::ranges::equal(der_of<i2d_OCSP_RESPONSE>(response.get()), der)) return bad_answer("not a response in DER");
  TF_CHECK(check_status(response.get()));
  const BasicHandle basic = TF_TRY(basic_of(basic_octets(der)));
  const Extensions extensions = TF_TRY(check_basic(basic.get(), expected));
  std::vector<Result<Verified>> out;
  for (const std::string& serial : serials) out.push_back(verify_answer(basic.get(), extensions, expected, serial));
  return out;
}

}  // namespace

Result<Verified> verify(ByteView der, const Expected& expected) { return std::move(TF_TRY(verify_each(der, expected, {expected.serial_hex})).front()); }

Result<std::vector<Result<Verified>>> verify_each(ByteView der, const Expected& expected, const std::vector<std::string>& serials) {
  auto out = verify_all(der, expected, serials);
  ERR_clear_error();
  return out;
}

Status require_good(const Verified& verified) {
  if (verified.status == CertStatus::revoked) return refused_answer("ocsp.revoked", "the certificate is revoked");
  if (verified.status == CertStatus::unknown) return refused_answer("ocsp.unknown", "the responder does not know the certificate");
  return {};
}

}  // namespace tf::pki::ocsp
