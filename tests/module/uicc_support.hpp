// Cards as the module wants them: of a directory, and in memory with power that goes.
#pragma once
#include <memory>

#include "card/memory/volatile_storage.hpp"
#include "card/software_card.hpp"
#include "module/uicc/uicc_module.hpp"
#include "pki/issue.hpp"
#include "tests/module/contract.hpp"

namespace tf::module::test {

inline const pki::Issuer& card_manufacturer() {
  static const pki::Issuer made = [] {
    SystemRandom random;
    const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
    return pki::Issuer{must(pki::make_root("card manufacturer", key, {tf::test::FixedClock::kStart, pki::kRootDays}, random)), key};
  }();
  return made;
}

inline card::Plan card_plan(std::string serial = "CARD-0001") {
  static SystemRandom random;
  card::Plan out = card::default_plan(std::move(serial));
  card::fill_in(out, random);
  return out;
}

// Its end is the card's: out of the reader.
class OwningChannel final : public apdu::Channel {
 public:
  explicit OwningChannel(std::unique_ptr<card::SoftwareCard> own) : own_(std::move(own)), channel_(own_->card()) { own_->card().power_on(); }
  Result<Bytes> transmit(ByteView command) override { return channel_.transmit(command); }

 private:
  std::unique_ptr<card::SoftwareCard> own_;
  card::InProcessChannel channel_;
};

class UiccUnderTest final : public ModuleUnderTest {
 public:
  UiccUnderTest() { (void)must(card::SoftwareCard::create(where(), card_plan(), card_manufacturer(), tf::test::FixedClock::kStart, random), "a card"); }
  Result<std::unique_ptr<SecureModule>> create(std::string_view id) override { return uicc::create(settings(0x11), id, random); }
  Result<std::unique_ptr<SecureModule>> open(std::string_view id) override { return uicc::open(settings(0x11), id, random); }
  Status remove(std::string_view id) override { return uicc::remove(settings(0x11), id); }
  Result<std::unique_ptr<SecureModule>> open_as_a_stranger(std::string_view id) override { return uicc::open(settings(0x12), id, random); }

 private:
  [[nodiscard]] std::string where() const { return directory.path() + "/card"; }
  uicc::Settings settings(std::uint8_t key) {
    ByteArray<32> storage_key;
    storage_key.fill(key);
    return {.directory = directory.path(), .storage_key = Secret<32>(storage_key),
            .connect = [this]() -> Result<std::unique_ptr<apdu::Channel>> { return std::make_unique<OwningChannel>(TF_TRY(card::SoftwareCard::open(where(), random))); },
            .manufacturer = card_manufacturer().certificate, .now_ms = tf::test::FixedClock::kStart};
  }
};

}  // namespace tf::module::test
