// Enrolment over Secure Transport (RFC 7030, clarified by RFC 8951), as HTTP values; TLS is the listener's. A label in the path is the
// name of a profile:
//
//   GET  /.well-known/est[/LABEL]/cacerts           the profile's authority and what is above it; everybody
//   GET  …/csrattrs                                  kinds of key; everybody
//   POST …/simpleenroll    application/pkcs10        one-time code (HTTP Basic), or the client certificate of a profile that may
//   POST …/simplereenroll  application/pkcs10        the client certificate that is renewed: same names, key as the profile has it
//   POST …/serverkeygen    application/pkcs10        as simpleenroll, for profiles whose keys the platform makes
//
// Names are those of the code or the certificate; a request may ask for some of them or none, and for no others. Bodies are base64, with
// or without line breaks; a request may be DER, too. Refusals are text/plain with one line:
//   400 the body is no request   401 no or wrong credentials   403 not for this holder, key, profile   404 no such label or path
//   405, 415                     202 and 503 with Retry-After: a person has to approve it; the platform cannot do it now
#pragma once
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ca/certificate_authority.hpp"
#include "ca/est/codes.hpp"
#include "wire/http.hpp"

namespace tf::ca {

// What enrolment needs of the authority; est_ports() takes it all from a CertificateAuthority.
struct EstPorts {
  const Clock& clock;
  Random& random;
  store::Database& database;
  audit::Trail& trail;
  std::function<Result<pki::Profile>(const std::string& name)> profile;  // Code::not_found
  std::function<Result<std::vector<pki::Certificate>>(const std::string& profile)> chain;  // its authority first, up to the root
  std::function<Result<Issued>(IssueRequest)> issue;
  std::function<Result<Issued>(RenewRequest)> renew;
  std::function<Result<Record>(std::string_view serial_hex)> show;
  std::function<void(const std::string& action, const std::string& subject, const Error&)> refused;  // for log and audit; may be empty
};
EstPorts est_ports(const Ports& ports, CertificateAuthority& authority, std::vector<pki::Certificate> above);

struct EstSettings {
  std::string default_label = {};                                // of paths without one; empty: they are 404
  std::set<std::string> labels = {};                             // profiles offered at all
  std::map<std::string, std::set<std::string>> by_certificate = {};  // label → profiles whose certificates enrol there by themselves
  int retry_after_s = 60;
  int rsa_bits = 2048;  // of keys made here, for a profile without P-256
};

// Called on worker threads: it waits for commits and signatures. The listener keeps "authorization" and "content-transfer-encoding".
class EstService {
 public:
  EstService(EstPorts ports, EstSettings settings) : ports_(std::move(ports)), settings_(std::move(settings)) {}
  [[nodiscard]] wire::HttpResponse handle(const wire::HttpRequest& request);

  static constexpr const char* kPath = "/.well-known/est/";

 private:
  struct Call;    // one request with its label's profile
  struct Grant;   // who asks, by what right, and for which names
  Result<wire::HttpResponse> route(const wire::HttpRequest& request);
  Result<wire::HttpResponse> enrol(Call& call);
  Result<wire::HttpResponse> renew(Call& call);
  Result<wire::HttpResponse> generate(Call& call);
  Result<Grant> granted(Call& call);
  Result<Grant> granted_by_code(Call& call, std::string_view credentials);
  Result<Grant> granted_by_certificate(Call& call);
  Result<Record> client_record(const Call& call) const;
  // Claims the code, does it, marks the code as used. Nothing: a person has to approve it first.
  Result<std::optional<Issued>> with_code(const Grant& grant, const Hash256& spki_hash, bool repeatable, const std::function<Result<Issued>()>& issue);

  EstPorts ports_;
  EstSettings settings_;
  std::mutex mutex_;
  std::set<std::string> under_way_;  // codes
};

}  // namespace tf::ca
