// Power goes before and right after every write of the card: the module is whole, what was answered is kept, no SQN is answered twice.
#include <functional>

#include "base/file.hpp"
#include "module/state.hpp"
#include "tests/module/uicc_support.hpp"

namespace tf::module::test {
namespace {

using card::VolatileStorage;

struct TornDevice {
  TornDevice() { restart(must(card::SoftwareCard::create_over(storage, card_plan(), card_manufacturer(), tf::test::FixedClock::kStart, random))); }
  void restart(std::unique_ptr<card::SoftwareCard> made) {
    module.reset();
    software = std::move(made);
    software->card().power_on();
  }
  class Line final : public apdu::Channel {
   public:
    explicit Line(TornDevice& device) : device_(device) {}
    Result<Bytes> transmit(ByteView command) override { return device_.software->card().transmit(command); }

   private:
    TornDevice& device_;
  };
  uicc::Settings settings() {
    return {.directory = directory.path(), .storage_key = Secret<32>(ByteArray<32>{7}),
            .connect = [this]() -> Result<std::unique_ptr<apdu::Channel>> { return std::make_unique<Line>(*this); }, .now_ms = tf::test::FixedClock::kStart};
  }
  // Device and card together: what is not durable is gone. The next visit makes the module when there is none, or opens it.
  bool again() {
    restart(must(card::SoftwareCard::over(storage, random)));
    auto made = uicc::create(settings(), kId, random);
    if (!made && made.error().reason == std::string_view("module.exists")) made = uicc::open(settings(), kId, random);
    EXPECT_OK(made);
    if (made) module = std::move(*made);
    return made.has_value();
  }
  void make() { module = must(uicc::create(settings(), kId, random)); }

  Directory directory;
  SystemRandom random;
  VolatileStorage storage;
  std::unique_ptr<card::SoftwareCard> software;
  std::unique_ptr<SecureModule> module;
};

void at_every_write_of_the_card(const std::function<void(TornDevice&)>& prepare, const std::function<bool(TornDevice&)>& act, const std::function<void(TornDevice&, bool)>& check) {
  for (const auto cut : {VolatileStorage::Cut::before, VolatileStorage::Cut::after}) {
    bool done = false;
    for (std::size_t n = 1; !done; ++n) {
      SCOPED_TRACE(testing::Message() << "write " << n << (cut == VolatileStorage::Cut::before ? " before" : " after"));
      TornDevice device;
      prepare(device);
      device.storage.cut_at(n, cut);
      done = act(device);
      ASSERT_LT(n, 10u);
      if (n == 1) EXPECT_FALSE(done) << "nothing was written";
      device.storage.cut_at(0, cut);
      ASSERT_TRUE(device.again());
      check(device, done);
    }
  }
}

crypto::AkaVector fresh_vector(std::uint64_t sqn) {
  SystemRandom random;
  const crypto::Rand rand = random.array<16>();
  crypto::AkaVector out;
  crypto::AkaFunctions(key_with(kK)).vectors({&rand, 1}, {&sqn, 1}, {0x80, 0x00}, {&out, 1});
  return out;
}

TEST(UiccTearOff, making_a_module_is_finished_by_the_next_visit) {
  at_every_write_of_the_card([](TornDevice&) {}, [](TornDevice& device) { return uicc::create(device.settings(), kId, device.random).has_value(); },
                 [](TornDevice& device, bool) {
                   EXPECT_TRUE(crypto::verify_es256(device.module->public_key(Key::sign), as_bytes("x"), must(device.module->sign(as_bytes("x")))));
                   EXPECT_OK(device.module->request(Key::decrypt, kId));
                 });
}

TEST(UiccTearOff, a_credential_is_installed_whole_or_not_at_all) {
  at_every_write_of_the_card([](TornDevice& device) { device.make(); }, [](TornDevice& device) { return device.module->store_credential(Slot::subscription, credential()).has_value(); },
                 [](TornDevice& device, bool done) {
                   const bool there = device.module->credential(Slot::subscription).has_value();
                   EXPECT_TRUE(there || !done);
                   const auto vector = fresh_vector(64);
                   const auto answer = device.module->aka(Slot::subscription, vector.rand, vector.autn);
                   EXPECT_EQ(answer.has_value(), there);
                   EXPECT_OK(device.module->store_credential(Slot::subscription, credential()));
                 });
}

TEST(UiccTearOff, no_sqn_is_answered_twice) {
  const auto vector = fresh_vector(64);
  bool answered = false;
  at_every_write_of_the_card(
      [](TornDevice& device) {
        device.make();
        ASSERT_OK(device.module->store_credential(Slot::subscription, credential()));
      },
      [&](TornDevice& device) {
        const auto answer = device.module->aka(Slot::subscription, vector.rand, vector.autn);
        answered = answer && std::holds_alternative<crypto::AkaAccepted>(*answer);
        return answer.has_value();
      },
      [&](TornDevice& device, bool) {
        const auto again = must(device.module->aka(Slot::subscription, vector.rand, vector.autn));
        if (answered) EXPECT_TRUE(std::holds_alternative<crypto::AkaOutOfSequence>(again));
        const auto later = fresh_vector(128);
        EXPECT_TRUE(std::holds_alternative<crypto::AkaAccepted>(must(device.module->aka(Slot::subscription, later.rand, later.autn))));
      });
}

TEST(UiccTearOff, a_record_is_the_old_one_or_the_new_one) {
  at_every_write_of_the_card(
      [](TornDevice& device) {
        device.make();
        ASSERT_OK(device.module->store_record("r", SecretBytes(as_bytes("old"))));
      },
      [](TornDevice& device) { return device.module->store_record("r", SecretBytes(as_bytes("new"))).has_value(); },
      [](TornDevice& device, bool done) {
        const SecretBytes kept = device.module->record("r");
        EXPECT_TRUE(as_text(kept.reveal()) == "new" || (!done && as_text(kept.reveal()) == "old"));
      });
}

TEST(UiccTearOff, removing_a_module_is_finished_by_the_next_try) {
  at_every_write_of_the_card(
      [](TornDevice& device) {
        device.make();
        ASSERT_OK(device.module->store_record("r", SecretBytes(as_bytes("old"))));
        device.module.reset();
      },
      [](TornDevice& device) {
        const bool done = uicc::remove(device.settings(), kId).has_value();
        if (done) return true;
        device.restart(must(card::SoftwareCard::over(device.storage, device.random)));
        EXPECT_OK(uicc::remove(device.settings(), kId));
        return false;
      },
      [](TornDevice& device, bool) { EXPECT_TRUE(device.module->record("r").empty()); });
}

TEST(UiccTearOff, removing_a_module_is_finished_by_the_next_opening) {
  for (const auto cut : {VolatileStorage::Cut::before, VolatileStorage::Cut::after}) {
    TornDevice device;
    device.make();
    const Bytes key = device.module->public_key(Key::sign).spki();
    device.module.reset();
    device.storage.cut_at(1, cut);
    EXPECT_REFUSED(uicc::remove(device.settings(), kId), Code::unavailable, "module.card");
    device.restart(must(card::SoftwareCard::over(device.storage, device.random)));
    EXPECT_REFUSED(uicc::create(device.settings(), kId, device.random), Code::conflict, "module.exists");
    EXPECT_REFUSED(uicc::open(device.settings(), kId, device.random), Code::not_found, "module.no_module");
    EXPECT_EQ(read_file(StateFile::path_of(device.directory.path(), kId), 1).error().code, Code::not_found);
    device.make();
    EXPECT_NE(device.module->public_key(Key::sign).spki(), key);
  }
}

}  // namespace
}  // namespace tf::module::test
