// A simulator in process with both front ends connected to it over TLS.
#pragma once
#include <thread>

#include "frontends/acp/front_end.hpp"
#include "frontends/ewallet/front_end.hpp"
#include "pki/path/foreign_path.hpp"
#include "tests/frontends/ewallet_support.hpp"

namespace tf::simulate::ewallet {

class OverTls : public testing::Test {
 protected:
  using Payment = payment::Payment;
  using Refund = payment::Refund;
  using Outcome = payment::Outcome;

  void start() {
    namespace ft = frontends::test;
    options.journal = directory.file("journal");
    options.apps.insert_or_assign(ft::kAppId, tf::test::must(side.vault->public_key(ft::kEwalletKey)));
    options.merchants.insert_or_assign(ft::kCertId, tf::test::must(side.vault->public_key(ft::kAcpKey)));
    simulator = tf::test::must(Simulator::start(options, keys, clock));
    options.port = simulator->port();  // for a restart
    connect();
  }
  void connect() {
    namespace ft = frontends::test;
    net::ClientOptions client;
    client.server = {"127.0.0.1", simulator->port()};
    client.anchors = {tf::test::must(net::certificate_from_der(keys.root.der()))};
    client.response_timeout = patience;
    exchange = tf::test::must(frontends::HttpsExchange::create(client));
    timer = std::make_unique<frontends::ThreadTimer>();
    ewallet = std::make_unique<frontends::ewallet::FrontEnd>(ewallet_settings(), frontends::ewallet::Ports{*side.vault, accounts, clock, *exchange});
    acp = std::make_unique<frontends::acp::FrontEnd>(acp_settings(), frontends::acp::Ports{*side.vault, accounts, clock, *exchange, *timer});
  }
  void disconnect() {
    timer->stop();
    exchange->stop();
  }
  void TearDown() override {
    if (timer) disconnect();
    if (simulator) simulator->stop();
  }
  frontends::ewallet::Settings ewallet_settings() {
    namespace ft = frontends::test;
    return {.app_id = ft::kAppId, .key = ft::kEwalletKey, .gateway_key = keys.ewallet.public_key(), .base_url = simulator->base_url(),
            .notify_url = notify_url.empty() ? "" : notify_url + "/ewallet"};
  }
  frontends::acp::Settings acp_settings() {
    namespace ft = frontends::test;
    return {.merchant = ft::kMerchant, .cert_id = ft::kCertId, .key = ft::kAcpKey,
            .trust = {{keys.root}, {keys.authority}, kSignerName}, .phone_signers = {keys.network_certificate},
            .back_url = notify_url.empty() ? "" : notify_url + "/acp", .token_requestor = "99988877766"};
  }
  static Outcome pay(payment::FrontEnd& front_end, const Payment& payment) {
    return frontends::test::outcome_of([&](payment::FrontEnd::Done done) { front_end.pay(payment, std::nullopt, std::move(done)); });
  }
  static Outcome query(payment::FrontEnd& front_end, const Payment& payment) {
    return frontends::test::outcome_of([&](payment::FrontEnd::Done done) { front_end.query(payment, std::move(done)); });
  }
  static Outcome reverse(payment::FrontEnd& front_end, const Payment& payment) {
    return frontends::test::outcome_of([&](payment::FrontEnd::Done done) { front_end.reverse(payment, std::move(done)); });
  }
  static Outcome refund(payment::FrontEnd& front_end, const Refund& refund) {
    return frontends::test::outcome_of([&](payment::FrontEnd::Done done) { front_end.refund(refund, std::move(done)); });
  }
  // Waits for something another thread is about to do.
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
  }
  static Refund refund_of(const Payment& payment, std::int64_t minor, const std::string& reference, const std::string& transaction) {
    return {transaction, 2, payment.at_ms + 1000, {minor, "CNY"}, payment, reference};
  }

  frontends::test::OurSide& side = frontends::test::our_side();
  const Keys& keys = frontends::test::gateway_keys();
  tf::test::TemporaryDirectory directory;
  SystemClock clock;
  frontends::test::OneAccount accounts;
  SimulatorOptions options;
  std::string notify_url;
  std::chrono::milliseconds patience{5000};
  std::unique_ptr<Simulator> simulator;
  std::unique_ptr<frontends::HttpsExchange> exchange;
  std::unique_ptr<frontends::ThreadTimer> timer;
  std::unique_ptr<frontends::ewallet::FrontEnd> ewallet;
  std::unique_ptr<frontends::acp::FrontEnd> acp;
};

}  // namespace tf::simulate::ewallet
