// An OCSP responder (RFC 6960, RFC 9919, nonces by RFC 9654) for the authorities it is given, each with its own delegate. It
// asks a StatusSource how certificates stand; no sockets. Many threads may use it at once, I/O threads among them.
//
// What it answers:
//   a certificate of an authority    good, revoked, or never issued (revoked, on hold since 1970, with extended-revoke)
//   nothing of an authority here     error unauthorized, unsigned (RFC 9919 §3.2.3)
//   several certificates             one answer each, by the delegate of the first; those of other authorities are unknown to it
//   a nonce of 1 to 128 octets       comes back; without one the answer may be one made ahead, which forget() takes back
//   what does not parse              error malformedRequest; a source or a key that fails: tryLater or internalError
// Every answer names its nextUpdate, and its responder by the key.
#pragma once
#include <limits>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "base/ports.hpp"
#include "ca/responder/cache.hpp"
#include "ca/standing.hpp"
#include "pki/ocsp/response.hpp"
#include "wire/http.hpp"

namespace tf::ca {

struct Known {
  Standing standing;
  // Who knows it from a list knows it as of the list's date, and not for longer than the list holds.
  std::int64_t as_of_ms = std::numeric_limits<std::int64_t>::max();  // the greatest: it is so now
  std::int64_t until_ms = std::numeric_limits<std::int64_t>::max();  // the greatest: as long as the responder likes
  bool announced = true;  // forget() is called when it changes; else nothing is kept of it
};

// Called from many threads at once, also from I/O threads: a look at an index and no more.
class StatusSource {
 public:
  virtual ~StatusSource() = default;
  // authority: as in Served; serial_hex: as Certificate::serial_hex() gives it. Code::unavailable when it cannot be told now.
  [[nodiscard]] virtual Result<Known> known(const std::string& authority, std::string_view serial_hex) const = 0;
};

struct Served {
  std::string authority;          // its name for the StatusSource
  pki::Certificate issuer;        // its certificate
  pki::ocsp::Responder delegate;  // pki::ocsp::responder_of() makes one of a key
};

struct ResponderSettings {
  std::int64_t validity_ms = 4LL * 3600 * 1000;  // from thisUpdate to nextUpdate, unless delegate or knowledge end before
  std::int64_t renew_ms = 2LL * 3600 * 1000;     // an answer made ahead is made anew so long before its nextUpdate
  std::size_t answers_bytes = 64U << 20;         // at most, of answers made ahead
  std::size_t standings_bytes = 16U << 20;       // at most, of what the source said lately
};

class Responder {
 public:
  Responder(const StatusSource& source, const Clock& clock, ResponderSettings settings = {});
  ~Responder();

  // From now on these and no others. Code::refused "ocsp.responder_…" as pki::ocsp::check_responder() says, and
  // "pki.bad_certificate"; then everything stays as it was.
  Status serve(std::vector<Served> authorities);

  // The certificate's standing has changed: what was made ahead about it is never served again. To be called when the change is
  // committed and before it is told.
  void forget(std::string_view authority, std::string_view serial_hex);
  void forget_all();

  struct Answer {
    Bytes der;
    bool successful = false;                            // else an error response, which nobody should keep
    std::int64_t this_update_ms = 0, next_update_ms = 0;  // of a successful one
    std::int64_t renewed_at_ms = 0;                     // from when on it is made anew
    bool made_ahead = false;                            // without a nonce; then it has
    std::string tag, last_modified, expires;            // what HTTP says about it
  };
  [[nodiscard]] std::shared_ptr<const Answer> answer(ByteView request);

  // What a DER request's path (from the end of the service's own path on, as it stood in the request line) or a POST's body gets.
  // GET answers without a nonce may be kept by proxies (RFC 9919 §7.2). 405 for other methods, 415 for a POST of another type.
  [[nodiscard]] wire::HttpResponse handle(const wire::HttpRequest& request, std::string_view service_path);

 private:
  struct Table;   // of the authorities
  struct Person;  // an authority with its delegate
  using Made = std::shared_ptr<const Answer>;

  Result<Made> make(ByteView der, pki::ocsp::Request request);
  Result<Known> known(const std::string& authority, const std::string& serial_hex);
  Result<pki::ocsp::SingleResponse> single(const Person* signer, pki::ocsp::CertId id, std::int64_t now_ms, bool& lasting);
  [[nodiscard]] std::shared_ptr<const Table> table() const;
  static void tell_proxies(Answer& answer);
  wire::HttpResponse get(const wire::HttpRequest& request, std::string_view path);

  const StatusSource& source_;
  const Clock& clock_;
  const ResponderSettings settings_;
  SubjectCache<Made> answers_;        // by the request, in DER
  SubjectCache<Known> standings_;  // by the subject
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const Table> table_;
};

}  // namespace tf::ca
