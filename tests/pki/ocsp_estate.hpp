// Certificates around an OCSP responder: the operations CA of an estate, its delegate and a certificate to ask about.
#pragma once
#include "pki/ocsp/verify.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {

struct OcspEstate {
  Issuer issuer;
  Issuer delegate;
  Certificate subject;

  [[nodiscard]] ocsp::CertId id(ocsp::Hash hash = ocsp::Hash::sha256) const {
    return must(ocsp::cert_id(issuer.certificate, subject.serial_hex(), hash));
  }
  // Good from now for an hour.
  [[nodiscard]] ocsp::ResponseData good(std::int64_t now_ms = kNow) const {
    return {.responses = {{.cert_id = id(),
                           .status = ocsp::CertStatus::good,
                           .this_update_ms = now_ms,
                           .next_update_ms = now_ms + 3'600'000}},
            .produced_at_ms = now_ms};
  }
  [[nodiscard]] ocsp::Responder responder() const { return must(ocsp::responder_of(delegate.certificate, delegate.key)); }
  [[nodiscard]] Bytes response(const ocsp::ResponseData& data) const { return must(ocsp::make_response(data, responder())); }
  [[nodiscard]] ocsp::Expected expected(std::int64_t now_ms = kNow) const {
    return {.issuer = issuer.certificate, .serial_hex = subject.serial_hex(), .now_ms = now_ms};
  }
};

// A delegate of this issuer, altered after it was made one.
Certificate ocsp_delegate(const Issuer& issuer, const Certificate& like, const std::function<void(X509*)>& alter = [](X509*) {});
OcspEstate make_ocsp_estate(const Estate& estate);
const OcspEstate& ocsp_estate();  // all P-256

}  // namespace tf::pki::test
