// Notifications of both kinds: replayed, altered, foreign; and what the phone brings back.
#include <fmt/format.h>

#include "frontends/acp/notification.hpp"
#include "frontends/acp/phone_result.hpp"
#include "frontends/amount.hpp"
#include "frontends/ewallet/notification.hpp"
#include "pki/path/foreign_path.hpp"
#include "simulate/ewallet/dialect.hpp"
#include "tests/frontends/ewallet_support.hpp"

namespace tf::frontends::test {
namespace {

using simulate::ewallet::Mishap;
using simulate::ewallet::State;

class Notifications : public testing::Test {
 protected:
  Notifications() {
    for (const char* dialect : {"ewallet", "acp"}) {
      simulate::ewallet::Order order{dialect, payment.transaction};
      order.merchant = std::string_view(dialect) == "acp" ? kMerchant : kAppId;
      order.amount = 1234;
      order.account = "A";
      order.time = china_digits(payment.at_ms);
      static_cast<void>(ledger->book(order, {}, clock.now_ms()));
    }
  }
  std::string ewallet_body(const Mishap& mishap = {}) { return ewallet_notification(world, *ledger->find("ewallet", payment.transaction), mishap); }
  std::string acp_body(const Mishap& mishap = {}) { return acp_notification(world, *ledger->find("acp", payment.transaction), mishap); }

  tf::test::TemporaryDirectory directory;
  tf::test::FixedClock clock{SystemClock().now_ms()};
  Payment payment = payment_of(1234, clock.now_ms());
  std::unique_ptr<simulate::ewallet::Ledger> ledger = tf::test::must(simulate::ewallet::Ledger::open(directory.file("journal"), 1'000'000));
  simulate::ewallet::World world{*ledger, gateway_keys(), clock, {}, {}};
  std::vector<Outcome> delivered;
  Status books_say{};
  Books books{[this](const std::string& transaction) -> Result<std::optional<Payment>> {
                return transaction == payment.transaction ? std::optional(payment) : std::nullopt;
              },
              [this](const Payment&, const Outcome& outcome) {
                if (books_say) delivered.push_back(outcome);
                return books_say;
              }};
  ewallet::Settings ewallet_settings{.app_id = kAppId, .key = kEwalletKey, .gateway_key = gateway_keys().ewallet.public_key(), .base_url = "https://g"};
  acp::Settings acp_settings{.merchant = kMerchant, .cert_id = kCertId, .key = kAcpKey,
                             .trust = {{gateway_keys().root}, {gateway_keys().authority}, simulate::ewallet::kSignerName},
                             .phone_signers = {gateway_keys().network_certificate}};
  ewallet::NotificationHandler ewallet_handler{ewallet_settings, books};
  acp::NotificationHandler acp_handler{acp_settings, books, clock};
};

TEST_F(Notifications, are_delivered_once_and_answered_each_time) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ewallet_handler.handle(form_request(ewallet_body())).body, "success");
    EXPECT_EQ(acp_handler.handle(form_request(acp_body())).status, 200);
  }
  ASSERT_EQ(delivered.size(), 2U);
  EXPECT_OUTCOME(delivered[0], Verdict::done, "TRADE_SUCCESS");
  EXPECT_OUTCOME(delivered[1], Verdict::done, "00");
}

TEST_F(Notifications, come_again_when_the_books_could_not_take_them) {
  books_say = Error{Code::unavailable, "test.disk", {}};
  EXPECT_EQ(ewallet_handler.handle(form_request(ewallet_body())).status, 503);
  EXPECT_EQ(acp_handler.handle(form_request(acp_body())).status, 503);
  books_say = {};
  EXPECT_EQ(ewallet_handler.handle(form_request(ewallet_body())).body, "success");
  EXPECT_EQ(acp_handler.handle(form_request(acp_body())).status, 200);
  EXPECT_EQ(delivered.size(), 2U);
}

TEST_F(Notifications, altered_ones_are_refused_field_by_field) {
  for (const std::string& body : {ewallet_body(), acp_body()}) {
    const auto fields = tf::test::must(parse_form(body));
    for (const auto& [name, value] : fields) {
      Fields altered = fields;
      altered[name] = value + "0";
      const auto request = form_request(encode_form(altered));
      EXPECT_EQ(ewallet_handler.handle(request).status, 400) << name;
      EXPECT_EQ(acp_handler.handle(request).status, 400) << name;
    }
    Fields more = fields;
    more["zz"] = "1";
    EXPECT_EQ(ewallet_handler.handle(form_request(encode_form(more))).body, "failure");
    EXPECT_EQ(acp_handler.handle(form_request(encode_form(more))).status, 400);
  }
  EXPECT_TRUE(delivered.empty());
}

TEST_F(Notifications, rightly_signed_ones_about_others_or_of_another_amount_are_refused) {
  EXPECT_EQ(ewallet_handler.handle(form_request(ewallet_body({.wrong_amount = true}))).status, 400);
  EXPECT_EQ(acp_handler.handle(form_request(acp_body({.wrong_amount = true}))).status, 400);
  const std::string good = ewallet_body(), network = acp_body();
  payment.transaction = "20261101000000000002";  // the books know another one only
  EXPECT_EQ(ewallet_handler.handle(form_request(good)).status, 400);
  EXPECT_EQ(acp_handler.handle(form_request(network)).status, 400);
  payment.transaction = "20261101000000000001";
  payment.at_ms += 1000;  // the number is the same, the order is not
  EXPECT_EQ(acp_handler.handle(form_request(network)).status, 400);
  ewallet_settings.app_id = "another app";
  EXPECT_EQ(ewallet::NotificationHandler(ewallet_settings, books).handle(form_request(good)).status, 400);
  acp_settings.merchant = "another";
  EXPECT_EQ(acp::NotificationHandler(acp_settings, books, clock).handle(form_request(network)).status, 400);
  EXPECT_TRUE(delivered.empty());
}

TEST_F(Notifications, other_requests_are_no_notifications) {
  auto request = form_request(ewallet_body());
  request.method = "GET";
  EXPECT_EQ(ewallet_handler.handle(request).status, 400);
  request = form_request(acp_body());
  request.content_type = "application/json";
  EXPECT_EQ(acp_handler.handle(request).status, 400);
}

TEST_F(Notifications, what_the_phone_brings_is_believed_for_its_own_order_only) {
  simulate::ewallet::Order order{"acp", "20261101000000000007"};
  order.amount = 500;
  order.tn = "612345678901234567890";
  static_cast<void>(ledger->book(order, {}, clock.now_ms()));
  auto request = form_request("tn=612345678901234567890&account=6200000000000005");
  const auto reply = answer_phone(world, request, {});
  const std::string json = reply.response.body;
  EXPECT_EQ(tf::test::must(open_phone_result(json, order.tn, acp_settings, clock.now_ms())), acp::PhoneResult::success);
  EXPECT_REFUSED(open_phone_result(json, "6", acp_settings, clock.now_ms()), Code::refused, "acp.another_order");
  std::string altered = json;
  altered.replace(altered.find("success"), 7, "succesS");
  EXPECT_REFUSED(open_phone_result(altered, order.tn, acp_settings, clock.now_ms()), Code::refused, "acp.signature");
  EXPECT_REFUSED(open_phone_result(json, order.tn, acp_settings, clock.now_ms() + std::int64_t{400} * 86'400'000), Code::refused, "pki.expired");
  acp_settings.phone_signers.clear();
  EXPECT_REFUSED(open_phone_result(json, order.tn, acp_settings, clock.now_ms()), Code::refused, "acp.signer");
}

}  // namespace
}  // namespace tf::frontends::test
