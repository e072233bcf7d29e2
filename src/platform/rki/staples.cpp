#include "platform/rki/staples.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "pki/ocsp/response.hpp"
#include "platform/ca/office.hpp"

namespace tf::platform {
namespace {

std::int64_t whole_second(std::int64_t ms) { return ms / 1000 * 1000; }

// The newest that may answer now and is not on the root's list.
Result<ca::Delegate> signer_for(const Certificates& certificates, const pki::Certificate& root, std::int64_t now_ms) {
  const auto crl = certificates.current_crl();
  for (ca::Delegate& delegate : root_delegates(certificates)) {
    if (crl && crl->is_revoked(delegate.certificate)) continue;
    if (pki::ocsp::check_responder(delegate.certificate, root, now_ms)) return std::move(delegate);
  }
  return Error{Code::not_found, "rki.no_ocsp_signer", "the root's OCSP signer has no valid certificate; renew it (work request, root sign, work install)"};
}

bool is_work_certificate(const OwnCertificate& own, std::int64_t now_ms) {
  return (own.kind == kind::work_classic || own.kind == kind::work_modern) && own.certificate.not_before_ms() <= now_ms &&
         now_ms < own.certificate.not_after_ms();
}

}  // namespace

Result<std::vector<Stapled>> make_staples(Context& context) {
  const Certificates& certificates = context.certificates;
  const std::int64_t now_ms = context.clock.now_ms();
  const pki::Certificate root = TF_TRY(certificates.current(kind::root)).certificate;
  const ca::Delegate signer = TF_TRY(signer_for(certificates, root, now_ms));
  const auto maker = TF_TRY(pki::ocsp::ResponseMaker::make(ca::responder_of(context.vault, signer)));
  const std::int64_t from_ms = whole_second(now_ms - kStapleSlackMs);
  const std::int64_t until_ms =
      whole_second(std::min({now_ms + kStapleLifeMs, signer.certificate.not_after_ms(), root.not_after_ms()}));
  std::vector<Stapled> out;
  for (const OwnCertificate& own : certificates.all()) {
    if (!is_work_certificate(own, now_ms)) continue;
    const std::string serial = own.certificate.serial_hex();
    if (TF_TRY(root_standing(certificates, serial)).kind != ca::StandingKind::good) continue;  // nor is it shown to anybody
    const pki::ocsp::SingleResponse good{.cert_id = TF_TRY(pki::ocsp::cert_id(root, serial)), .status = pki::ocsp::CertStatus::good,
                                         .this_update_ms = from_ms, .next_update_ms = until_ms};
    out.push_back({serial, TF_TRY(maker.response({.responses = {good}, .produced_at_ms = from_ms})), until_ms});
  }
  return out;
}

void renew_staples(Context& context) {
  // A platform from before there were OCSP signers has none until its work certificates are renewed.
  if (root_delegates(context.certificates).empty()) return;
  auto made = make_staples(context);
  if (!made) return log::error("no OCSP responses for terminals were made: " + describe(made.error()));
  context.certificates.put_staples(std::move(*made));
}

}  // namespace tf::platform
