// The platform's and the PIN pad's side of the shield, for tests.
#pragma once
#include "apdu/pin_envelope.hpp"
#include "apdu/scp03.hpp"
#include "apdu/shield.hpp"
#include "pki/device/attestation.hpp"
#include "tests/card/support.hpp"

namespace tf::card::test {

namespace shield = apdu::shield;
using shield::Slot;

// A secure channel to a card. Commands go wrapped, chained where they are long.
class SecureHost {
 public:
  explicit SecureHost(TestCard& card);  // SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE
  apdu::ResponseApdu send(const apdu::CommandApdu& command);
  Bytes data(const apdu::CommandApdu& command);  // of a command that has to succeed
  StatusWord status(const apdu::CommandApdu& command) { return send(command).status; }
  [[nodiscard]] apdu::scp03::HostSession& session() { return session_; }

 private:
  TestCard& card_;
  apdu::scp03::HostSession session_;
};

StatusWord status(TestCard& card, const apdu::CommandApdu& command);
Bytes data(TestCard& card, const apdu::CommandApdu& command);

// A certificate for a key, by an authority of the test's.
Bytes certificate_for(const crypto::PublicKey& key, int serial = 1);
// GENERATE KEY and STORE CERTIFICATE in a secure channel; the key.
crypto::PublicKey enrol(TestCard& card, Slot slot, shield::Algorithm algorithm = shield::Algorithm::p256, std::uint8_t container = 0);

apdu::PaymentStructure payment(std::uint64_t amount = 1999);
// What the PIN pad makes, for the channel key that the card shows.
struct Letter {
  std::string serial = std::string(kSerial);
  std::uint8_t container = 0;
  std::string pin = "123456";
  std::string puk = {};
};
Bytes envelope(TestCard& card, const Letter& letter, const Hash256& bound_to, const apdu::CardNonce& nonce);
// PREPARE PAYMENT and SIGN PAYMENT.
apdu::ResponseApdu pay(TestCard& card, const Letter& letter = {}, std::uint64_t amount = 1999);

}  // namespace tf::card::test
