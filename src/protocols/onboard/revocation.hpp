// OCSP as onboard wants it on both sides: with a nonce, and every failure is hard. No I/O: a step says which certificates are in question,
// the caller asks about each (net/ocsp/client.hpp), and hands back what came of it.
#pragma once
#include <vector>

#include "protocols/onboard/certificates.hpp"

namespace tf::onboard {

using Question = Shown;  // the leaf is in question; its issuer is who answers, or lets answer

struct Outcome {
  Hash256 certificate{};  // fingerprint of the leaf
  Status status;
};
// asked: good, or why not. Code::refused "ocsp.revoked" and "ocsp.unknown" are about the certificate; whatever else is wrong with an answer
// ("ocsp.signature", "ocsp.nonce_mismatch", "ocsp.expired", "ocsp.silent", …) says nothing about it and becomes Code::unavailable, reason kept.
Outcome outcome_of(const Question& question, const Status& asked);

// Is there a good outcome for this certificate? Its error; without an outcome Code::internal "onboard.ocsp_not_asked".
Status require_good(const std::vector<Outcome>& outcomes, const pki::Certificate& certificate);

}  // namespace tf::onboard
