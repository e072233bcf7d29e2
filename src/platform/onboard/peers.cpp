#include "platform/onboard/peers.hpp"

#include <fmt/format.h>

#include "protocols/onboard/messages_servers.hpp"
#include "protocols/onboard/routes.hpp"

namespace tf::platform {
namespace {

constexpr std::size_t kMostIdle = 64;

}  // namespace

Result<net::ClientOptions> onboard_client(OnboardOpened& opened, const std::string& url) {
  net::ClientOptions out;
  out.server = TF_TRY(net::parse_base_url(url));
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
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      client = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!client) client = std::make_unique<net::HttpClient>(TF_TRY(net::HttpClient::create(options_)));
  auto answer = client->request(request);
  const std::lock_guard lock(mutex_);
  if (answer && idle_.size() < kMostIdle) idle_.push_back(std::move(client));
  return answer;
}

Result<std::string> OnboardLine::post(std::string_view route, std::string body) {
  net::ClientRequest request{.method = "POST", .target = std::string(onboard::kPathPrefix) + std::string(route), .content_type = "application/json",
                             .body = std::move(body), .headers = {}, .repeatable = true};
  auto answer = call(request);
  wipe(request.body.data(), request.body.size());
  if (!answer) return Error{Code::unavailable, "onboard.silent", fmt::format("{} {}: {}", peer_.role, peer_.name, describe(answer.error()))};
  if (answer->status == 200) return std::move(answer->body);
  const Error said = net::from_problem(*answer);
  const std::string detail = fmt::format("{} {}: {}", peer_.role, peer_.name, said.detail);
  if (answer->status >= 500 || answer->status == 429) return Error{Code::unavailable, "onboard.silent", detail};
  return Error{Code::refused, "onboard.peer_refused", detail};
}

Result<OnboardLines> OnboardLines::open(OnboardOpened& opened, std::string_view role) {
  OnboardLines out;
  for (const OnboardPeer& peer : opened.settings.peers_of(role)) {
    if (peer.url.empty()) continue;
    out.lines_.push_back(std::make_unique<OnboardLine>(peer, TF_TRY(onboard_client(opened, peer.url))));
  }
  return out;
}

OnboardLine* OnboardLines::of(std::string_view name) const {
  for (const auto& line : lines_)
    if (line->peer().name == name) return line.get();
  return nullptr;
}

Result<std::string> OnboardLines::post(std::string_view route, const std::string& body) {
  Error last{Code::unavailable, "onboard.silent", fmt::format("no server is known for {}", route)};
  for (const auto& line : lines_) {
    auto answer = line->post(route, body);
    if (answer || answer.error().code != Code::unavailable) return answer;
    last = answer.error();
  }
  return last;
}

}  // namespace tf::platform
