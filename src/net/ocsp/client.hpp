// A client of independent OCSP responders: RFC 6960 over HTTP POST, a nonce each time (RFC 9654), connections kept, certificates of one
// issuer asked about together. Every failure is hard: a certificate nobody speaks for is not good. Threads may share one; they wait.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "pki/ocsp/verify.hpp"

namespace tf::net {

struct OcspResponder {
  std::string url;                // "http://host:port/path"
  std::vector<Hash256> pinned{};  // SHA-256 of its TLS certificate; empty: any under the anchors
};

struct OcspOptions {
  std::vector<OcspResponder> responders;     // in the order to ask
  std::vector<pki::Certificate> anchors{};   // for https: the only trust there is
  std::chrono::milliseconds patience{5000};  // with each, from connecting to its last byte
};

struct OcspQuestion {
  pki::Certificate certificate;
  pki::Certificate issuer;  // believed
};

class OcspClient {
 public:
  // clock and random outlive it. Code::invalid "net.base_url".
  static Result<OcspClient> create(OcspOptions options, const Clock& clock, Random& random);
  OcspClient(OcspClient&&) noexcept;
  ~OcspClient();

  // For each certificate, in their order: is it good? Up to 16 of one issuer share a request. The next responder is asked where one is silent,
  // answers with another HTTP status or says that it should be tried later, and a silent one comes last for a while; an answer that does not
  // verify is the answer: whoever sent it is no party to ask around. Errors: Code::refused "ocsp.revoked", "ocsp.unknown"; those of
  // pki/ocsp/verify.hpp; Code::unavailable "ocsp.silent" when none answered; Code::invalid "ocsp.no_responder" when there is none to ask.
  std::vector<Status> good(const std::vector<OcspQuestion>& questions);

 private:
  struct Responder;
  using Answers = std::vector<Status>;
  OcspClient(std::vector<std::unique_ptr<Responder>> responders, const Clock& clock, Random& random);
  [[nodiscard]] std::vector<Responder*> to_try() const;
  Result<Answers> ask(Responder& responder, const std::vector<const OcspQuestion*>& same_issuer);
  Answers ask_all(const std::vector<const OcspQuestion*>& same_issuer);

  std::vector<std::unique_ptr<Responder>> responders_;
  const Clock* clock_;
  Random* random_;
};

}  // namespace tf::net
