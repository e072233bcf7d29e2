#include "platform/onboard/revocation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/log.hpp"
#include "pki/ocsp/verify.hpp"
#include "platform/onboard/peers.hpp"

namespace tf::platform {
namespace {

namespace ocsp = pki::ocsp;
constexpr std::size_t kMostIdle = 32;

}  // namespace

struct RevocationDesk::Responder {
  explicit Responder(const Clock& clock) : silence(clock) {}
  Silence silence;
  std::string url, target;
  net::ClientOptions options;
  std::mutex mutex;
  std::vector<std::unique_ptr<net::HttpClient>> idle;

  Result<Bytes> exchange(const Bytes& request) {
    std::unique_ptr<net::HttpClient> client;
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        client = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (!client) client = std::make_unique<net::HttpClient>(TF_TRY(net::HttpClient::create(options)));
    auto answer = client->request({.method = "POST", .target = target, .content_type = "application/ocsp-request", .body = std::string(as_text(request)), .headers = {}, .repeatable = true});
    if (!answer) return answer.error();
    const std::lock_guard lock(mutex);
    if (idle.size() < kMostIdle) idle.push_back(std::move(client));
    if (answer->status != 200) return Error{Code::unavailable, "ocsp.status", fmt::format("{} gives status {}", url, answer->status)};
    return to_bytes(as_bytes(answer->body));
  }
};

Result<std::unique_ptr<RevocationDesk>> RevocationDesk::open(OnboardOpened& opened) {
  std::unique_ptr<RevocationDesk> out(new RevocationDesk(opened));
  for (const OnboardPeer& peer : opened.settings.peers_of(onboard_role::ocsp)) {
    const std::size_t host = peer.url.find("://");
    const std::size_t slash = host == std::string::npos ? host : peer.url.find('/', host + 3);
    auto responder = std::make_shared<Responder>(*opened.clock);
    responder->url = peer.url;
    responder->target = slash == std::string::npos ? "/" : peer.url.substr(slash);
    responder->options.server = TF_TRY(net::parse_any_base_url(peer.url.substr(0, slash)));
    responder->options.pinned = TF_TRY(pins_of(peer));
    if (responder->options.server.tls) responder->options.anchors = {net::share(opened.root->native())};
    responder->options.connect_timeout = responder->options.handshake_timeout = responder->options.response_timeout = std::chrono::seconds(opened.settings.answer_seconds);
    responder->options.max_response_bytes = ocsp::kMaxResponse;
    out->responders_.push_back(std::move(responder));
  }
  if (out->responders_.empty()) return Error{Code::invalid, "config.value", "no OCSP responder is set: a [[peer]] with role = \"ocsp\""};
  return out;
}

Result<RevocationDesk::Outcomes> RevocationDesk::ask(Responder& responder, const std::vector<onboard::Shown>& same_issuer) {
  std::vector<ocsp::CertId> ids;
  for (const onboard::Shown& one : same_issuer) ids.push_back(TF_TRY(ocsp::cert_id(one.issuer, one.leaf.serial_hex())));
  Bytes nonce(ocsp::kNonce);
  opened_.random.fill(nonce);
  const Bytes response = TF_TRY(responder.exchange(TF_TRY(ocsp::encode_request(ids, nonce))));
  Outcomes out;
  for (const onboard::Shown& one : same_issuer) {
    const auto verified = ocsp::verify(response, {.issuer = one.issuer, .serial_hex = one.leaf.serial_hex(), .now_ms = opened_.clock->now_ms(), .nonce = nonce, .max_age_ms = {}});
    if (!verified && verified.error().code == Code::unavailable) return verified.error();  // it says: later
    out.push_back(onboard::outcome_of(one, verified ? ocsp::require_good(*verified) : Status(verified.error())));
  }
  return out;
}

// An answer that does not verify is the answer: whoever sent it is no party to ask around.
RevocationDesk::Outcomes RevocationDesk::ask_all(const std::vector<onboard::Shown>& same_issuer) {
  std::vector<Responder*> to_try, last;
  for (const auto& responder : responders_) (responder->silence.lately() ? last : to_try).push_back(responder.get());
  to_try.insert(to_try.end(), last.begin(), last.end());
  for (Responder* responder : to_try) {
    auto answer = ask(*responder, same_issuer);
    responder->silence.note(!answer);
    if (answer) return std::move(*answer);
    log::warn("onboard: OCSP responder " + responder->url + ": " + describe(answer.error()));
  }
  Outcomes out;
  for (const onboard::Shown& one : same_issuer) out.push_back(onboard::outcome_of(one, Error{Code::unavailable, "ocsp.silent", "no responder answers"}));
  return out;
}

RevocationDesk::Outcomes RevocationDesk::judge(const std::vector<onboard::Shown>& certificates) {
  std::vector<std::optional<onboard::Outcome>> found(certificates.size());
  std::map<Hash256, std::vector<std::size_t>> by_issuer;
  for (std::size_t i = 0; i < certificates.size(); ++i) by_issuer[certificates[i].issuer.fingerprint()].push_back(i);
  for (const auto& [issuer, places] : by_issuer) {
    for (std::size_t from = 0; from < places.size(); from += ocsp::kMaxSingle) {
      const std::size_t to = std::min(places.size(), from + ocsp::kMaxSingle);
      std::vector<onboard::Shown> group;
      for (std::size_t i = from; i < to; ++i) group.push_back(certificates[places[i]]);
      Outcomes answers = ask_all(group);
      for (std::size_t i = from; i < to; ++i) found[places[i]] = std::move(answers[i - from]);
    }
  }
  Outcomes out;
  for (auto& one : found) out.push_back(std::move(*one));
  return out;
}

}  // namespace tf::platform
