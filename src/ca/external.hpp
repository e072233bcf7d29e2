// Another server issues in our authority's place: the request goes out, the certificate comes in, over EST or one HTTPS call. What it
// gives is checked here: it has to bear the request's key and verify under the anchors that were configured; then CertificateAuthority
// holds it against profile, key and names, and registers it (issue_elsewhere).
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ca/certificate_authority.hpp"
#include "ca/est/client.hpp"

namespace tf::ca {

struct ExternalSettings {
  enum class Kind { est, https };
  Kind kind = Kind::est;
  net::ClientOptions client;               // server, TLS trust, our certificate and key
  std::string label = {};                  // of EST
  std::string target = {};                 // of an HTTPS call: "/issue", POST application/pkcs10 in DER; the answer: DER, PEM or PKCS #7
  SecretBytes credentials = {};            // EST: "user:password"; HTTPS: a bearer token
  std::vector<pki::Certificate> anchors;   // roots, under which the certificates have to verify
  std::vector<pki::Certificate> intermediates = {};
  std::chrono::seconds wait{30};           // at most, for a server that says "later"
};

class ExternalIssuer {
 public:
  // Code::invalid "ca.external" for no anchors, what net::HttpClient::create() says.
  static Result<std::unique_ptr<ExternalIssuer>> create(ExternalSettings settings, const Clock& clock);
  ~ExternalIssuer();  // what waits is told Code::unavailable "ca.external_stopped"

  // From any thread, without waiting; done is called on a thread of ours. One request at a time: Code::overloaded "ca.queue_full" behind
  // 256. Code::invalid "ca.external_request" without a CSR; Code::refused "ca.external_names" for a CSR that asks for other names than
  // were approved, as the other server would take them; "ca.external_key", "pki.untrusted", "pki.expired", "pki.not_yet_valid" for what
  // comes; Code::unavailable "ca.external_later" when it was not approved in time; what EstClient and net say.
  void issue(const IssueRequest& request, Done<Bytes> done);

 private:
  ExternalIssuer(ExternalSettings settings, const Clock& clock) : settings_(std::move(settings)), clock_(clock) {}
  struct Job {
    pki::CertificateRequest request;
    Done<Bytes> done;
  };
  void work(const std::stop_token& stop);
  Result<Bytes> fetch(const pki::CertificateRequest& request, const std::stop_token& stop);
  Result<pki::Certificate> over_est(const pki::CertificateRequest& request, const std::stop_token& stop);
  Result<pki::Certificate> over_https(const pki::CertificateRequest& request);

  ExternalSettings settings_;
  const Clock& clock_;
  std::optional<EstClient> est_;
  std::optional<net::HttpClient> https_;
  std::mutex mutex_;
  std::condition_variable_any condition_;
  std::deque<Job> jobs_;
  std::jthread thread_;
};

}  // namespace tf::ca
