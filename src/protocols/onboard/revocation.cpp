#include "protocols/onboard/revocation.hpp"

namespace tf::onboard {

Outcome outcome_of(const Question& question, const Status& asked) {
  const Hash256 fingerprint = question.leaf.fingerprint();
  if (asked) return {fingerprint, asked};
  const std::string_view reason = asked.error().reason;
  if (reason == "ocsp.revoked" || reason == "ocsp.unknown") return {fingerprint, asked};
  return {fingerprint, Error{Code::unavailable, asked.error().reason, asked.error().detail}};
}

Status require_good(const std::vector<Outcome>& outcomes, const pki::Certificate& certificate) {
  const Hash256 fingerprint = certificate.fingerprint();
  for (const Outcome& outcome : outcomes)
    if (outcome.certificate == fingerprint) return outcome.status;
  return Error{Code::internal, "onboard.ocsp_not_asked", "the status of a certificate was not asked"};
}

}  // namespace tf::onboard
