#include "platform/cardsign/office.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "net/problem.hpp"
#include "net/processors.hpp"
#include "platform/cardsign/pages/pages.hpp"
#include "platform/wallet/office.hpp"
#include "protocols/cardsign/refusal.hpp"
#include "protocols/cardsign/routes.hpp"

namespace tf::platform {
namespace {

constexpr std::int64_t kLongestAirPause = 10;  // s

}  // namespace

wire::HttpResponse cardsign_response(Result<std::string> reply) {
  if (reply) return {.status = 200, .content_type = "application/json", .body = std::move(*reply), .headers = {{"Cache-Control", "no-store"}}};
  if (reply.error().code != Code::refused && reply.error().code != Code::malformed) return net::to_problem(reply.error());
  return {.status = 403, .content_type = std::string(net::kProblemType), .body = cardsign::refusal_body(reply.error()), .headers = {}};
}

Result<std::unique_ptr<CardsignOffice>> CardsignOffice::open(Context& context, audit::RefusalSampler& sampler) {
  const CardsignConfig& config = *context.config.cardsign;
  if (context.authority == nullptr || context.wallet == nullptr) return Error{Code::invalid, "cardsign.no_wallet", "cardsign needs the platform's certificate authority and its wallet"};
  std::unique_ptr<CardsignOffice> out(new CardsignOffice(context));
  out->service_ = TF_TRY(CardsignService::make(context, sampler, {.policy = config.policy, .name = config.name, .terminal = config.terminal, .order_hours = config.order_hours,
                                                                  .sessions = static_cast<std::size_t>(config.sessions), .repeat_seconds = config.repeat_seconds},
                                               {*context.authority, context.wallet->payments(), context.wallet->merchants(), context.wallet->service().instruments(), &context.wallet->sms()}));
  context.wallet->incoming().listen([service = out->service_.get()](const sms::Incoming& message) { service->arrived(message); });
  context.cardsign = out.get();
  return out;
}

CardsignOffice::~CardsignOffice() {
  stop(std::chrono::seconds(0));
  if (service_) context_.wallet->incoming().listen({});
  context_.cardsign = nullptr;
}

Status CardsignOffice::start(const net::TlsServerConfig& tls, std::shared_ptr<net::WorkerPool> pool) {
  const Config& config = context_.config;
  net::ServerOptions options;
  options.name = "cardsign";
  options.address = config.cardsign->listen.address;
  options.port = config.cardsign->listen.port;
  options.io_threads = net::processors();  // they never wait
  options.max_connections = static_cast<std::size_t>(config.connections);
  options.max_body_bytes = cardsign::kMaxBody;
  options.kept_headers = {std::string(cardsign::kSignatureHeader)};
  TF_CHECK(listener_.start(options, tls,
                         {.handler = [this](const wire::HttpRequest& request) { return handle(request); }, .pool = std::move(pool),
                          .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) { return converse(request, answer); }},
                         context_.metrics));
  airing_ = std::jthread([this](const std::stop_token& stop) { air(stop); });
  return {};
}

void CardsignOffice::stop(std::chrono::milliseconds grace) {
  airing_ = {};
  listener_.stop(grace);
}

// What is sent again is due when its own time has come, and of many cards so many go at once that the sender's queue keeps up (kAtOnce in airing.cpp).
void CardsignOffice::air(const std::stop_token& stop) {
  const std::chrono::seconds pause(std::min(kLongestAirPause, service_->settings().repeat_seconds));
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  do service_->air();
  while (!never.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); }));
}

// Messages wait for nothing but commits, signatures of the authority and front ends: they are computed on the I/O thread.
bool CardsignOffice::converse(const wire::HttpRequest& request, net::Answer& answer) {
  const auto route = cardsign::route_of(request);
  if (!route || *route == "keys") return false;
  service_->handle(*route, request, [answer = std::move(answer)](Result<std::string> reply) mutable { answer(cardsign_response(std::move(reply))); });
  return true;
}

wire::HttpResponse CardsignOffice::handle(const wire::HttpRequest& request) {
  const bool get = request.method == "GET";
  if (get && request.path == "/healthz") return {.status = 200, .content_type = "text/plain", .body = "ok\n", .headers = {}};
  if (get && request.path == "/cardsign/v1/account") return cardsign_response(service_->account(request.client_certificate));
  if (const auto found = page(request.path); get && found) {
    wire::HttpResponse out{.status = 200, .content_type = std::string(found->content_type), .body = std::string(found->body), .headers = {}};
    for (const auto& [name, value] : page_headers()) out.headers.emplace_back(name, value);
    return out;
  }
  const auto route = cardsign::route_of(request);
  if (!route) return net::to_problem(route.error());
  return cardsign_response(service_->published());
}

}  // namespace tf::platform
