// A card in memory with the well-known secrets, spoken to in hex.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "card/memory/volatile_storage.hpp"
#include "card/software_card.hpp"
#include "tests/support/deterministic.hpp"

namespace tf::card::test {

using tf::test::must;

inline constexpr std::string_view kSerial = "CARD-0001";
Bytes hex(std::string_view text);

const pki::Issuer& manufacturer();
Plan plan();  // with a subscription, and a container 1 with PIN 111111 and PUK 11111111

class TestCard {
 public:
  explicit TestCard(std::string_view seed = "card");
  explicit TestCard(Plan made_by, std::string_view seed = "card");

  [[nodiscard]] Card& card() { return software_->card(); }
  [[nodiscard]] Services& services() { return software_->services(); }
  [[nodiscard]] VolatileStorage& storage() { return storage_; }
  [[nodiscard]] tf::test::DeterministicRandom& random() { return random_; }
  // Another process opens what is stored.
  void restart();

  // Data and status word as the card gave them, in upper-case hex.
  std::string raw(std::string_view command);
  // The whole answer; chained, fetched.
  apdu::ResponseApdu send(const apdu::CommandApdu& command, apdu::Sizes sizes = apdu::Sizes::short_apdus);
  std::string status(const apdu::CommandApdu& command);  // "9000"

  void select_piv();
  std::string verify_pin(std::string_view pin);  // status word
  void be_administrator();
  // GENERATE; the answer's data.
  Bytes generate(std::uint8_t reference, std::uint8_t algorithm);
  // GENERAL AUTHENTICATE over one block; status word in answer.
  apdu::ResponseApdu sign(std::uint8_t reference, std::uint8_t algorithm, ByteView block);

 private:
  VolatileStorage storage_;
  tf::test::DeterministicRandom random_;
  std::unique_ptr<SoftwareCard> software_;
};

}  // namespace tf::card::test
