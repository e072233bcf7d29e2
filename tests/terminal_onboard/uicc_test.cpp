// The same with a smart card as the module: afterwards its own USIM has the subscription.
#include <filesystem>

#include "apdu/channel.hpp"
#include "base/file.hpp"
#include "card/software_card.hpp"
#include "pki/issue.hpp"
#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

using tf::test::must;

class UiccDevice : public Scene {
 protected:
  UiccDevice() {
    const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
    const std::int64_t now = SystemClock().now_ms();
    const pki::Issuer manufacturer{must(pki::make_root("card manufacturer", key, {now, pki::kRootDays}, random)), key};
    root = manufacturer.certificate.to_pem();
    card::Plan plan = card::default_plan("CARD-0001");
    card::fill_in(plan, random);
    (void)must(card::SoftwareCard::create(card_directory, plan, manufacturer, now, random), "a card");
  }
  [[nodiscard]] OnboardProfile in_card(OnboardProfile out) const {
    must(write_file_atomic(place.file("card-root.crt"), as_bytes(root), 0644));
    out.module = ModuleKind::uicc;
    out.card = card_directory;
    out.card_root = place.file("card-root.crt");
    return out;
  }
  // What a modem reads of the card.
  Bytes imsi_file() {
    const auto opened = must(card::SoftwareCard::open(card_directory, random));
    opened->card().power_on();
    card::InProcessChannel channel(opened->card());
    must(apdu::exchange_ok(channel, {.ins = 0xA4, .p1 = 4, .p2 = 0x0C, .data = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02}}));
    must(apdu::exchange_ok(channel, {.ins = 0xA4, .p2 = 0x0C, .data = {0x6F, 0x07}}));
    return must(apdu::exchange_ok(channel, {.ins = 0xB0, .le = 9}));
  }
  // TS 31.102 §4.2.2, of 15 digits.
  static Bytes coded(std::string_view imsi) {
    Bytes out{8, static_cast<std::uint8_t>((imsi[0] - '0') << 4 | 9)};
    for (std::size_t i = 1; i < imsi.size(); i += 2) out.push_back(static_cast<std::uint8_t>((imsi[i + 1] - '0') << 4 | (imsi[i] - '0')));
    return out;
  }
  const std::string card_directory = place.file("card");
  std::string root;
};

class UiccDeviceBy : public UiccDevice, public testing::WithParamInterface<crypto::AkaAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, UiccDeviceBy, testing::Values(crypto::AkaAlgorithm::milenage, crypto::AkaAlgorithm::tuak),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(UiccDeviceBy, onboards_through_power_offs_and_its_usim_has_the_subscription) {
  subscriptions_by(GetParam());
  make_device(in_card(profile_with_phlr()));
  EXPECT_EQ(imsi_file(), coded("999990000000001")) << "the preliminary one, for the first network";
  for (const char* point : {"referred", "installed"}) EXPECT_REFUSED(run(point), Code::unavailable, "terminal.power_off");
  const auto got = run();
  ASSERT_OK(got);
  expect_subscribed(got);
  EXPECT_TRUE(got->used);
  EXPECT_EQ(operators.authenticated, 1);
  EXPECT_EQ(imsi_file(), coded(kImsi));
}

TEST_F(UiccDevice, that_is_retired_leaves_its_card_to_another_one) {
  make_device(in_card(profile()));
  expect_subscribed(run());
  std::filesystem::rename(card_directory, card_directory + ".away");
  EXPECT_REFUSED(retire_onboard_device(directory, storage_key.clone(), random), Code::not_found, "card.no_card");
  std::filesystem::rename(card_directory + ".away", card_directory);
  expect_subscribed(run());
  ASSERT_OK(retire_onboard_device(directory, storage_key.clone(), random));
  EXPECT_REFUSED(run(), Code::not_found, "terminal.no_device");
  make_device(in_card(profile()));
  EXPECT_EQ(imsi_file(), coded("999990000000001"));
}

TEST_F(UiccDevice, without_its_card_is_no_device) {
  make_device(in_card(profile()));
  std::filesystem::rename(card_directory, card_directory + ".away");
  EXPECT_REFUSED(run(), Code::not_found, "card.no_card");
  std::filesystem::rename(card_directory + ".away", card_directory);
  expect_subscribed(run());
}

TEST_F(UiccDevice, takes_no_card_of_another_manufacturer) {
  const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  root = must(pki::make_root("another", key, {SystemClock().now_ms(), pki::kRootDays}, random)).to_pem();
  const auto made = make_onboard_device(directory, in_card(profile()), pki.root.certificate, storage_key.clone(), random);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::refused) << describe(made.error());
}

}  // namespace
}  // namespace tf::terminal::test
