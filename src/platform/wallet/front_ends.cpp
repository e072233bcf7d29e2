#include "platform/wallet/front_ends.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "crypto/public_key_file.hpp"
#include "frontends/acp/front_end.hpp"
#include "frontends/acp/notification.hpp"
#include "frontends/acp/phone_result.hpp"
#include "frontends/card/front_end.hpp"
#include "frontends/ewallet/front_end.hpp"
#include "frontends/ewallet/notification.hpp"
#include "pki/path/foreign_path.hpp"
#include "platform/wallet/card_keys.hpp"
#include "platform/wallet/files.hpp"

namespace tf::platform {
namespace {

constexpr int kLegacyBits = 2048;
constexpr std::size_t kMaxFile = 256 * 1024;

Result<std::string> file_of(const FrontEndConfig& config, const char* setting, const std::string& file, const std::string& directory) {
  const std::string where = fmt::format("wallet.front_ends.{}.{}", config.name, setting);
  if (file.empty()) return Error{Code::invalid, "config.value", where + " is missing"};
  const auto text = read_file(path_in(directory, file), kMaxFile);
  if (!text) return Error{Code::invalid, "config.value", where + ": " + describe(text.error())};
  return std::string(as_text(*text));
}

}  // namespace

std::string front_end_key(const std::string& front_end) { return "frontend." + front_end; }

// What a kind needs beside its front end; members end in reverse order.
struct FrontEnds::One {
  std::unique_ptr<CardKeys> keys{};
  std::unique_ptr<frontends::HttpsExchange> exchange{};
  std::unique_ptr<payment::FrontEnd> front_end{};
  std::function<Status()> start{};
  std::function<void()> stop{};
  std::function<void(const frontends::Books&)> listen{};
  std::function<wire::HttpResponse(const wire::HttpRequest&)> notified{};
  std::function<Result<bool>(const std::string& tn, const std::string& returned)> brought{};
};

FrontEnds::FrontEnds(Context& context, WalletInstruments& instruments) : context_(context), instruments_(instruments) {}

Result<std::unique_ptr<FrontEnds>> FrontEnds::open(Context& context, WalletInstruments& instruments, const WalletConfig& config, const std::string& directory) {
  std::unique_ptr<FrontEnds> out(new FrontEnds(context, instruments));
  for (const FrontEndConfig& each : config.front_ends) {
    switch (each.kind) {
      case FrontEndConfig::Kind::card: TF_CHECK(out->add_card(each)); break;
      case FrontEndConfig::Kind::ewallet: TF_CHECK(out->add_ewallet(each, directory)); break;
      case FrontEndConfig::Kind::acp: TF_CHECK(out->add_acp(each, directory)); break;
    }
  }
  return out;
}

FrontEnds::~FrontEnds() { stop(); }

Result<crypto::PublicKey> ensure_front_end_key(vault::Vault& vault, const std::string& front_end) {
  const std::string name = front_end_key(front_end);
  if (auto there = vault.public_key(name)) return there;
  return vault.generate(name, crypto::KeyKind::rsa, kLegacyBits, vault::Purpose::sign_legacy);
}

Result<std::unique_ptr<frontends::HttpsExchange>> FrontEnds::exchange_to(const FrontEndConfig& config, const std::string& directory) const {
  net::ClientOptions options;
  options.response_timeout = std::chrono::seconds(8);  // three tries still end within the 90 s that the books wait
  options.server = TF_TRY(net::parse_base_url(config.url));
  const std::string anchors = TF_TRY(file_of(config, "anchors_file", config.anchors_file, directory));
  for (const auto& certificate : TF_TRY(pki::certificates_from_pem(anchors))) options.anchors.push_back(TF_TRY(net::certificate_from_der(certificate.der())));
  return frontends::HttpsExchange::create(options);
}

Status FrontEnds::add_card(const FrontEndConfig& config) {
  auto one = std::make_unique<One>();
  one->keys = std::make_unique<CardKeys>(context_, config.name, config.zone);
  frontends::card::Profile profile{.name = config.name, .institution = config.institution, .reply_timeout = std::chrono::milliseconds(config.reply_ms)};
  net::LinkOptions link{.host = config.address.address, .port = config.address.port};
  auto front_end = std::make_unique<frontends::card::CardFrontEnd>(
      profile, link, frontends::card::Ports{.vault = context_.vault, .keys = *one->keys, .instruments = instruments_, .clock = context_.clock,
                                            .watch = [this, name = config.name](const frontends::card::Incident& incident) { note(name, incident); }});
  one->start = [line = front_end.get()] { return line->start(); };
  one->stop = [line = front_end.get()] { line->stop(); };
  one->front_end = std::move(front_end);
  all_.emplace(config.name, std::move(one));
  return {};
}

Status FrontEnds::add_ewallet(const FrontEndConfig& config, const std::string& directory) {
  auto one = std::make_unique<One>();
  TF_TRY(ensure_front_end_key(context_.vault, config.name));
  one->exchange = TF_TRY(exchange_to(config, directory));
  const std::string pem = TF_TRY(file_of(config, "gateway_key_file", config.gateway_key_file, directory));
  frontends::ewallet::Settings settings{.name = config.name, .app_id = config.app_id, .key = front_end_key(config.name), .gateway_key = TF_TRY(crypto::public_key_from_pem(pem)),
                                        .base_url = config.url, .notify_url = config.notify_url};
  one->front_end = std::make_unique<frontends::ewallet::FrontEnd>(settings, frontends::ewallet::Ports{context_.vault, instruments_, context_.clock, *one->exchange});
  one->stop = [exchange = one->exchange.get()] { exchange->stop(); };
  one->listen = [settings, &notified = one->notified](const frontends::Books& books) {
    notified = [handler = std::make_shared<frontends::ewallet::NotificationHandler>(settings, books)](const wire::HttpRequest& request) { return handler->handle(request); };
  };
  all_.emplace(config.name, std::move(one));
  return {};
}

Status FrontEnds::add_acp(const FrontEndConfig& config, const std::string& directory) {
  auto one = std::make_unique<One>();
  TF_TRY(ensure_front_end_key(context_.vault, config.name));
  one->exchange = TF_TRY(exchange_to(config, directory));
  const auto own = TF_TRY(pki::Certificate::from_pem(TF_TRY(file_of(config, "certificate_file", config.certificate_file, directory))));
  frontends::acp::Settings settings{.name = config.name, .merchant = config.merchant, .cert_id = pki::decimal_serial(own), .key = front_end_key(config.name),
                                    .trust = {.anchors = TF_TRY(pki::certificates_from_pem(TF_TRY(file_of(config, "signers_file", config.signers_file, directory))))},
                                    .back_url = config.notify_url, .token_requestor = config.token_requestor};
  settings.trust.signer = config.signer;
  settings.phones = config.direct;
  if (!config.phone_signers_file.empty())
    settings.phone_signers = TF_TRY(pki::certificates_from_pem(TF_TRY(file_of(config, "phone_signers_file", config.phone_signers_file, directory))));
  one->front_end = std::make_unique<frontends::acp::FrontEnd>(settings, frontends::acp::Ports{context_.vault, instruments_, context_.clock, *one->exchange, timer_});
  one->stop = [exchange = one->exchange.get()] { exchange->stop(); };
  one->brought = [settings, &clock = context_.clock](const std::string& tn, const std::string& returned) -> Result<bool> {
    return TF_TRY(frontends::acp::open_phone_result(returned, tn, settings, clock.now_ms())) == frontends::acp::PhoneResult::success;
  };
  one->listen = [settings, &clock = context_.clock, &notified = one->notified](const frontends::Books& books) {
    notified = [handler = std::make_shared<frontends::acp::NotificationHandler>(settings, books, clock)](const wire::HttpRequest& request) { return handler->handle(request); };
  };
  all_.emplace(config.name, std::move(one));
  return {};
}

void FrontEnds::note(const std::string& front_end, const frontends::card::Incident& incident) {
  context_.metrics.counter("trustferry_wallet_card_incidents_total", "What happened on the lines to card networks", {{"kind", std::string(name_of(incident.kind))}}).add();
  log::info("front end " + front_end + ": " + std::string(name_of(incident.kind)) + (incident.transaction.empty() ? "" : " " + incident.transaction) +
            (incident.detail.empty() ? "" : ": " + incident.detail));
}

Status FrontEnds::start() {
  for (const auto& [name, one] : all_)
    if (one->start) TF_CHECK(one->start());
  return {};
}

void FrontEnds::stop() {
  if (std::exchange(stopped_, true)) return;
  timer_.stop();
  for (const auto& [name, one] : all_) one->stop();
}

std::vector<payment::FrontEnd*> FrontEnds::all() const {
  std::vector<payment::FrontEnd*> out;
  for (const auto& [name, one] : all_) out.push_back(one->front_end.get());
  return out;
}

std::vector<std::string> FrontEnds::names() const {
  std::vector<std::string> out;
  for (const auto& [name, one] : all_) out.push_back(name);
  return out;
}

void FrontEnds::listen(payment::Payments& payments) {
  for (const auto& [name, one] : all_) {
    if (!one->listen) continue;
    one->listen({.find = [&payments, front_end = name](const std::string& transaction) -> Result<std::optional<payment::Payment>> {
                   const auto order = TF_TRY(payments.find(transaction));
                   if (!order || order->front_end != front_end) return std::optional<payment::Payment>();
                   return std::optional(order->payment());
                 },
                 .deliver = [&payments, front_end = name](const payment::Payment& payment, const payment::Outcome& outcome) {
                   return payments.hear(front_end, payment.transaction, outcome);
                 }});
  }
}

bool FrontEnds::takes_phones(const std::string& name) const {
  const auto found = all_.find(name);
  return found != all_.end() && found->second->front_end->takes_phones();
}

Result<bool> FrontEnds::brought(const payment::Order& order, const std::string& returned) const {
  const auto found = all_.find(order.front_end);
  const bool known = found != all_.end() && found->second->brought;
  auto paid = known ? found->second->brought(order.offer, returned) : Result<bool>(Error{Code::refused, "wallet.gateway_result", "its gateway gives phones nothing"});
  if (paid) return paid;
  return Error{Code::refused, "wallet.gateway_result", "what the phone brought is not the gateway's word about this order: " + describe(paid.error())};
}

Result<wire::HttpResponse> FrontEnds::notified(const std::string& name, const wire::HttpRequest& request) {
  const auto found = all_.find(name);
  if (found == all_.end() || !found->second->notified) return Error{Code::not_found, "wallet.no_front_end", "no front end takes notifications here"};
  return found->second->notified(request);
}

}  // namespace tf::platform
