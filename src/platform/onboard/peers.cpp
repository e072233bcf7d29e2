#include "platform/onboard/peers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocols/onboard/messages_servers.hpp"
#include "protocols/onboard/routes.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

constexpr std::size_t kMostIdle = 64, kSeveral = 4;
constexpr std::chrono::milliseconds kSoon{50};  // some more than a group commit of the peer gathers
// What another server says about a device, and about nothing else: not about how the two of us are set up.
constexpr const char* kAboutDevices[] = {"onboard.used_by_other", "onboard.withdrawn"};

const char* reason_of(const wire::HttpResponse& answer) {
  const std::string said = answer.status == 403 ? wire::peek_text(answer.body, "reason").value_or("") : "";
  for (const char* reason : kAboutDevices)
    if (said == reason) return reason;
  return "onboard.peer_refused";
}

}  // namespace

Result<std::vector<Hash256>> pins_of(const OnboardPeer& peer) {
  std::vector<Hash256> out;
  for (const std::string& fingerprint : peer.fingerprints) {
    const Bytes bytes = TF_TRY(wire::from_hex(fingerprint));
    if (bytes.size() != 32) return Error{Code::invalid, "config.value", "a fingerprint is SHA-256 in 64 lower-case hex digits"};
    std::ranges::copy(bytes, out.emplace_back().begin());
  }
  return out;
}

Result<net::ClientOptions> onboard_client(OnboardOpened& opened, const OnboardPeer& peer) {
  net::ClientOptions out;
  out.server = TF_TRY(net::parse_base_url(peer.url));
  out.pinned = TF_TRY(pins_of(peer));
  out.anchors = {net::share(opened.root->native())};
  for (const pki::Certificate& certificate : opened.chains.at(std::string(onboard_key::tls))) out.chain.push_back(net::share(certificate.native()));
  const crypto::PrivateKey key = TF_TRY(opened.vault->signing_handle(onboard_key::tls));
  out.key = net::share(key.native());
  const std::chrono::seconds wait(opened.settings.answer_seconds);
  out.connect_timeout = out.handshake_timeout = out.response_timeout = wait;
  out.max_response_bytes = onboard::kMaxBatch;
  return out;
}

Result<wire::HttpResponse> OnboardLine::call(const net::ClientRequest& request) {
  std::unique_ptr<net::HttpClient> client;
  {
    std::unique_lock lock(mutex_);
    // Where several are under way one of them is back soon, for less than another handshake costs both of us.
    if (idle_.empty() && out_ >= kSeveral) back_.wait_for(lock, kSoon, [this] { return !idle_.empty(); });
    ++out_;
    if (!idle_.empty()) {
      client = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  auto answer = [&]() -> Result<wire::HttpResponse> {
    if (!client) client = std::make_unique<net::HttpClient>(TF_TRY(net::HttpClient::create(options_)));
    return client->request(request);
  }();
  const std::lock_guard lock(mutex_);
  --out_;
  if (answer && idle_.size() < kMostIdle) {
    idle_.push_back(std::move(client));
    back_.notify_one();
  }
  return answer;
}

Result<SecretBytes> OnboardLine::post(std::string_view route, std::string body) {
  net::ClientRequest request{.method = "POST", .target = std::string(onboard::kPathPrefix) + std::string(route), .content_type = "application/json",
                             .body = std::move(body), .headers = {}, .repeatable = true};
  auto answer = call(request);
  wipe(request.body.data(), request.body.size());
  silence_.note(!answer || answer->status >= 500 || answer->status == 429);
  if (!answer) return Error{Code::unavailable, "onboard.silent", fmt::format("{} {}: {}", peer_.role, peer_.name, describe(answer.error()))};
  if (answer->status == 200) {
    SecretBytes out{as_bytes(answer->body)};
    wipe(answer->body.data(), answer->body.size());
    return out;
  }
  const Error said = net::from_problem(*answer);
  const std::string detail = fmt::format("{} {}: {}", peer_.role, peer_.name, said.detail);
  if (answer->status >= 500 || answer->status == 429) return Error{Code::unavailable, "onboard.silent", detail};
  return Error{Code::refused, reason_of(*answer), detail};
}

Result<OnboardLines> OnboardLines::open(OnboardOpened& opened, std::string_view role) {
  OnboardLines out;
  for (const OnboardPeer& peer : opened.settings.peers_of(role)) {
    if (peer.url.empty()) continue;
    out.lines_.push_back(std::make_unique<OnboardLine>(peer, TF_TRY(onboard_client(opened, peer)), *opened.clock));
  }
  return out;
}

std::vector<OnboardLine*> OnboardLines::to_try() const {
  std::vector<OnboardLine*> out, last;
  for (const auto& line : lines_) (line->silent_lately() ? last : out).push_back(line.get());
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

OnboardLine* OnboardLines::of(std::string_view name) const {
  for (const auto& line : lines_)
    if (line->peer().name == name) return line.get();
  return nullptr;
}

Result<SecretBytes> OnboardLines::post(std::string_view route, const std::string& body) {
  Error last{Code::unavailable, "onboard.silent", fmt::format("no server is known for {}", route)};
  for (OnboardLine* line : to_try()) {
    auto answer = line->post(route, body);
    if (answer || answer.error().code != Code::unavailable) return answer;
    last = answer.error();
  }
  return last;
}

}  // namespace tf::platform
