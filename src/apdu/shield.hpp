// The shield application as both ends speak it (docs/card.md): AID, instructions, tags, and builders and readers of its commands and answers.
// A builder gives a plain command; scp03::HostSession wraps it where the card asks for a secure channel.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apdu/command.hpp"
#include "apdu/payment_structure.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"

namespace tf::apdu::shield {

// F0: a proprietary identifier without registration (ISO/IEC 7816-5), then "TRUSTFERRY" and the version.
inline constexpr std::array<std::uint8_t, 12> kAid = {0xF0, 'T', 'R', 'U', 'S', 'T', 'F', 'E', 'R', 'R', 'Y', 0x01};

// Class 80; (S): inside a secure channel only.
enum class Ins : std::uint8_t {
  set_container = 0x10,      // P1 container
  generate_key = 0x12,       // (S) P2 slot; {80 algorithm, 81 nonce} → public key
  read_request = 0x14,       // (S) P2 slot → PKCS#10
  read_attestation = 0x16,   // (S) P2 slot → certificate
  store_certificate = 0x18,  // (S) P2 slot; {70 certificate}
  read_certificate = 0x1A,   // P2 slot → certificate
  read_public_key = 0x1C,    // P2 slot → SubjectPublicKeyInfo
  create_container = 0x1E,   // (S) P1 container; {83 PIN, 86 PUK}, both encrypted by the DEK
  prepare_payment = 0x20,    // → {85 N_c, 87 counter}
  sign_payment = 0x22,       // {A8 M, 88 envelope} → {87 counter, 89 signature}
  sign_hash = 0x24,          // {8A h, 88 envelope} → the same
  reset_retry_counter = 0x2C,  // {88 envelope}
  delete_container = 0x2E,   // (S) P1 container
  read_records = 0xB2,       // PIN verified or (S): P1 number, 1 the newest → one record
  get_data = 0xCA,           // P1 P2 the object
};

enum class Object : std::uint16_t {
  serial = 0x00C1,      // text
  factory = 0x00C2,     // chain of the factory certificate, leaf first: 70 each
  channel = 0x00C3,     // certificate of the channel key
  counter = 0x00C4,     // payment counter, 8 octets
  containers = 0x00C5,  // one octet each
  tries = 0x00C6,       // {9A tries of the PIN, 9B of the PUK} of the container that is set
  policy = 0x00C7,      // one octet: 01 sign hash is allowed
};

enum class Slot : std::uint8_t { payment = 0x01, authentication = 0x9A, signature = 0x9C, card = 0x9E, encryption = 0x9D, hash = 0x02 };
std::optional<Slot> slot_of(std::uint8_t number);
std::string_view name_of(Slot slot);  // as docs/protocols/cardsign.md names it
std::optional<Slot> slot_named(std::string_view name);

enum class Algorithm : std::uint8_t { rsa2048 = 0x07, p256 = 0x11 };  // as SP 800-78-4 numbers them

using EnrolmentNonce = ByteArray<32>;

CommandApdu select();
CommandApdu get_data(Object object);
CommandApdu set_container(std::uint8_t container);
CommandApdu generate_key(Slot slot, Algorithm algorithm, const EnrolmentNonce& nonce);
CommandApdu read_request(Slot slot);
CommandApdu read_attestation(Slot slot);
CommandApdu store_certificate(Slot slot, ByteView certificate);
CommandApdu read_certificate(Slot slot);
CommandApdu read_public_key(Slot slot);
// pin, puk: as scp03::HostSession::encrypt_sensitive gave them.
CommandApdu create_container(std::uint8_t container, ByteView pin, ByteView puk);
CommandApdu delete_container(std::uint8_t container);
CommandApdu prepare_payment();
CommandApdu sign_payment(ByteView structure, ByteView envelope);
CommandApdu sign_hash(const Hash256& hash, ByteView envelope);
CommandApdu reset_retry_counter(ByteView envelope);
CommandApdu read_record(std::uint8_t number);

// Of the data of a card's answer; Code::malformed "cardsign.answer".
Result<std::string> read_serial(ByteView answer);  // 1 to 20 of A–Z 0–9 -
Result<std::vector<Bytes>> read_chain(ByteView answer);
struct Prepared {
  CardNonce nonce{};
  std::uint64_t counter = 0;  // of the last payment
};
Result<Prepared> read_prepared(ByteView answer);
struct SignedPayment {
  std::uint64_t counter = 0;
  Bytes signature;  // ECDSA in DER, or RSASSA-PKCS1-v1_5; over SHA-256 of T
};
Result<SignedPayment> read_signed(ByteView answer);
struct Tries {
  unsigned pin = 0;
  unsigned puk = 0;
};
Result<Tries> read_tries(ByteView answer);
// The card's own record of a payment; M in suite modern, h in suite classic.
struct PaymentRecord {
  std::uint64_t counter = 0;
  std::uint8_t container = 0;
  Bytes structure = {};
  std::optional<Hash256> hash = {};
  Bytes encode() const;
};
Result<PaymentRecord> read_payment_record(ByteView answer);

// ECDSA P-256 or RSASSA-PKCS1-v1_5, SHA-256, over T.
bool verify_signature(const crypto::PublicKey& key, ByteView signed_octets, ByteView signature);

// The builders' other ends; Code::malformed "cardsign.command".
struct GenerateKey {
  Algorithm algorithm = Algorithm::p256;
  EnrolmentNonce nonce{};
};
Result<GenerateKey> parse_generate_key(ByteView data);
struct SignCommand {
  ByteView content = {};  // M or h, into data
  ByteView envelope = {};
};
Result<SignCommand> parse_sign_payment(ByteView data);
Result<SignCommand> parse_sign_hash(ByteView data);
Result<ByteView> parse_envelope(ByteView data);
Result<ByteView> parse_store_certificate(ByteView data);
struct NewPins {
  ByteView pin = {}, puk = {};
};
Result<NewPins> parse_create_container(ByteView data);
Bytes encode_prepared(const Prepared& prepared);
Bytes encode_signed(const SignedPayment& payment);
Bytes encode_tries(const Tries& tries);
Bytes encode_chain(const std::vector<Bytes>& chain);

// 1 to 20 of A–Z 0–9 -.
bool valid_serial(std::string_view serial);

}  // namespace tf::apdu::shield
