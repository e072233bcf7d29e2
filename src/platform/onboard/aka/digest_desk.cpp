#include "platform/onboard/aka/digest_desk.hpp"

#include "net/problem.hpp"
#include "platform/onboard/signer.hpp"

namespace tf::platform {
namespace {

constexpr std::int64_t kLifeMs = 60'000;
constexpr std::size_t kMostPending = 100'000;

Error refused(const char* reason, std::string detail) { return {Code::refused, reason, std::move(detail)}; }

}  // namespace

void DigestDesk::housekeeping() {
  const std::lock_guard lock(mutex_);
  std::erase_if(pending_, [now = clock_.monotonic_ms()](const auto& entry) { return entry.second.ends_ms <= now; });
}

Result<hss::Imsi> DigestDesk::user_of(const onboard::DigestAnswer& answer, std::string& subject) const {
  const std::size_t at = answer.username.find('@');
  if (at == std::string::npos || answer.username.substr(at + 1) != realm_ || (!answer.realm.empty() && answer.realm != realm_))
    return refused("onboard.realm", "users here are IMSI@" + realm_);
  const auto imsi = hss::Imsi::parse(answer.username.substr(0, at));
  if (!imsi) return refused("onboard.realm", "users here are IMSI@" + realm_);
  subject = imsi->text();
  return *imsi;
}

Result<DigestDesk::Challenged> DigestDesk::challenge(const hss::Imsi& imsi, onboard::DigestAlgorithm algorithm, bool stale) {
  auto vectors = subscribers_.vectors(imsi, 1);
  if (!vectors && vectors.error().code == Code::not_found) return refused(vectors.error().reason, vectors.error().detail);
  const crypto::AkaVector vector = std::move(TF_TRY(std::move(vectors)).front());
  const onboard::DigestChallenge challenge{.realm = realm_, .rand = vector.rand, .autn = vector.autn, .algorithm = algorithm, .stale = stale};
  {
    const std::lock_guard lock(mutex_);
    if (pending_.size() >= kMostPending) return Error{Code::overloaded, "onboard.challenges", "too many challenges wait"};
    pending_.insert_or_assign(onboard::nonce_of(vector.rand, vector.autn),
                              Pending{imsi.text(), vector.rand, onboard::digest_password(algorithm, vector.res, vector.ik, vector.ck), clock_.monotonic_ms() + kLifeMs});
  }
  Challenged out{net::to_problem(Error{Code::denied, net::kNoCredentials, "answer the challenge"})};
  out.response.headers.emplace_back("WWW-Authenticate", onboard::encode(challenge));
  return out;
}

// Once, whatever comes of it.
std::optional<DigestDesk::Pending> DigestDesk::take(const onboard::DigestAnswer& answer, const hss::Imsi& imsi) {
  const std::lock_guard lock(mutex_);
  auto found = pending_.extract(answer.nonce);
  if (!found || found.mapped().user != imsi.text() || found.mapped().ends_ms <= clock_.monotonic_ms())
    return std::nullopt;
  return std::move(found.mapped());
}

Result<std::variant<DigestDesk::Proved, DigestDesk::Challenged>> DigestDesk::handle(const wire::HttpRequest& request, std::string& subject) {
  using Outcome = std::variant<Proved, Challenged>;
  const std::string header = authorization_of(request);
  if (header.empty()) return refused("onboard.user_missing", "Authorization: Digest names the user, with an empty nonce at first (RFC 3310 section 4)");
  const auto answer = TF_TRY(onboard::parse_digest_answer(header));
  const hss::Imsi imsi = TF_TRY(user_of(answer, subject));
  if (answer.nonce.empty()) return Outcome(TF_TRY(challenge(imsi, answer.algorithm, false)));
  if (answer.uri != request.path) return refused("onboard.digest_uri", "the answer is for another path");
  const auto pending = take(answer, imsi);
  if (!pending) return Outcome(TF_TRY(challenge(imsi, answer.algorithm, true)));
  if (answer.auts) {
    if (!onboard::verify_digest(answer, request.method, SecretBytes())) return refused("onboard.digest_answer", "the answer with AUTS is wrong");
    TF_CHECK(subscribers_.resync(imsi, pending->rand, *answer.auts));
    return Outcome(TF_TRY(challenge(imsi, answer.algorithm, false)));
  }
  if (!onboard::verify_digest(answer, request.method, pending->password)) return refused("onboard.digest_answer", "the answer is wrong");
  return Outcome(Proved{imsi.text()});
}

}  // namespace tf::platform
