#include "platform/wallet/office.hpp"

#include <future>

#include "base/file.hpp"
#include "net/problem.hpp"
#include "net/processors.hpp"
#include "payment/rules/rules_file.hpp"
#include "platform/wallet/files.hpp"
#include "platform/wallet/sms.hpp"
#include "protocols/wallet/refusal.hpp"
#include "protocols/wallet/routes.hpp"

namespace tf::platform {
namespace {

constexpr std::string_view kNotify = "/wallet/v1/notify/";
constexpr int kRunnerThreads = 4;

wire::HttpResponse reply_of(Result<std::string> reply) {
  if (reply) return {.status = 200, .content_type = "application/json", .body = std::move(*reply), .headers = {}};
  if (reply.error().code != Code::refused && reply.error().code != Code::malformed) return net::to_problem(reply.error());
  return {.status = 403, .content_type = std::string(net::kProblemType), .body = wallet::refusal_body(reply.error()), .headers = {}};
}

}  // namespace

Result<std::unique_ptr<WalletOffice>> WalletOffice::open(Context& context, audit::RefusalSampler& sampler, const std::string& directory) {
  const WalletConfig& config = *context.config.wallet;
  if (context.authority == nullptr || context.authority->authorities().empty())
    return Error{Code::invalid, "wallet.no_authority", "wallet needs the platform's certificate authority, which a platform made by this version has"};
  std::unique_ptr<WalletOffice> out(new WalletOffice(context));
  out->sms_ = TF_TRY(make_sms_sender(config.sms, directory, context.clock, context.random, [office = out.get()](const sms::Incoming& message) { office->incoming_.arrived(message); }));
  out->instruments_ = TF_TRY(WalletInstruments::open(context));
  out->front_ends_ = TF_TRY(FrontEnds::open(context, *out->instruments_, config, directory));
  TF_CHECK(out->open_books(config, directory));
  out->service_ = TF_TRY(WalletService::make(context, sampler, {.policy = config.policy, .name = config.name, .terminal = config.terminal, .sessions = static_cast<std::size_t>(config.sessions), .keys_ahead = static_cast<std::size_t>(config.keys_ahead)},
                                             {*context.authority, *out->payments_, *out->sms_, *out->instruments_, *out->front_ends_}));
  context.wallet = out.get();
  return out;
}

Status WalletOffice::open_books(const WalletConfig& config, const std::string& directory) {
  const std::string path = path_in(directory, config.rules);
  const auto text = read_file(path, 1024 * 1024);
  if (!text) return Error{Code::invalid, "payment.rules", "routes and limits are in " + path + ", which cannot be read: " + describe(text.error())};
  rules_ = TF_TRY(payment::parse_rules(as_text(*text)));
  TF_CHECK(payment::check_front_ends(rules_, front_ends_->names()));
  merchants_ = TF_TRY(payment::Merchants::open(context_.database, context_.vault));
  if (!config.webhook_anchors_file.empty()) {
    const Bytes pem = TF_TRY(read_file(path_in(directory, config.webhook_anchors_file), 1024 * 1024));
    webhooks_ = std::make_unique<payment::Webhooks>(payment::HookPorts{context_.database, *merchants_, context_.clock, context_.metrics,
                                                                       payment::http_hook_sender(TF_TRY(net::certificates_from_pem(as_text(pem))))});
  }
  books_ = std::make_unique<payment::StoredBooks>(context_.database, payment::StoredBooksOptions{
      .limits = rules_.limits, .subscribes = [this](const std::string& merchant) { return merchants_->subscribes(merchant); },
      .noticed = [this] { if (webhooks_) webhooks_->wake(); }, .alarm = raise_contradiction, .now_ms = [this] { return context_.clock.now_ms(); }, .trail = &context_.trail});
  runner_ = std::make_unique<payment::ThreadRunner>(kRunnerThreads);
  TF_CHECK(front_ends_->start());
  payments_ = TF_TRY(payment::Payments::open({*books_, *runner_, context_.clock, context_.metrics}, {.utc_offset_minutes = rules_.limits.utc_offset_minutes, .decide_after_ms = config.decide_minutes * 60'000},
                                             payment::Router(rules_.routes), front_ends_->all()));
  front_ends_->listen(*payments_);
  return {};
}

WalletOffice::~WalletOffice() {
  stop(std::chrono::seconds(0));
  context_.wallet = nullptr;
}

Status WalletOffice::start(const net::TlsServerConfig& tls, std::shared_ptr<net::WorkerPool> pool) {
  const Config& config = context_.config;
  net::ServerOptions options;
  options.name = "wallet";
  options.address = config.wallet->listen.address;
  options.port = config.wallet->listen.port;
  options.io_threads = net::processors();  // they never wait
  options.max_connections = static_cast<std::size_t>(config.connections);
  return listener_.start(options, tls,
                         {.handler = [this](const wire::HttpRequest& request) { return handle(request); }, .pool = std::move(pool),
                          .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) { return converse(request, answer); }},
                         context_.metrics);
}

void WalletOffice::stop(std::chrono::milliseconds grace) {
  listener_.stop(grace);
  if (front_ends_) front_ends_->stop();
}

// What waits for nothing but commits and front ends is computed on the I/O thread; the rest goes to the pool.
bool WalletOffice::converse(const wire::HttpRequest& request, net::Answer& answer) {
  const auto route = wallet::route_of(request);
  if (!route || *route == "keys" || WalletService::is_slow(*route)) return false;
  service_->handle(*route, request, [answer = std::move(answer)](Result<std::string> reply) mutable { answer(reply_of(std::move(reply))); });
  return true;
}

wire::HttpResponse WalletOffice::handle(const wire::HttpRequest& request) {
  if (request.method == "GET" && request.path == "/healthz") return {.status = 200, .content_type = "text/plain", .body = "ok\n", .headers = {}};
  if (request.path.starts_with(kNotify)) {
    auto told = front_ends_->notified(request.path.substr(kNotify.size()), request);
    return told ? std::move(*told) : net::to_problem(told.error());
  }
  const auto route = wallet::route_of(request);
  if (!route) return net::to_problem(route.error());
  if (*route == "keys") return reply_of(service_->published());
  std::promise<Result<std::string>> answered;
  service_->handle(*route, request, [&answered](Result<std::string> reply) { answered.set_value(std::move(reply)); });
  return reply_of(answered.get_future().get());
}

}  // namespace tf::platform
