// The administrator (key 9B): he proves himself by answering a challenge, or both sides prove themselves (SP 800-73-4 part 2, appendix A.1).
// The card never encrypts what it is given before it knows the giver, or its own challenges could be answered with it.
#include "apdu/tlv.hpp"
#include "card/piv/session.hpp"
#include "crypto/block_cipher.hpp"

namespace tf::card::piv {
namespace {

constexpr std::uint32_t kAdminWitness = 0x80, kAdminChallenge = 0x81, kAdminResponse = 0x82;

crypto::BlockCipher cipher_of(std::uint8_t algorithm) { return algorithm == kTdes ? crypto::BlockCipher::tdes : crypto::BlockCipher::aes; }
std::size_t block_of(std::uint8_t algorithm) { return crypto::block_size(cipher_of(algorithm)); }

}  // namespace

Answer<Bytes> PivSession::authenticate_administrator(const Command& command, ByteView parts) {
  const auto witness = TF_TRY(apdu::find(parts, kAdminWitness));
  const auto challenge_part = TF_TRY(apdu::find(parts, kAdminChallenge));
  const auto response = TF_TRY(apdu::find(parts, kAdminResponse));
  const SecretBytes* key = services_.memory.find(kAdministratorRecord);
  if (key == nullptr) return StatusWord::reference_not_found;
  const std::uint8_t kept = key->reveal()[0];
  // Clients ask for randomness as 00, "3DES", whatever the key is.
  const std::uint8_t cipher = command.p1 == kTdesAlias ? kTdes : command.p1;
  const bool asks_challenge = challenge_part && challenge_part->empty() && !witness && !response;
  if (asks_challenge && cipher != kept && command.p1 == kTdesAlias) {
    Bytes chance(block_of(kTdes));
    services_.random.fill(chance);
    asked_ = {};
    return apdu::tlv(0x7C, apdu::tlv(kAdminChallenge, chance));
  }
  if (cipher != kept) return StatusWord::wrong_p1_p2;
  if (asks_challenge) return challenge(cipher);
  if (witness && witness->empty() && !challenge_part && !response) return this->witness(cipher);
  if (witness && challenge_part && (!response || response->empty())) return answer_witness(cipher, *witness, *challenge_part);
  if (response && !witness && !challenge_part) {
    TF_CHECK(answer_challenge(cipher, *response));
    return Bytes{};
  }
  return StatusWord::wrong_data;
}

// 7C{81 empty}: a challenge for the administrator alone.
Answer<Bytes> PivSession::challenge(std::uint8_t cipher) {
  Bytes value(block_of(cipher));
  services_.random.fill(value);
  asked_ = {Asked::Kind::challenge, cipher, SecretBytes(ByteView(value))};
  return apdu::tlv(0x7C, apdu::tlv(kAdminChallenge, value));
}

Done PivSession::answer_challenge(std::uint8_t cipher, ByteView response) {
  const Asked asked = std::exchange(asked_, {});
  if (asked.kind != Asked::Kind::challenge || asked.cipher != cipher) return StatusWord::conditions_of_use;
  const ByteView key = services_.memory.find(kAdministratorRecord)->reveal().subspan(2);
  const SecretBytes expected = TF_TRY(crypto::ecb(cipher_of(cipher), crypto::Direction::encrypt, key, asked.value.reveal()));
  administrator_ = equal_in_constant_time(expected.reveal(), response);
  if (!administrator_) return StatusWord::security_status;
  return {};
}

// 7C{80 empty}: a witness, encrypted; who decrypts it has the key.
Answer<Bytes> PivSession::witness(std::uint8_t cipher) {
  SecretBytes value(block_of(cipher));
  services_.random.fill(value.reveal_mutable());
  const ByteView key = services_.memory.find(kAdministratorRecord)->reveal().subspan(2);
  const SecretBytes encrypted = TF_TRY(crypto::ecb(cipher_of(cipher), crypto::Direction::encrypt, key, value.reveal()));
  asked_ = {Asked::Kind::witness, cipher, std::move(value)};
  return apdu::tlv(0x7C, apdu::tlv(kAdminWitness, encrypted.reveal()));
}

// 7C{80 witness, 81 challenge}: and the card's answer to the challenge.
Answer<Bytes> PivSession::answer_witness(std::uint8_t cipher, ByteView witness, ByteView challenge) {
  const Asked asked = std::exchange(asked_, {});
  if (asked.kind != Asked::Kind::witness || asked.cipher != cipher) return StatusWord::conditions_of_use;
  if (challenge.size() != block_of(cipher)) return StatusWord::wrong_data;
  administrator_ = equal_in_constant_time(asked.value.reveal(), witness);
  if (!administrator_) return StatusWord::security_status;
  const ByteView key = services_.memory.find(kAdministratorRecord)->reveal().subspan(2);
  const SecretBytes encrypted = TF_TRY(crypto::ecb(cipher_of(cipher), crypto::Direction::encrypt, key, challenge));
  return apdu::tlv(0x7C, apdu::tlv(kAdminResponse, encrypted.reveal()));
}

// Yubico's FF: algorithm ‖ 9B ‖ length ‖ key.
Done PivSession::set_administrator(const Command& command) {
  if (command.p1 != 0xFF || (command.p2 != 0xFF && command.p2 != 0xFE)) return StatusWord::wrong_p1_p2;
  if (command.p2 == 0xFE) return StatusWord::function_not_supported;  // confirmed by a touch
  if (!administrator_) return StatusWord::security_status;
  const ByteView data = command.data;
  if (data.size() < 3 || data[1] != kAdministrator || data[2] != data.size() - 3) return StatusWord::wrong_data;
  if (key_size_of(data[0]) == 0 || key_size_of(data[0]) != data.size() - 3) return StatusWord::wrong_data;
  SecretBytes record(data.size() - 1);
  record.reveal_mutable()[0] = data[0];
  std::copy(data.begin() + 3, data.end(), record.reveal_mutable().begin() + 2);
  TF_CHECK(services_.memory.put(std::string(kAdministratorRecord), std::move(record)));
  return {};
}

}  // namespace tf::card::piv
