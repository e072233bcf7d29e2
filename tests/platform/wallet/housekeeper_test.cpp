// What the housekeeper of wallet ends, forgets and renews, and when.
#include "tests/platform/wallet/desk.hpp"

namespace tf::platform::test {
namespace {

using namespace std::chrono_literals;

class WalletHousekeeper : public testing::Test {
 protected:
  WalletDesk desk{quick_policy()};
};

TEST_F(WalletHousekeeper, ends_codes_when_their_hour_is_over) {
  const auto early = desk.phone(), late = desk.phone();
  ASSERT_OK(desk.register_(*early));
  desk.now.advance(30min);
  ASSERT_OK(desk.register_(*late));
  desk.now.advance(30min - 1ms);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(desk.state_of(*early), "codes_sent");
  desk.now.advance(1ms);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(desk.state_of(*early), "expired");
  EXPECT_EQ(desk.state_of(*late), "codes_sent");
  EXPECT_REFUSED(desk.activate(*early), Code::refused, "wallet.refused_register");
  EXPECT_OK(desk.activate(*late));
}

TEST_F(WalletHousekeeper, is_not_needed_for_codes_that_are_too_old_to_be_refused) {
  const auto phone = desk.phone();
  ASSERT_OK(desk.register_(*phone));
  desk.now.advance(60min);
  EXPECT_REFUSED(desk.activate(*phone), Code::refused, "wallet.refused_register");
}

TEST_F(WalletHousekeeper, lets_a_registration_wait_for_an_operator_for_three_days) {
  const auto first = desk.logged_in();
  const auto second = desk.phone();
  second->subscriber.number = first->subscriber.number;
  ASSERT_OK(desk.register_(*second));
  EXPECT_REFUSED(desk.activate(*second), Code::refused, "wallet.refused_waiting");
  EXPECT_EQ(desk.state_of(*second), "waiting");
  desk.now.advance(72h - 1ms);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(desk.state_of(*second), "waiting");
  desk.now.advance(1ms);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(desk.state_of(*second), "expired");
  EXPECT_REFUSED(desk.service->approve("operator:anna", second->registering->registered.registration), Code::conflict, "wallet.not_waiting");
  EXPECT_EQ(desk.state_of(*first), "active");
}

TEST_F(WalletHousekeeper, forgets_used_nonces_when_they_could_not_be_used_anyhow) {
  const auto phone = desk.logged_in();
  const auto used = [this] { return desk.count("SELECT COUNT(*) FROM wallet_used"); };
  const std::int64_t before = used();
  EXPECT_GT(before, 0);
  desk.now.advance(61s);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(used(), before) << "clocks may be set back a little";
  desk.now.advance(11min);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(used(), 0);
  EXPECT_OK(desk.query(*phone));  // the session is not a nonce
}

TEST_F(WalletHousekeeper, leaves_active_users_alone) {
  const auto phone = desk.logged_in();
  desk.now.advance(24h * 40);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(desk.state_of(*phone), "active");
  EXPECT_OK(desk.login(*phone));
}

TEST_F(WalletHousekeeper, renews_the_platforms_certificates_at_half_of_their_life) {
  const std::string first = must(desk.service->published());
  desk.now.advance(24h * 180);
  ASSERT_OK(desk.service->keep_house());
  EXPECT_EQ(must(desk.service->published()), first);
  desk.now.advance(24h * 3);
  ASSERT_OK(desk.service->keep_house());
  const std::string second = must(desk.service->published());
  EXPECT_NE(second, first);
  EXPECT_OK(desk.register_(*desk.phone()));
  desk.restart();
  EXPECT_EQ(must(desk.service->published()), second) << "a start makes no new ones";
}

TEST_F(WalletHousekeeper, lets_a_number_register_five_times_an_hour) {
  const auto phone = desk.phone();
  for (int i = 0; i < 5; ++i) ASSERT_OK(desk.register_(*phone));
  EXPECT_REFUSED(desk.register_(*phone), Code::refused, "wallet.refused_later");
  desk.now.advance(60min + 1ms);
  EXPECT_OK(desk.register_(*phone));
}

}  // namespace
}  // namespace tf::platform::test
