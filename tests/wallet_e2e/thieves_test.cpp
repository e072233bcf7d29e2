// What a thief gets, who has a file, a password, a code or a number that is not his.
#include "tests/wallet_e2e/payer.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

class WalletThieves : public testing::Test {
 protected:
  WalletScene& scene = WalletScene::get();

  std::string state_of(const Owner& owner) { return scene.sql("SELECT state FROM wallet_registrations WHERE id = '" + owner.registration + "'"); }
  std::int64_t alarms(const std::string& kind, const std::string& registration) {
    auto answer = scene.ask({"wallet", "alarms"});
    std::int64_t out = 0;
    for (auto& each : answer.objects("alarms", 1000).value()) out += each.text("kind").value() == kind && each.text("registration").value() == registration ? 1 : 0;
    return out;
  }
  // A phone that several tests may use: none of them ends it.
  static Payer& payer() {
    static const std::unique_ptr<Payer> payer = [] {
      auto made = std::make_unique<Payer>(WalletScene::get(), WalletScene::get().owner());
      EXPECT_OK(made->enrol());
      return made;
    }();
    return *payer;
  }
  static std::string outcome(const Result<wallet::ResultClaim>& paid) { return paid ? std::string(name_of(paid->outcome)) : paid.error().reason; }
};

TEST_F(WalletThieves, with_a_copied_certificate_file_cannot_open_it_elsewhere) {
  const Owner owner = scene.ready();
  const std::string other_password = owner.directory + "/other-password";
  write_text(other_password, "a guessed password\n");
  EXPECT_THAT(scene.phone(owner, {"login", "--imei", WalletScene::imei(9001)}).err, HasSubstr("wallet.file"));
  EXPECT_THAT(scene.phone(owner, {"login", "--iccid", WalletScene::iccid(90001)}).err, HasSubstr("wallet.file"));
  EXPECT_THAT(scene.phone(owner, {"login", "--password-file", other_password}).err, HasSubstr("wallet.file"));
  scene.login(owner);
}

TEST_F(WalletThieves, with_the_key_guess_a_password_five_times_until_an_operator_unlocks) {
  Payer payer(scene, scene.owner());
  ASSERT_OK(payer.enrol());
  const auto guess = [&](const std::string& password) { return payer.line().login(payer.suite(), payer.subscriber(), payer.user(), secret(password)); };
  for (int i = 0; i < 4; ++i) EXPECT_REFUSED(guess("a wrong password"), Code::refused, "wallet.refused_password");
  EXPECT_REFUSED(guess("a wrong password"), Code::refused, "wallet.refused_locked");
  EXPECT_REFUSED(guess(payer.owner().password), Code::refused, "wallet.refused_locked");
  EXPECT_EQ(alarms("password_locked", payer.owner().registration), 1);
  ASSERT_EQ(scene.operate({"wallet", "unlock", payer.owner().registration}).exit_code, 0);
  EXPECT_OK(payer.login());
}

TEST_F(WalletThieves, who_guess_the_code_of_an_sms_end_the_registration) {
  Owner owner = scene.owner();
  scene.register_(owner);
  for (int i = 0; i < 4; ++i) EXPECT_THAT(scene.phone(owner, {"activate", "--code", "00000000"}).err, HasSubstr("wallet.refused_codes"));
  EXPECT_THAT(scene.phone(owner, {"activate", "--code", "00000000"}).err, HasSubstr("wallet.refused_register"));
  EXPECT_EQ(state_of(owner), "locked");
  EXPECT_EQ(alarms("codes_locked", owner.registration), 1);
  EXPECT_THAT(scene.phone(owner, {"activate", "--code", scene.code_for(owner.number, owner.registration)}).err, HasSubstr("wallet.refused_register"));
}

TEST_F(WalletThieves, with_the_sim_wait_for_an_operator_and_the_old_certificate_ends_when_the_new_one_is_approved) {
  const Owner old_owner = scene.ready();
  Owner next = scene.owner();
  next.number = old_owner.number;
  scene.register_(next);
  const std::vector<std::string> activate{"activate", "--code", scene.code_for(next.number, next.registration)};
  EXPECT_THAT(scene.phone(next, activate).err, HasSubstr("wallet.refused_waiting"));
  EXPECT_EQ(alarms("number_bound_otherwise", next.registration), 1);
  EXPECT_EQ(state_of(old_owner), "active") << "nothing is lost as long as nobody has approved";
  ASSERT_EQ(scene.operate({"wallet", "approve", next.registration}).exit_code, 0);
  scene.phone_must(next, activate);
  EXPECT_EQ(state_of(old_owner), "superseded");
  EXPECT_EQ(state_of(next), "active");
  const auto revoked = [&] {
    auto list = scene.ask({"pki", "list", "--holder", "wallet:" + old_owner.registration, "--state", "revoked"});
    return list.objects("certificates", 10).value().size() == 1;
  };
  EXPECT_TRUE(eventually(revoked));
  EXPECT_THAT(scene.phone(old_owner, scene.order(old_owner, "T-1", "5.00")).err, HasSubstr("wallet.refused_session"));
  EXPECT_EQ(scene.phone(old_owner, {"login"}).exit_code, 5);
  scene.login(next);
}

TEST_F(WalletThieves, use_an_order_number_a_second_time_for_something_else) {
  ASSERT_EQ(outcome(payer().pay("S-1", true, 500)), "approved");
  EXPECT_EQ(outcome(payer().pay("S-1", true, 5000)), "wallet.refused_order");
  EXPECT_EQ(alarms("order_differs", payer().owner().registration), 1);
  const auto known = payer().query("S-1");
  ASSERT_OK(known);
  EXPECT_EQ(known->amount, 500);
}

TEST_F(WalletThieves, replay_a_login_and_a_payment) {
  ASSERT_OK(payer().login());
  const auto again = [&](const std::string& route) { return curl({.url = scene.url() + "/wallet/v1/" + route, .root = scene.root()}, payer().sent(route)); };
  EXPECT_THAT(again("login").body, HasSubstr("\"reason\":\"challenge\""));
  ASSERT_OK(payer().pay("R-1", true, 700));
  EXPECT_EQ(again("pay").status, 200) << "the same request gets the same answer";
  EXPECT_EQ(scene.sql("SELECT COUNT(*) FROM payment_orders WHERE order_number = 'R-1' AND user_id = '" + payer().owner().registration + "'"), "1");
  EXPECT_EQ(again("activate").status, 403);
}

TEST_F(WalletThieves, with_a_wrong_pin_or_over_the_limit_are_declined) {
  EXPECT_EQ(outcome(payer().pay("P-1", true, 500, "123456")), "declined");
  EXPECT_EQ(outcome(payer().pay("P-2", true, 500'001)), "declined");
  EXPECT_EQ(outcome(payer().pay("P-3", true, 500'000)), "approved");
}

TEST_F(WalletThieves, get_nothing_from_a_session_that_ended_with_the_server) {
  ASSERT_EQ(outcome(payer().pay("E-1", false, 500)), "approved");
  scene.stop_server();
  scene.serve();
  EXPECT_EQ(outcome(payer().pay("E-2", false, 500)), "wallet.refused_session");
  ASSERT_OK(payer().login());
  EXPECT_EQ(outcome(payer().query("E-1")), "approved");
  EXPECT_EQ(outcome(payer().pay("E-2", false, 500)), "approved");
}

}  // namespace
}  // namespace tf::test
