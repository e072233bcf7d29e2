// The server of HTTP Digest AKA (RFC 3310): a challenge for a user, his answer to it once, resynchronisation. Challenges live in memory,
// for a minute, so many and no more.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <variant>

#include "base/ports.hpp"
#include "hss/subscribers.hpp"
#include "protocols/onboard/digest_aka.hpp"
#include "wire/http.hpp"

namespace tf::platform {

class DigestDesk {
 public:
  DigestDesk(std::string realm, hss::Subscribers& subscribers, const Clock& clock) : realm_(std::move(realm)), subscribers_(subscribers), clock_(clock) {}

  struct Proved {
    std::string user;  // IMSI
  };
  struct Challenged {
    wire::HttpResponse response;  // 401
  };
  // An answer to a challenge that is not known (used, late, of before a restart) gets another challenge, marked stale.
  // subject: the user as he says, for the audit trail. Code::refused "onboard.user_missing" (no Authorization names him), "onboard.realm",
  // "onboard.digest_uri", "onboard.digest_answer", "hss.no_such_subscriber", "hss.auts";
  // Code::overloaded "onboard.challenges".
  Result<std::variant<Proved, Challenged>> handle(const wire::HttpRequest& request, std::string& subject);
  void housekeeping();

 private:
  struct Pending {
    std::string user;
    crypto::Rand rand{};
    SecretBytes password;
    std::int64_t ends_ms = 0;
  };
  Result<Challenged> challenge(const hss::Imsi& imsi, onboard::DigestAlgorithm algorithm, bool stale);
  Result<hss::Imsi> user_of(const onboard::DigestAnswer& answer, std::string& subject) const;
  std::optional<Pending> take(const onboard::DigestAnswer& answer, const hss::Imsi& imsi);

  const std::string realm_;
  hss::Subscribers& subscribers_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Pending> pending_;  // by nonce
};

}  // namespace tf::platform
