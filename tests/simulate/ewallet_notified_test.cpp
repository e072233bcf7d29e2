// Notifications over TLS to an endpoint of ours, and the phone's direct path.
#include <atomic>
#include <future>
#include <mutex>

#include "frontends/acp/notification.hpp"
#include "frontends/acp/phone_result.hpp"
#include "frontends/ewallet/notification.hpp"
#include "tests/simulate/ewallet_fixture.hpp"
#include "wire/json.hpp"

namespace tf::simulate::ewallet {
namespace {

using namespace frontends::test;
using frontends::acp::PhoneResult;

// Our end for notifications, over TLS as well.
class Notified : public OverTls {
 protected:
  void listen() {
    handler = [this](const wire::HttpRequest& request) {
      ++requests;
      if (request.path == "/ewallet") return ewallet_notices->handle(request);
      return acp_notices->handle(request);
    };
    net::Service service{[this](const wire::HttpRequest& request) { return handler(request); }, std::make_shared<net::WorkerPool>(2, 64), {}};
    tf::test::must(server.start({}, tf::test::must(keys.tls_config()), std::move(service), metrics));
    notify_url = "https://127.0.0.1:" + std::to_string(server.port());
    options.notifier = {{tf::test::must(net::certificate_from_der(keys.root.der()))}, 10'000};
    start();
    const frontends::Books books{[this](const std::string& transaction) -> Result<std::optional<Payment>> {
                                   return transaction == payment.transaction ? std::optional(payment) : std::nullopt;
                                 },
                                 [this](const Payment&, const Outcome& outcome) -> Status {
                                   const std::lock_guard lock(mutex);
                                   if (refusals-- > 0) return Error{Code::unavailable, "test.books", {}};
                                   delivered.push_back(outcome);
                                   return {};
                                 }};
    ewallet_notices = std::make_unique<frontends::ewallet::NotificationHandler>(ewallet_settings(), books);
    acp_notices = std::make_unique<frontends::acp::NotificationHandler>(acp_settings(), books, clock);
  }
  bool told(const char* dialect) {
    return eventually([this, dialect] { return simulator->ledger().find(dialect, payment.transaction)->told; });
  }
  // What the network's app on a phone does.
  std::string phone(const std::string& target, const std::string& form) {
    net::ClientOptions at;
    at.server = {"127.0.0.1", simulator->port()};
    at.anchors = {tf::test::must(net::certificate_from_der(keys.root.der()))};
    auto client = tf::test::must(net::HttpClient::create(at));
    return tf::test::must(client.request({.method = "POST", .target = target, .content_type = "application/x-www-form-urlencoded", .body = form, .headers = {}})).body;
  }
  PhoneResult result_of(const std::string& tn, const std::string& how) {
    return tf::test::must(open_phone_result(phone("/phone/pay", "tn=" + tn + how), tn, acp_settings(), clock.now_ms()));
  }
  std::string order_for_phone(std::int64_t until_ms = 4'102'444'800'000) {
    const Outcome made = outcome_of([&](payment::FrontEnd::Done done) { acp->order_for_phone(payment, until_ms, std::move(done)); });
    EXPECT_OUTCOME(made, Verdict::done, "00");
    return made.reference;
  }
  void TearDown() override {
    OverTls::TearDown();
    server.stop(std::chrono::seconds(1));
  }

  Payment payment = payment_of(1234, clock.now_ms());
  std::mutex mutex;
  std::atomic<int> requests = 0;
  int refusals = 0;
  std::vector<Outcome> delivered;
  std::unique_ptr<frontends::ewallet::NotificationHandler> ewallet_notices;
  std::unique_ptr<frontends::acp::NotificationHandler> acp_notices;
  net::Handler handler;
  metrics::Registry metrics;
  net::HttpServer server;
};

TEST_F(Notified, come_again_until_they_are_taken_and_count_once) {
  refusals = 2;
  options.faults.duplicate = 1;
  listen();
  EXPECT_OUTCOME(pay(*ewallet, payment), Verdict::done, "10000");
  EXPECT_TRUE(told("ewallet"));
  const std::lock_guard lock(mutex);
  ASSERT_FALSE(delivered.empty());
  EXPECT_OUTCOME(delivered[0], Verdict::done, "TRADE_SUCCESS");
  EXPECT_GE(requests, 3);
}

TEST_F(Notified, the_phones_direct_path_ends_by_its_result_and_by_the_notification) {
  listen();
  payment.instrument.clear();
  const std::string tn = order_for_phone();
  EXPECT_OUTCOME(query(*acp, payment), Verdict::unknown, "05");  // the phone has not paid
  auto shown = tf::test::must(wire::JsonObject::parse(phone("/phone/order", "tn=" + tn)));
  EXPECT_EQ(shown.integer("amount", 0, INT64_MAX).value(), 1234);
  EXPECT_EQ(shown.text("state").value(), "waiting");
  EXPECT_EQ(result_of(tn, "&cancel=1"), PhoneResult::cancel);
  EXPECT_OUTCOME(query(*acp, payment), Verdict::unknown, "05");
  EXPECT_EQ(result_of(tn, "&account=6200000000000005"), PhoneResult::success);
  EXPECT_OUTCOME(query(*acp, payment), Verdict::done, "00");
  EXPECT_TRUE(told("acp"));
  const std::lock_guard lock(mutex);
  ASSERT_EQ(delivered.size(), 1U);
  EXPECT_OUTCOME(delivered[0], Verdict::done, "00");
}

TEST_F(Notified, an_account_without_money_leaves_the_phones_order_to_another) {
  options.balance = 1'000;
  listen();
  payment.instrument.clear();
  const std::string tn = order_for_phone();
  EXPECT_EQ(result_of(tn, "&account=6200000000000005"), PhoneResult::fail);
  EXPECT_OUTCOME(query(*acp, payment), Verdict::unknown, "05");
  EXPECT_OUTCOME(reverse(*acp, payment), Verdict::done, "00");
  EXPECT_EQ(result_of(tn, "&account=6200000000000013"), PhoneResult::fail) << "it was taken back";
}

TEST_F(Notified, a_phone_that_comes_too_late_pays_nothing) {
  listen();
  payment.instrument.clear();
  const std::string tn = order_for_phone(clock.now_ms() - 1'000);
  EXPECT_EQ(result_of(tn, "&account=6200000000000005"), PhoneResult::fail);
}

}  // namespace
}  // namespace tf::simulate::ewallet
