#include "platform/onboard/server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "net/processors.hpp"
#include "protocols/onboard/messages_servers.hpp"
#include "protocols/onboard/refusal.hpp"
#include "protocols/onboard/routes.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {
namespace {

constexpr std::size_t kMostOfDevices = 64 * 1024;  // of a body

wire::HttpResponse text_reply(int status, std::string_view type, std::string body) {
  return {.status = status, .content_type = std::string(type), .body = std::move(body), .headers = {}};
}

Status check_form(const wire::HttpRequest& request) {
  if (request.content_type != "application/json") return Error{Code::invalid, "onboard.content_type", "messages of onboard are application/json"};
  if (!request.query.empty()) return Error{Code::invalid, "onboard.query", "messages of onboard have no query"};
  return {};
}

}  // namespace

Result<std::unique_ptr<OnboardServer>> OnboardServer::open(const std::string& directory, const SecretBytes& passphrase,
                                                           const std::vector<std::string>& roles, const Clock& clock) {
  auto opened = TF_TRY(open_onboard(directory, passphrase, clock));
  std::unique_ptr<OnboardServer> out(new OnboardServer(std::move(opened)));
  out->running_ = roles.empty() ? out->opened_->settings.roles : roles;
  for (const std::string& role : out->running_) {
    if (!out->opened_->settings.has(role))
      return Error{Code::invalid, "onboard.role", fmt::format("{} was not made for the role {}: onboard init --role", directory, role)};
    out->roles_.push_back(TF_TRY(open_onboard_role(role, *out->opened_)));
    for (OnboardRoute& route : out->roles_.back()->routes()) out->routes_.push_back(std::move(route));
  }
  return out;
}

OnboardServer::~OnboardServer() { stop(); }

Status OnboardServer::start() {
  const OnboardSettings& settings = opened_->settings;
  for (const auto& role : roles_) TF_CHECK(role->start());
  net::TlsServerConfig tls;
  for (const pki::Certificate& certificate : opened_->chains.at(std::string(onboard_key::tls))) tls.chain.push_back(net::share(certificate.native()));
  const crypto::PrivateKey key = TF_TRY(opened_->vault->signing_handle(onboard_key::tls));
  tls.key = net::share(key.native());
  tls.client_anchors = {net::share(opened_->root->native())};
  net::ServerOptions options;
  options.name = "onboard";
  options.address = settings.listen.address;
  options.port = settings.listen.port;
  options.max_connections = static_cast<std::size_t>(settings.connections);
  options.max_body_bytes = onboard::kMaxBatch;  // rows and items, from servers and staff
  options.max_unknown_body_bytes = kMostOfDevices;
  options.io_threads = net::processors();  // they never wait
  options.kept_headers = {"authorization", "x-syncml-hmac"};
  devices_ = std::make_shared<net::WorkerPool>(static_cast<std::size_t>(settings.workers));
  asking_ = std::make_shared<net::WorkerPool>(static_cast<std::size_t>(settings.workers));
  servers_ = std::make_shared<net::WorkerPool>(static_cast<std::size_t>(settings.workers));
  TF_CHECK(listener_.start(std::move(options), tls,
                           {.handler = [this](const wire::HttpRequest& request) { return handle(request); },
                            .pool = devices_,
                            .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) { return promptly(request, answer); },
                            .pool_of = [this](const wire::HttpRequest& request) { return pool_of(request); }},
                           opened_->metrics));
  TF_CHECK(metrics_.start(settings.metrics, [this] {
    opened_->batches->refresh();
    return opened_->metrics.render();
  }, opened_->metrics));
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  return {};
}

void OnboardServer::stop() {
  thread_ = {};
  listener_.stop(std::chrono::seconds(opened_->settings.stop_seconds));
  metrics_.stop();
  for (const auto& role : roles_) role->stop();
  servers_.reset();
  asking_.reset();
  devices_.reset();
}

void OnboardServer::work_now() {
  const std::lock_guard lock(working_);
  for (const auto& role : roles_) role->work(opened_->clock->now_ms());
}

void OnboardServer::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, std::chrono::seconds(1), [&] { return stop.stop_requested(); })) {
    lock.unlock();
    work_now();
    lock.lock();
  }
}

// What other servers ask goes to pools of their own.
net::WorkerPool* OnboardServer::pool_of(const wire::HttpRequest& request) const {
  const OnboardRoute* route = route_of(request);
  if (route == nullptr) return nullptr;
  if (route->asks_servers) return asking_.get();
  const bool of_servers = std::ranges::any_of(route->from, [](const std::string& role) { return role != onboard_role::staff; });
  return of_servers || route->asked_by_servers ? servers_.get() : nullptr;
}

const OnboardRoute* OnboardServer::route_of(const wire::HttpRequest& request) const {
  for (const OnboardRoute& route : routes_) {
    if (route.method != request.method) continue;
    if (route.path == request.path || (route.below && request.path.starts_with(route.path + "/"))) return &route;
  }
  return nullptr;
}

const OnboardPeer* OnboardServer::peer_of(const wire::HttpRequest& request, const std::vector<std::string>& roles) const {
  if (!request.client_certificate) return nullptr;
  const std::string fingerprint = wire::hex_lower(crypto::sha256(*request.client_certificate));
  for (const OnboardPeer& peer : opened_->settings.peers)
    if (std::ranges::find(roles, peer.role) != roles.end() && std::ranges::find(peer.fingerprints, fingerprint) != peer.fingerprints.end()) return &peer;
  return nullptr;
}

wire::HttpResponse OnboardServer::handle(const wire::HttpRequest& request) {
  if (request.method == "GET" && request.path == "/healthz") return text_reply(200, "text/plain", "ok\n");
  if (request.method == "GET" && request.path == "/readyz") {
    const Status ready = opened_->vault->state().sealed ? Status(Error{Code::sealed, "vault.sealed", "the vault is sealed"}) : opened_->database->read([](store::Session&) -> Status { return {}; });
    return ready ? text_reply(200, "text/plain", "ready\n") : net::to_problem(ready.error());
  }
  const OnboardRoute* route = route_of(request);
  if (route == nullptr) return net::to_problem(Error{Code::not_found, "onboard.no_such_route", "there is nothing at this path"});
  OnboardCall call{request};
  if (auto refused = admit(*route, call)) return std::move(*refused);
  if (route->raw) return route->raw(call);
  std::string subject;
  auto body = route->handler(call, subject);
  return reply(*route, std::move(body), std::move(subject), call);
}

bool OnboardServer::promptly(const wire::HttpRequest& request, net::Answer& answer) {
  const OnboardRoute* route = route_of(request);
  if (route == nullptr || !route->prompt) return false;
  OnboardCall call{request};
  if (auto refused = admit(*route, call)) return answer(std::move(*refused)), true;
  std::string subject;
  auto body = route->prompt(call, subject);
  if (!body) return false;
  answer(reply(*route, std::move(*body), std::move(subject), call));
  return true;
}

std::optional<wire::HttpResponse> OnboardServer::admit(const OnboardRoute& route, OnboardCall& call) {
  const wire::HttpRequest& request = call.request;
  if (!route.from.empty()) {
    call.peer = peer_of(request, route.from);
    if (call.peer == nullptr) return refusal(route, Error{Code::refused, "onboard.stranger", "this is for servers that the settings know"}, request.peer_address, false);
  }
  if (!route.known.empty()) call.peer = peer_of(request, route.known);
  if (route.raw) return std::nullopt;
  if (const Status form = request.method == "GET" ? Status() : check_form(request); !form) return net::to_problem(form.error());
  if (call.peer == nullptr && request.body.size() > kMostOfDevices) return net::to_problem(413, Error{Code::invalid, "onboard.size", "a message is 64 KiB at most"});
  return std::nullopt;
}

wire::HttpResponse OnboardServer::reply(const OnboardRoute& route, Result<std::string> body, std::string subject, const OnboardCall& call) {
  if (!body) return refusal(route, body.error(), std::move(subject), call.peer != nullptr);
  return {.status = 200, .content_type = "application/json", .body = std::move(*body), .headers = {}};
}

// The peer is told the coarse word; the exact reason goes to the audit trail. A server that the settings know is told it too.
wire::HttpResponse OnboardServer::refusal(const OnboardRoute& route, const Error& error, std::string subject, bool known) {
  std::string action = route.path.starts_with(onboard::kPathPrefix) ? route.path.substr(onboard::kPathPrefix.size()) : route.path;
  std::ranges::replace(action, '/', '.');
  opened_->metrics.counter("trustferry_onboard_refusals_total", "Messages refused", {{"route", action}}).add();
  opened_->refusals->record({"onboard." + action, std::move(subject), error});
  if (known) return net::to_problem(error, {.audience = net::Audience::operator_});
  if (error.code == Code::refused || error.code == Code::denied)
    return {.status = 403, .content_type = std::string(net::kProblemType), .body = onboard::refusal_body(error), .headers = {}};
  return net::to_problem(error);
}

}  // namespace tf::platform
