#include "platform/server.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "net/processors.hpp"
#include "net/tls.hpp"
#include "platform/access/business.hpp"
#include "platform/admin/api.hpp"
#include "platform/ca/office.hpp"
#include "platform/cardsign/office.hpp"
#include "platform/rki/staples.hpp"
#include "platform/tls_certificate.hpp"
#include "platform/wallet/office.hpp"
#include "protocols/access/refusal.hpp"
#include "protocols/access/routes.hpp"
#include "protocols/rki/routes.hpp"

namespace tf::platform {

struct Server::Parts {
  std::unique_ptr<Opened> opened;
  std::unique_ptr<audit::RefusalSampler> refusals;
  std::unique_ptr<PkiOffice> pki;
  std::unique_ptr<RkiService> rki;
  std::unique_ptr<AccessService> access;  // none without services
  std::unique_ptr<WalletOffice> wallet;   // none without [wallet]
  std::unique_ptr<CardsignOffice> cardsign;  // none without [cardsign]
};

namespace {

net::Certificate tls_certificate(const pki::Certificate& certificate) { return net::share(certificate.native()); }

// The TLS certificate with the CA that issued it; terminals need both to reach the root.
Result<net::TlsServerConfig> tls_config(const Opened& opened, bool ask_for_clients) {
  const OwnCertificate own = TF_TRY(opened.certificates->current(kind::tls));
  const OwnCertificate ca = TF_TRY(opened.certificates->current(kind::operations_ca));
  const crypto::PrivateKey key = TF_TRY(opened.vault->signing_handle(own.key_name));
  net::TlsServerConfig out;
  out.chain = {tls_certificate(own.certificate), tls_certificate(ca.certificate)};
  out.key = net::share(key.native());
  out.allow_tls12 = opened.config.tls12 && !ask_for_clients;
  if (ask_for_clients) {
    const OwnCertificate root = TF_TRY(opened.certificates->current(kind::root));
    out.client_anchors = {tls_certificate(ca.certificate), tls_certificate(root.certificate)};
  }
  return out;
}

// Cards may show who they are; nothing but their own page asks.
Result<net::TlsServerConfig> cardsign_tls(const Opened& opened) {
  net::TlsServerConfig out = TF_TRY(tls_config(opened, false));
  const OwnCertificate root = TF_TRY(opened.certificates->current(kind::root));
  const OwnCertificate cards = TF_TRY(opened.certificates->current(std::string(kind::authority_prefix) + "cards"));
  out.client_anchors = {tls_certificate(cards.certificate), tls_certificate(root.certificate)};
  return out;
}

net::ServerOptions listener(const std::string& name, const Listen& listen, const Config& config) {
  net::ServerOptions options;
  options.name = name;
  options.address = listen.address;
  options.port = listen.port;
  options.io_threads = net::processors();  // they never wait
  options.max_connections = static_cast<std::size_t>(config.connections);
  return options;
}

wire::HttpResponse text_reply(std::string_view type, std::string body) {
  return {.status = 200, .content_type = std::string(type), .body = std::move(body), .headers = {}};
}

wire::HttpResponse healthy() { return text_reply("text/plain", "ok\n"); }

}  // namespace

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() { stop(); }

std::uint16_t Server::wallet_port() const { return parts_->wallet ? parts_->wallet->port() : 0; }
std::uint16_t Server::cardsign_port() const { return parts_->cardsign ? parts_->cardsign->port() : 0; }
std::uint16_t Server::public_port() const { return parts_->pki->listener().port(); }

Result<std::unique_ptr<Server>> Server::open(const std::string& directory, const SecretBytes& passphrase) {
  auto parts = std::make_unique<Parts>();
  parts->opened = TF_TRY(open_directory(directory, passphrase));
  Opened& opened = *parts->opened;
  parts->refusals = std::make_unique<audit::RefusalSampler>(opened.clock);
  parts->pki = TF_TRY(PkiOffice::open(*opened.context, opened.paths.profiles()));
  RkiSettings settings;
  settings.conversations = static_cast<std::size_t>(opened.config.conversations);
  settings.grace_ms = opened.config.grace_hours * 3600 * 1000;
  settings.plan_for_group = [&config = opened.config](const std::string& group) { return config.plan_for(group); };
  parts->rki = std::make_unique<RkiService>(
      *opened.database, *opened.trail, *parts->refusals,
      rki::PlatformPorts{opened.clock, opened.random, *opened.vault, *opened.certificates}, opened.metrics, std::move(settings));
  if (!opened.config.services.empty())
    parts->access = TF_TRY(AccessService::make(*opened.context, *parts->refusals,
                                               {opened.config.services, opened.config.number_headers, opened.config.ticket_issuer}));
  if (opened.config.wallet) parts->wallet = TF_TRY(WalletOffice::open(*opened.context, *parts->refusals, directory));
  if (opened.config.cardsign) parts->cardsign = TF_TRY(CardsignOffice::open(*opened.context, *parts->refusals));
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Status Server::start() {
  Opened& opened = *parts_->opened;
  TF_TRY(renew_tls_certificate(*opened.context));  // a server that was down too long comes up again
  pool_ = std::make_shared<net::WorkerPool>(static_cast<std::size_t>(opened.config.workers));
  TF_CHECK(terminals_.start(listener("terminals", opened.config.terminals, opened.config), TF_TRY(tls_config(opened, false)),
                            {.handler = [this](const wire::HttpRequest& request) { return handle_terminals(request); },
                             .pool = pool_,
                             .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) { return converse(request, answer); }},
                            opened.metrics));
  net::ServerOptions admin = listener("admin", opened.config.admin, opened.config);
  admin.io_threads = 1;
  admin.max_body_bytes = 32UL * 1024 * 1024;  // logs of loaders
  TF_CHECK(admin_.start(admin, TF_TRY(tls_config(opened, true)),
                        {[this](const wire::HttpRequest& request) { return handle_admin_listener(request); }, pool_, {}},
                        opened.metrics));
  TF_CHECK(start_access());
  TF_CHECK(start_channel());
  TF_CHECK(parts_->pki->start(pool_));
  if (parts_->wallet) TF_CHECK(parts_->wallet->start(TF_TRY(tls_config(opened, false)), pool_));
  if (parts_->cardsign) TF_CHECK(parts_->cardsign->start(TF_TRY(cardsign_tls(opened)), pool_));
  housekeeper_ = std::jthread([this](const std::stop_token& stop) { keep_house(stop); });
  return perform_act(*opened.context, {"system", "platform.start", "main"}, [](store::Session&) -> Status { return {}; });
}

Status Server::start_access() {
  Opened& opened = *parts_->opened;
  if (!parts_->access) return {};
  net::ServerOptions options = listener("access", opened.config.access, opened.config);
  options.kept_headers = opened.config.number_headers;
  return access_.start(options, TF_TRY(tls_config(opened, true)),
                       {.handler = [this](const wire::HttpRequest& request) { return handle_access(request); },
                        .pool = pool_,
                        .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) { return converse_access(request, answer); }},
                       opened.metrics);
}

// The number is not asked for here: who holds the key of a binding is known.
Status Server::start_channel() {
  Opened& opened = *parts_->opened;
  if (!parts_->access || opened.config.channel.port == 0) return {};
  net::TlsServerConfig tls;
  tls.psk = [this](const std::string& identity) { return parts_->access->channel_psk(identity); };
  return channel_.start(listener("channel", opened.config.channel, opened.config), tls,
                        {.handler = [this](const wire::HttpRequest& request) {
                           if (request.method != "GET" || request.path != "/channel/v1/whoami")
                             return net::to_problem(Error{Code::not_found, "channel.no_such_route", "there is nothing at this path"});
                           auto reply = parts_->access->whoami(request.psk_identity);
                           return reply ? text_reply("application/json", std::move(*reply)) : net::to_problem(reply.error());
                         },
                         .pool = pool_, .prompt = {}},
                        opened.metrics);
}

bool Server::converse_access(const wire::HttpRequest& request, net::Answer& answer) {
  const auto route = access::route_of(request);
  if (!route) return false;
  parts_->access->handle(*route, request, [answer = std::move(answer)](Result<std::string> reply) mutable {
    if (reply) return answer(text_reply("application/json", std::move(*reply)));
    if (reply.error().code != Code::refused) return answer(net::to_problem(reply.error()));
    answer({.status = 403, .content_type = std::string(net::kProblemType), .body = access::refusal_body(reply.error()), .headers = {}});
  });
  return true;
}

wire::HttpResponse Server::handle_access(const wire::HttpRequest& request) {
  if (auto health = handle_health(request)) return std::move(*health);
  if (auto keys = parts_->access->published(request))
    return *keys ? text_reply("application/jwk-set+json", std::move(**keys)) : net::to_problem(keys->error());
  if (request.method == "POST" && (request.path == "/access/v1/service-key" || request.path == "/access/v1/introspect")) {
    auto reply = serve_business(*parts_->opened->context, parts_->access->settings(), request);
    return reply ? text_reply("application/json", std::move(*reply)) : net::to_problem(reply.error());
  }
  return net::to_problem(access::route_of(request).error());
}

Status Server::renew_tls() {
  Opened& opened = *parts_->opened;
  if (!TF_TRY(renew_tls_certificate(*opened.context))) return {};
  log::info("the TLS certificate was renewed");
  TF_CHECK(terminals_.replace_tls(TF_TRY(tls_config(opened, false))));
  if (parts_->wallet) TF_CHECK(parts_->wallet->replace_tls(TF_TRY(tls_config(opened, false))));
  if (parts_->cardsign) TF_CHECK(parts_->cardsign->replace_tls(TF_TRY(cardsign_tls(opened))));
  if (parts_->access) TF_CHECK(access_.replace_tls(TF_TRY(tls_config(opened, true))));
  TF_CHECK(parts_->pki->renew_tls());
  return admin_.replace_tls(TF_TRY(tls_config(opened, true)));
}

void Server::keep_house(const std::stop_token& stop) {
  std::unique_lock lock(house_mutex_);
  while (!house_.wait_for(lock, stop, std::chrono::hours(1), [&] { return stop.stop_requested(); })) {
    if (const Status renewed = renew_tls(); !renewed) log::error("the TLS certificate could not be renewed: " + describe(renewed.error()));
    renew_staples(*parts_->opened->context);
    if (parts_->cardsign) {
      if (const Status kept = parts_->cardsign->service().keep_house(); !kept) log::error("cardsign could not be tidied: " + describe(kept.error()));
    }
    if (!parts_->wallet) continue;
    if (const Status kept = parts_->wallet->service().keep_house(); !kept) log::error("wallet could not be tidied: " + describe(kept.error()));
  }
}

void Server::stop() {
  if (stopped_ || !pool_) return;
  stopped_ = true;
  housekeeper_ = {};
  const auto grace = std::chrono::seconds(parts_->opened->config.stop_seconds);
  terminals_.stop(grace);
  admin_.stop(grace);
  access_.stop(grace);
  channel_.stop(grace);
  if (parts_->cardsign) parts_->cardsign->stop(grace);
  if (parts_->wallet) parts_->wallet->stop(grace);
  parts_->pki->stop(grace);
  Opened& opened = *parts_->opened;
  const Status noted = perform_act(*opened.context, {"system", "platform.stop", "main"}, [](store::Session&) -> Status { return {}; });
  if (!noted) log::error("the stop could not be written to the audit trail: " + describe(noted.error()));
  const Status closed = opened.trail->close();
  if (!closed) log::error("the last audit checkpoint failed: " + describe(closed.error()));
}

// The protocols' messages: computed on the I/O thread, of which there is one a core, and answered from there or, where a
// commit comes first, by the writer. No thread waits for another.
bool Server::converse(const wire::HttpRequest& request, net::Answer& answer) {
  if (request.method == "GET" && request.path == "/healthz") {
    answer(healthy());
    return true;
  }
  const auto route = rki::route_of(request);
  if (!route) return false;
  parts_->rki->handle(*route, request, [answer = std::move(answer)](Result<std::string> reply) mutable {
    answer(reply ? text_reply("application/json", std::move(*reply)) : net::to_problem(reply.error()));
  });
  return true;
}

wire::HttpResponse Server::handle_terminals(const wire::HttpRequest& request) {
  if (auto health = handle_health(request)) return std::move(*health);
  return net::to_problem(rki::route_of(request).error());
}

wire::HttpResponse Server::handle_admin_listener(const wire::HttpRequest& request) {
  if (auto health = handle_health(request)) return std::move(*health);
  if (request.path == "/metrics" && request.method == "GET") {
    parts_->opened->batches->refresh();
    return text_reply(metrics::Registry::content_type, parts_->opened->metrics.render());
  }
  return handle_admin(*parts_->opened->context, request);
}

// healthz: the process answers. readyz: it can do its work: vault open, database there, work certificates valid.
std::optional<wire::HttpResponse> Server::handle_health(const wire::HttpRequest& request) {
  if (request.method != "GET" || (request.path != "/healthz" && request.path != "/readyz")) return std::nullopt;
  if (request.path == "/healthz") return healthy();
  Opened& opened = *parts_->opened;
  if (opened.vault->state().sealed) return net::to_problem(Error{Code::sealed, "platform.sealed", "the vault is sealed"});
  const Status read = opened.database->read([](store::Session& session) {
    return session.query("SELECT 1", {}, [](const store::Row&) -> Status { return {}; });
  });
  if (!read) return net::to_problem(read.error());
  return text_reply("text/plain", "ready\n");
}

}  // namespace tf::platform
