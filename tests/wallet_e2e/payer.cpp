#include "tests/wallet_e2e/payer.hpp"

#include "terminal/wallet_gateway.hpp"

#include <fmt/format.h>

#include <thread>

namespace tf::test {

using namespace std::chrono_literals;

SecretBytes secret(std::string_view text) { return SecretBytes(as_bytes(text)); }

Status Payer::enrol() {
  const SecretBytes password = secret(owner_.password);
  const auto registering = TF_TRY(line_.register_(subscriber(), {"Peter Payer", "P1234567"}, password, {.suite = suite()}));
  owner_.registration = registering.registered.registration;
  const Bytes file = TF_TRY(line_.activate(registering, secret(scene_.code_for(owner_.number, owner_.registration)), password));
  user_ = TF_TRY(line_.open(file, subscriber(), password));
  TF_CHECK(login());
  card_ = TF_TRY(enrolled("", owner_.card, "3012"));
  account_ = TF_TRY(enrolled("alipay", "agreement-" + owner_.number, ""));
  return {};
}

Status Payer::login() {
  session_ = TF_TRY(line_.login(suite(), subscriber(), *user_, secret(owner_.password)));
  return {};
}

Result<std::string> Payer::enrolled(const std::string& kind, const std::string& number, const std::string& expiry) {
  const auto shown = TF_TRY(line_.instruments(*session_, *user_, {.act = wallet::InstrumentAct::enrol, .wallet = kind, .number = secret(number), .expiry = expiry, .token = {}}));
  for (const auto& each : shown)
    if (each.wallet == kind) return each.token;
  return Error{Code::internal, "test.instrument", "what was just enrolled is not there"};
}

Result<wallet::ResultClaim> Payer::pay(const std::string& order, bool by_card, std::int64_t amount, const std::string& pin) {
  wallet::Purchase purchase{.terms = {order, "SHOP01", amount, "CNY", by_card ? card_ : account_}, .content = "order " + order, .expires_ms = SystemClock().now_ms() + 10 * 60'000,
                            .critical = amount >= 100'000, .pin = {}, .pan = {}};
  if (by_card) {
    purchase.pin = secret(pin.empty() ? owner_.pin : pin);
    purchase.pan = secret(owner_.card);
  }
  return line_.pay(*session_, *user_, purchase);
}

Status Payer::enrol_token() {
  token_ = TF_TRY(enrolled("unionpay", "6235240000020837432", ""));
  return {};
}

Result<wallet::ResultClaim> Payer::buy(const std::string& order, std::int64_t amount, const std::pair<std::string, std::string>& means) {
  const wallet::Purchase purchase{.terms = {order, "SHOP01", amount, "CNY", means.first, means.second}, .content = "order " + order, .expires_ms = SystemClock().now_ms() + 10 * 60'000,
                                  .critical = amount >= 100'000, .pin = {}, .pan = {}};
  return line_.pay(*session_, *user_, purchase);
}

Result<std::string> Payer::at_gateway(const wallet::ResultClaim& claim, std::int64_t amount, bool cancel) {
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(scene_.network_url()));
  options.anchors = TF_TRY(net::certificates_from_pem(read_text(scene_.network_root())));
  auto gateway = TF_TRY(net::HttpClient::create(std::move(options)));
  return terminal::pay_at_gateway(gateway, {.tn = claim.tn, .amount = amount, .currency = "CNY", .account = "6226388000000095", .cancel = cancel});
}

Result<wallet::ResultClaim> Payer::insist(const std::string& order, bool by_card, std::int64_t amount) {
  Error last{Code::internal, "test.insist", "never paid"};
  for (int tries = 0; tries < 100; ++tries) {
    auto paid = pay(order, by_card, amount);
    if (paid) return paid;
    last = paid.error();
    for (bool asked = false; !asked && tries < 100; ++tries) {
      std::this_thread::sleep_for(100ms);
      if (!login()) continue;
      auto known = query(order);
      if (known && known->outcome != wallet::Outcome::unknown_order) return known;
      asked = known.has_value();
    }
  }
  return last;
}

}  // namespace tf::test
