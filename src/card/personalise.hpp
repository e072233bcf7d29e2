// What a manufacturer puts on a card, and where it stands in the card's memory. One transaction: a card is personalised, or it is blank.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "apdu/scp03.hpp"
#include "apdu/secured_packet.hpp"
#include "card/services.hpp"
#include "crypto/aka/key.hpp"
#include "pki/issuer.hpp"
#include "wire/fields.hpp"

namespace tf::card {

// --- where it stands ---
// The card's own keys, P-256, container kCardKeys.
inline constexpr std::string_view kCardKeys = "card";
inline constexpr std::uint8_t kFactoryKey = 0x01;  // Use::attest
inline constexpr std::uint8_t kChannelKey = 0x02;  // Use::decipher
// Their certificates, DER: files of "card".
inline constexpr FileId kFactoryCertificate{"card", 0x01};
inline constexpr FileId kChannelCertificate{"card", 0x02};
inline constexpr std::string_view kPolicyRecord = "card/policy";  // 1 octet; bit 1: sign hash
inline constexpr FileId kManufacturerCertificate{"card", 0x03};  // who signed the factory's

// A user's container: number 0 is the owner's, whose PIN is PIV's too.
std::string pin_name(std::uint8_t container);  // of PinStore: kPin for 0, "pin.1" …
std::string puk_name(std::uint8_t container);
std::string key_container(std::uint8_t container);  // of KeyStore: "piv" for 0, "user/1" …
std::vector<std::uint8_t> containers(const Memory& memory);  // in order
Status set_containers(Memory& memory, std::vector<std::uint8_t> numbers);
Status add_container(Services& services, std::uint8_t number, const SecretBytes& pin, const SecretBytes& puk, unsigned tries);  // Code::conflict "card.container"

// Of memory; Code::not_found "card.no_keys" when the card was given none.
Result<apdu::scp03::StaticKeys> scp03_keys(const Memory& memory);
Result<apdu::ota::Keys> ota_keys(const Memory& memory);
struct Subscription {
  std::string imsi;   // 6 to 15 digits
  std::string iccid;  // 18 to 20 digits
  crypto::AkaKey key = {};
};
Result<Subscription> subscription(const Memory& memory);
// Two fields of a record, K and OPc or TOPc. Code::integrity "card.state".
Result<crypto::AkaKey> read_key(wire::FieldReader& in);

// --- making it ---
struct ContainerPlan {
  std::uint8_t number = 1;
  SecretBytes pin, puk;  // 8 octets, filled up with FF
};
struct PresetPlan {
  std::uint8_t reference = 0x9A;  // of PIV
  crypto::PrivateKey key;
  Bytes certificate;  // DER
};
struct Plan {
  std::string serial;    // 1 to 20 of A–Z 0–9 -
  SecretBytes pin, puk;  // of the owner; 8 octets, filled up with FF
  unsigned tries = 3;
  std::uint8_t administrator_cipher = 0x0A;  // SP 800-78-4: 03 3DES, 08, 0A, 0C AES
  SecretBytes administrator_key;
  bool administrator_known = false;  // it is the well-known one
  apdu::scp03::StaticKeys scp03;
  apdu::ota::Keys ota;
  std::optional<Subscription> usim = {};
  std::vector<ContainerPlan> users = {};
  std::vector<PresetPlan> presets = {};
  bool sign_hash = false;  // suite classic: the card signs hashes that others made
};

// Random secrets where the plan has none yet: SCP03 and OTA keys of 16 octets.
void fill_in(Plan& plan, Random& random);
// The well-known administrator's key of PIV cards, PIN 123456 and PUK 12345678.
Plan default_plan(std::string serial);
// value with FF up to 8 octets.
SecretBytes padded_pin(std::string_view text);

// Code::invalid "card.plan"; Code::conflict "card.personalised"; errors of pki.
Status personalise(Services& services, const Plan& plan, const pki::Issuer& manufacturer, std::int64_t now_ms);
// Back to how it left the factory, for its next owner: users' containers, keys and certificates are gone, PIN, PUK and administrator's key are the
// plan's. What is the card's own stays: serial, factory and channel key, SCP03 and OTA keys, the subscription, and every counter.
Status reset(Services& services, const Plan& plan);

}  // namespace tf::card
