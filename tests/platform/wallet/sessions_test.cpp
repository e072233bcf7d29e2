// Sessions of phones: how long they last, what ends them, and what a payment in one stands on: the user's certificate, his card, and what
// of it was read a moment before.
#include "platform/rewrap.hpp"
#include "tests/platform/wallet/desk.hpp"

namespace tf::platform::test {
namespace {

using namespace std::chrono_literals;
using wallet::Outcome;

wallet::Policy minutes(std::int64_t session_minutes) {
  wallet::Policy out = quick_policy();
  out.session_minutes = session_minutes;
  return out;
}

TEST(WalletSession, lasts_as_long_as_the_platform_said_and_not_a_millisecond_more) {
  WalletDesk desk(minutes(15));
  const auto phone = desk.logged_in();
  EXPECT_EQ(phone->session->expires_in_s, 15 * 60);
  desk.now.advance(15min - 1ms);
  EXPECT_EQ(must(desk.query(*phone)).outcome, Outcome::unknown_order);
  desk.now.advance(1ms);
  EXPECT_REFUSED(desk.query(*phone), Code::refused, "wallet.refused_session");
  ASSERT_OK(desk.login(*phone));
  EXPECT_OK(desk.query(*phone));
}

TEST(WalletSession, that_is_over_pays_nothing_and_the_next_one_pays_once) {
  WalletDesk desk(minutes(15));
  const auto phone = desk.logged_in();
  const auto token = must(phone->line.instruments(*phone->session, *phone->user, {.act = wallet::InstrumentAct::enrol, .wallet = "alipay", .number = SecretBytes(as_bytes("anna@example")),
                                                                                  .expiry = {}, .token = {}})).front().token;
  const wallet::Purchase tea{.terms = {"A-1", "SHOP01", 250, "CNY", token}, .content = "tea", .expires_ms = desk.now.now_ms() + 30 * 60'000, .critical = false, .pin = {}, .pan = {}};
  desk.now.advance(15min);
  EXPECT_REFUSED(phone->line.pay(*phone->session, *phone->user, tea), Code::refused, "wallet.refused_session");
  EXPECT_EQ(desk.bank.paid, 0);
  ASSERT_OK(desk.login(*phone));
  EXPECT_EQ(must(phone->line.pay(*phone->session, *phone->user, tea)).outcome, Outcome::approved);
  EXPECT_EQ(desk.bank.paid, 1);
}

TEST(WalletSession, ends_the_one_before_of_the_same_user) {
  WalletDesk desk(minutes(15));
  const auto phone = desk.logged_in();
  const auto first = std::move(*phone->session);
  ASSERT_OK(desk.login(*phone));
  EXPECT_REFUSED(phone->line.query(first, *phone->user, "none"), Code::refused, "wallet.refused_session");
  EXPECT_OK(desk.query(*phone));
}

TEST(WalletSession, goes_with_the_process_and_with_the_registration) {
  WalletDesk desk(minutes(15));
  const auto phone = desk.logged_in();
  desk.restart();
  EXPECT_REFUSED(desk.query(*phone), Code::refused, "wallet.refused_session");
  ASSERT_OK(desk.login(*phone));
  ASSERT_OK(desk.service->close("operator:anna", phone->registering->registered.registration));
  EXPECT_REFUSED(desk.query(*phone), Code::refused, "wallet.refused_session");
  EXPECT_EQ(desk.state_of(*phone), "closed");
}

TEST(WalletSession, is_not_begun_when_there_are_too_many_and_is_when_some_are_over) {
  WalletDesk desk(minutes(15), 2);
  const auto first = desk.logged_in();
  desk.now.advance(10min);
  const auto second = desk.logged_in();
  const auto third = desk.phone();
  ASSERT_OK(desk.register_(*third));
  ASSERT_OK(desk.activate(*third));
  EXPECT_REFUSED(desk.login(*third), Code::overloaded, "net.problem");
  desk.now.advance(5min);  // the first one's is over
  ASSERT_OK(desk.login(*third));
  EXPECT_OK(desk.query(*third));
  EXPECT_OK(desk.query(*second));
  EXPECT_REFUSED(desk.query(*first), Code::refused, "wallet.refused_session");
}

TEST(WalletSession, of_a_user_whose_certificate_has_ended_is_taken_no_more) {
  WalletDesk desk(minutes(24 * 60));
  const auto phone = desk.logged_in();
  const auto ends_ms = phone->user->certificate.not_after_ms();
  desk.now.advance(std::chrono::milliseconds(ends_ms - desk.now.now_ms() - 60'000));
  ASSERT_OK(desk.login(*phone));
  EXPECT_OK(desk.query(*phone));
  desk.now.advance(60s);
  EXPECT_REFUSED(desk.query(*phone), Code::refused, "wallet.refused_certificate");
}

TEST(WalletPassword, is_locked_for_a_while_after_five_wrong_ones_and_the_lock_outlives_a_restart) {
  wallet::Policy policy = quick_policy();
  policy.lock_minutes = 60;
  WalletDesk desk(std::move(policy));
  const auto phone = desk.logged_in();
  for (int i = 0; i < 4; ++i) EXPECT_REFUSED(desk.login(*phone, "wrong horse"), Code::refused, "wallet.refused_password");
  EXPECT_FALSE(desk.login(*phone, "wrong horse").has_value());
  desk.restart();
  EXPECT_REFUSED(desk.login(*phone), Code::refused, "wallet.refused_locked");
  desk.now.advance(60min - 1ms);
  EXPECT_REFUSED(desk.login(*phone), Code::refused, "wallet.refused_locked");
  desk.now.advance(1ms);
  EXPECT_OK(desk.login(*phone));
}

// --- payments ------------------------------------------------------------------------------------------------------

constexpr std::string_view kCard = "6222020000000007";

struct Payer : WalletDesk {
  Payer() : WalletDesk(quick_policy()) {}
  [[nodiscard]] const std::string& registration() const { return user->registering->registered.registration; }
  Result<wallet::ResultClaim> pay(const std::string& order, std::int64_t amount = 250) {
    const wallet::Purchase tea{.terms = {order, "SHOP01", amount, "CNY", account}, .content = "tea", .expires_ms = now.now_ms() + 10 * 60'000, .critical = false, .pin = {}, .pan = {}};
    return user->line.pay(*user->session, *user->user, tea);
  }
  Result<std::optional<InstrumentRow>> read(const std::string& token) {
    std::optional<InstrumentRow> out;
    TF_CHECK(database->read([&](store::Session& session) -> Status {
      out = TF_TRY(load_instrument(session, registration(), token));
      return {};
    }));
    return out;
  }

  std::unique_ptr<Phone> user = logged_in();
  std::string account = must(user->line.instruments(*user->session, *user->user, {.act = wallet::InstrumentAct::enrol, .wallet = "alipay", .number = SecretBytes(as_bytes("anna@example")),
                                                                                  .expiry = {}, .token = {}})).front().token;
};

TEST(WalletPayment, of_a_user_whose_certificate_was_revoked_is_refused) {
  Payer payer;
  EXPECT_EQ(must(payer.pay("A-1")).outcome, Outcome::approved);
  must(payer.authority->revoke_holder("wallet:" + payer.registration(), pki::RevocationReason::key_compromise, "operator:anna"));
  EXPECT_REFUSED(payer.pay("A-2"), Code::refused, "wallet.refused_certificate");
  EXPECT_EQ(payer.bank.paid, 1);
}

TEST(WalletPayment, with_what_was_taken_away_is_refused) {
  Payer payer;
  ASSERT_OK(payer.instruments->close("operator:anna", payer.registration(), payer.account));
  EXPECT_REFUSED(payer.pay("A-1"), Code::refused, "wallet.refused_instrument");
  EXPECT_EQ(payer.bank.paid, 0);
}

// What was read for a payment before is not read again; it is asked in the transaction that books the next one.
TEST(WalletPayment, with_what_paid_before_and_was_taken_away_since_is_refused) {
  Payer payer;
  EXPECT_EQ(must(payer.pay("A-1")).outcome, Outcome::approved);
  ASSERT_OK(payer.instruments->close("operator:anna", payer.registration(), payer.account));
  EXPECT_REFUSED(payer.pay("A-2"), Code::refused, "wallet.refused_instrument");
  EXPECT_EQ(payer.bank.paid, 1);
}

TEST(WalletPayment, of_a_registration_that_ended_while_its_session_stood_is_refused) {
  Payer payer;
  EXPECT_EQ(must(payer.pay("A-1")).outcome, Outcome::approved);
  ASSERT_OK(payer.database->write([&](store::Session& session) { return close_wallet(session, payer.registration()); }));
  EXPECT_REFUSED(payer.pay("A-2"), Code::refused, "wallet.refused_session");
  EXPECT_EQ(payer.bank.paid, 1);
}

TEST(WalletPayment, under_a_number_of_another_one_is_refused_and_alarmed_also_with_a_card_that_paid_before) {
  Payer payer;
  EXPECT_EQ(must(payer.pay("A-1")).outcome, Outcome::approved);
  EXPECT_REFUSED(payer.pay("A-1", 2500), Code::refused, "wallet.refused_order");
  EXPECT_REFUSED(payer.pay("A-1", 2600), Code::refused, "wallet.refused_order");
  EXPECT_EQ(payer.bank.paid, 1);
  std::int64_t alarms = 0;
  ASSERT_OK(payer.database->read([&](store::Session& session) -> Status {
    return session.query("SELECT COUNT(*) FROM wallet_alarms WHERE kind = 'order_differs'", {}, [&](const store::Row& row) -> Status { return alarms = row.integer(0), Status(); });
  }));
  EXPECT_EQ(alarms, 1) << "one that is open, of that kind";
}

TEST(WalletAlarm, is_given_once_for_each_contradicted_decision_of_a_user) {
  Payer payer;
  payment::Order order;
  order.asked.user = payer.registration();
  for (const char* transaction : {"20261121000000000017", "20261121000000000018", "20261121000000000017"})
    ASSERT_OK(payer.database->write([&](store::Session& session) { return raise_contradiction(session, order, transaction, 1'000); }));
  std::vector<std::string> alarms;
  ASSERT_OK(payer.database->read([&](store::Session& session) -> Status {
    return session.query("SELECT id FROM wallet_alarms WHERE kind = 'decision_contradicted' AND registration = $1 ORDER BY id", {payer.registration()},
                         [&](const store::Row& row) -> Status { return alarms.push_back(row.text(0)), Status(); });
  }));
  EXPECT_EQ(alarms, (std::vector<std::string>{"20261121000000000017", "20261121000000000018"}));
}

TEST(WalletPayment, finds_the_card_whose_row_went_under_another_key_meanwhile) {
  Payer payer;
  const auto row = must(payer.instruments->enrol("operator:anna", payer.registration(), {.wallet = {}, .number = SecretBytes(as_bytes(kCard)), .expiry = "3012"}));
  const auto before = must(payer.read(row.token));
  ASSERT_TRUE(before.has_value());
  payer.instruments->remember(*before);
  EXPECT_EQ(as_text(must(payer.instruments->card(row.token)).pan.reveal()), kCard);
  must(rewrap_all(*payer.opened->context, "host", [](std::int64_t) {}));
  EXPECT_NE(must(payer.read(row.token))->sealed.kek, before->sealed.kek);
  EXPECT_EQ(as_text(must(payer.instruments->card(row.token)).pan.reveal()), kCard);
}

TEST(WalletPayment, never_uses_what_is_remembered_of_one_card_for_another) {
  Payer payer;
  const auto row = must(payer.instruments->enrol("operator:anna", payer.registration(), {.wallet = {}, .number = SecretBytes(as_bytes(kCard)), .expiry = "3012"}));
  InstrumentRow other = *must(payer.read(payer.account));
  other.token = row.token;
  payer.instruments->remember(other);
  EXPECT_EQ(as_text(must(payer.instruments->card(row.token)).pan.reveal()), kCard);
}

}  // namespace
}  // namespace tf::platform::test
