// The network's side of HTTP Digest AKA (protocols/onboard/digest_aka.hpp) without HTTP: told the Authorization of a request, it says
// who that is, or what to answer in WWW-Authenticate with status 401.
//
//   a user alone, with an empty nonce ──▶ a vector, a challenge
//   a user who is none                ──▶ a challenge that looks the same, and that no answer fits
//   the right response                ──▶ accepted; its nonce is used up
//   AUTS                              ──▶ resynchronised; another challenge
//   a nonce that ended                ──▶ another challenge, stale
//   a wrong response                  ──▶ refused; its nonce is used up
//
// Nonces live in memory, at most max_open of them, kPerSubscriber for one (of either the oldest gives way), each for its lifetime; a restart
// forgets them and their devices are challenged anew. The user is "IMSI@realm".
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "base/ports.hpp"
#include "hss/subscribers.hpp"
#include "protocols/onboard/digest_aka.hpp"

namespace tf::hss {

struct DigestOptions {
  std::string realm;                   // printable, without quotes
  std::optional<onboard::DigestAlgorithm> algorithm = onboard::DigestAlgorithm::aka_v1_md5;  // none: as the user names it
  crypto::Amf amf = kSeparated;        // that of real challenges, for those to users who are none
  std::int64_t lifetime_ms = 60'000;   // of a nonce
  std::size_t max_open = 100'000;      // nonces
};

struct DigestAccepted {
  Imsi imsi;
};
struct DigestChallenged {
  std::string header;     // WWW-Authenticate
  bool unknown = false;   // no such subscriber: for the audit trail, and never for who asks
};
using DigestOutcome = std::variant<DigestAccepted, DigestChallenged>;

class DigestServer {
 public:
  static constexpr std::size_t kPerSubscriber = 4;

  // All outlive it. Code::invalid "hss.digest" for a realm or sizes that are none.
  static Result<std::unique_ptr<DigestServer>> open(DigestOptions options, Subscribers& subscribers, const Clock& clock, Random& random);

  // authorization: the field as it came. Without one nobody is named who could be challenged: Code::malformed "onboard.digest" as well.
  // target: the request's path and query as they were sent.
  // Errors: Code::malformed "onboard.digest"; Code::refused "hss.digest_realm", "hss.digest_uri", "hss.digest_response", "hss.auts";
  // those of Subscribers but for "hss.no_such_subscriber": who is none is answered like who has another key.
  Result<DigestOutcome> answer(std::string_view authorization, std::string_view method, std::string_view target);
  // The user whom it names, true or not; empty when it names none of this realm. For the audit trail.
  [[nodiscard]] std::string named(std::string_view authorization) const;
  [[nodiscard]] std::size_t open_nonces();

 private:
  struct Open {
    std::string nonce;
    Imsi imsi;
    crypto::Rand rand{};
    onboard::DigestAlgorithm algorithm;
    SecretBytes password;
    std::int64_t ends_ms = 0;
  };
  using Place = std::list<Open>::iterator;
  DigestServer(DigestOptions options, Subscribers& subscribers, const Clock& clock, Random& random)
      : options_(std::move(options)), subscribers_(subscribers), clock_(clock), random_(random) {}
  Result<DigestChallenged> challenge(const Imsi& imsi, onboard::DigestAlgorithm algorithm, bool stale = false);
  crypto::AkaVector nobodys_vector();
  Result<Imsi> user_of(const std::string& username) const;
  void keep(Open open);
  void drop(Place place);
  void drop_ended(std::int64_t now_ms);
  std::optional<Open> take(const std::string& nonce, const Imsi& imsi);

  const DigestOptions options_;
  Subscribers& subscribers_;
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::list<Open> open_;  // the oldest first: they end in this order
  std::unordered_map<std::string, Place> by_nonce_;
  std::unordered_map<std::string, std::list<Place>> by_imsi_;
};

}  // namespace tf::hss
