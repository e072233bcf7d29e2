// Asks OCSP responders about a certificate (RFC 6960 over HTTP POST, nonce by RFC 9654): one after another until one answers. Every
// failure is hard: a certificate nobody speaks for is not good.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "pki/ocsp/verify.hpp"

namespace tf::net {

struct OcspResponders {
  std::vector<std::string> urls;  // "http://host:port/path", in the order to ask
  std::chrono::milliseconds patience{5000};  // for each, from connecting to its last byte
  std::vector<pki::Certificate> anchors{};   // for https: the only trust there is
};

// What the first that answers says. The next is asked where one is silent, answers with another HTTP status or says that it should be tried later;
// an answer that does not verify is the answer: whoever sent it is no party to ask around.
// Errors: Code::unavailable "ocsp.silent" when none answered; Code::invalid "ocsp.no_responder" when there is none to ask; those of pki/ocsp/verify.hpp.
Result<pki::ocsp::Verified> ask_ocsp(const OcspResponders& responders, const pki::Certificate& certificate, const pki::Certificate& issuer, const Clock& clock,
                                     Random& random);
// The same, and it has to be good: Code::refused "ocsp.revoked", "ocsp.unknown" besides.
Status ask_good(const OcspResponders& responders, const pki::Certificate& certificate, const pki::Certificate& issuer, const Clock& clock, Random& random);

}  // namespace tf::net
