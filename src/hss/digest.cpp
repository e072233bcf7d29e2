#include "hss/digest.hpp"

#include <algorithm>

namespace tf::hss {
namespace {

Error refused(const char* reason, const char* what) { return {Code::refused, reason, what}; }

bool plain(std::string_view realm) {
  return !realm.empty() && realm.size() <= 200 && std::ranges::all_of(realm, [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '@'; });
}

}  // namespace

Result<std::unique_ptr<DigestServer>> DigestServer::open(DigestOptions options, Subscribers& subscribers, const Clock& clock, Random& random) {
  if (!plain(options.realm) || options.lifetime_ms < 1 || options.max_open < 1)
    return Error{Code::invalid, "hss.digest", "a realm is plain text without quotes, blanks and @; a nonce lives and has a place"};
  return std::unique_ptr<DigestServer>(new DigestServer(std::move(options), subscribers, clock, random));
}

Result<Imsi> DigestServer::user_of(const std::string& username) const {
  const std::string tail = "@" + options_.realm;
  if (!username.ends_with(tail)) return refused("hss.digest_realm", "a user of another realm");
  return Imsi::parse(std::string_view(username).substr(0, username.size() - tail.size()));
}

// mutex_ is held in these three.
void DigestServer::drop(Place place) {
  const auto own = by_imsi_.find(place->imsi.text());
  own->second.remove(place);
  if (own->second.empty()) by_imsi_.erase(own);
  by_nonce_.erase(place->nonce);
  open_.erase(place);
}

void DigestServer::drop_ended(std::int64_t now_ms) {
  while (!open_.empty() && open_.front().ends_ms <= now_ms) drop(open_.begin());
}

// Where there is no place the oldest gives way, whosever it is: who fills all of them has to do so anew between a device's question and its answer.
void DigestServer::keep(Open open) {
  if (const auto own = by_imsi_.find(open.imsi.text()); own != by_imsi_.end() && own->second.size() >= kPerSubscriber) drop(own->second.front());
  if (open_.size() >= options_.max_open) drop(open_.begin());
  open_.push_back(std::move(open));
  const Place place = std::prev(open_.end());
  by_nonce_[place->nonce] = place;
  by_imsi_[place->imsi.text()].push_back(place);
}

std::optional<DigestServer::Open> DigestServer::take(const std::string& nonce, const Imsi& imsi) {
  const std::scoped_lock lock(mutex_);
  drop_ended(clock_.monotonic_ms());
  const auto found = by_nonce_.find(nonce);
  if (found == by_nonce_.end() || found->second->imsi != imsi) return std::nullopt;
  const Place place = found->second;
  Open out{place->nonce, place->imsi, place->rand, place->algorithm, std::move(place->password), place->ends_ms};
  drop(place);
  return out;
}

std::size_t DigestServer::open_nonces() {
  const std::scoped_lock lock(mutex_);
  drop_ended(clock_.monotonic_ms());
  return open_.size();
}

// What a stranger's challenge is made of: nothing in it can be told from a real one without K.
crypto::AkaVector DigestServer::nobodys_vector() {
  crypto::AkaVector out;
  random_.fill(out.rand);
  random_.fill(out.autn);
  std::ranges::copy(options_.amf, out.autn.begin() + 6);
  random_.fill(out.res.reveal_mutable());
  random_.fill(out.ck.reveal_mutable());
  random_.fill(out.ik.reveal_mutable());
  return out;
}

Result<DigestChallenged> DigestServer::challenge(const Imsi& imsi, onboard::DigestAlgorithm algorithm, bool stale) {
  auto vectors = subscribers_.vectors(imsi, 1);
  const bool unknown = !vectors && vectors.error().code == Code::not_found;
  const crypto::AkaVector vector = unknown ? nobodys_vector() : std::move(TF_TRY(std::move(vectors)).front());
  const onboard::DigestChallenge made{options_.realm, vector.rand, vector.autn, algorithm, stale};
  const std::scoped_lock lock(mutex_);
  drop_ended(clock_.monotonic_ms());
  keep({onboard::nonce_of(vector.rand, vector.autn), imsi, vector.rand, algorithm, onboard::digest_password(algorithm, vector.res, vector.ik, vector.ck),
        clock_.monotonic_ms() + options_.lifetime_ms});
  return DigestChallenged{onboard::encode(made), unknown};
}

std::string DigestServer::named(std::string_view authorization) const {
  const auto parsed = onboard::parse_digest_answer(authorization);
  const auto imsi = parsed ? user_of(parsed->username) : Result<Imsi>(parsed.error());
  return imsi ? imsi->text() : std::string();
}

Result<DigestOutcome> DigestServer::answer(std::string_view authorization, std::string_view method, std::string_view target) {
  const auto parsed = TF_TRY(onboard::parse_digest_answer(authorization));
  const Imsi imsi = TF_TRY(user_of(parsed.username));
  if (parsed.realm != options_.realm || (options_.algorithm && parsed.algorithm != *options_.algorithm))
    return refused("hss.digest_realm", "an answer for another realm or algorithm");
  if (parsed.uri != target) return refused("hss.digest_uri", "the answer is for another request");
  if (parsed.nonce.empty()) return DigestOutcome(TF_TRY(challenge(imsi, parsed.algorithm)));
  const auto open = take(parsed.nonce, imsi);
  if (!open) return DigestOutcome(TF_TRY(challenge(imsi, parsed.algorithm, true)));
  if (parsed.algorithm != open->algorithm) return refused("hss.digest_response", "an answer by another algorithm than its challenge");
  if (!parsed.auts) {
    if (!onboard::verify_digest(parsed, method, open->password)) return refused("hss.digest_response", "the response is not of this subscription's key");
    return DigestOutcome(DigestAccepted{imsi});
  }
  if (!onboard::verify_digest(parsed, method, SecretBytes())) return refused("hss.digest_response", "the response beside AUTS is wrong");
  const Status moved = subscribers_.resync(imsi, open->rand, *parsed.auts);
  if (!moved && moved.error().code == Code::not_found) return refused("hss.auts", "no such subscriber");
  TF_CHECK(moved);
  return DigestOutcome(TF_TRY(challenge(imsi, parsed.algorithm)));
}

}  // namespace tf::hss
