// GENERAL AUTHENTICATE (SP 800-73-4 part 2, 3.2.4): signing, deciphering and key agreement with the card's keys.
#include "apdu/tlv.hpp"
#include "card/piv/session.hpp"

namespace tf::card::piv {

namespace {

constexpr std::uint32_t kChallenge = 0x81, kResponse = 0x82, kExponentiation = 0x85;

}  // namespace

Answer<Bytes> PivSession::general_authenticate(const Command& command) {
  const ByteView parts = TF_TRY(apdu::only(command.data, 0x7C));
  if (command.p2 == kAdministrator) return authenticate_administrator(command, parts);
  if (!is_key_reference(command.p2)) return StatusWord::wrong_p1_p2;
  return use_key(command, parts);
}

// 82 empty with 81: the block or hash to be signed, or the cryptogram; with 85: the other side's point.
Answer<Bytes> PivSession::use_key(const Command& command, ByteView parts) {
  const KeyId id{std::string(kContainer), command.p2};
  const auto algorithm = algorithm_of(command.p1);
  if (!algorithm) return StatusWord::wrong_p1_p2;
  const KeyFacts facts = TF_TRY(services_.keys.facts(id));
  if (facts.algorithm != *algorithm) return StatusWord::wrong_p1_p2;
  if ((facts.pin == PinPolicy::once && !pin_) || (facts.pin == PinPolicy::always && !(pin_ && pin_fresh_))) return StatusWord::security_status;

  const auto response = TF_TRY(apdu::find(parts, kResponse));
  const auto challenge = TF_TRY(apdu::find(parts, kChallenge));
  const auto point = TF_TRY(apdu::find(parts, kExponentiation));
  if (!response || !response->empty() || challenge.has_value() == point.has_value()) return StatusWord::wrong_data;
  if (point) {
    // Key establishment is for 9D and the retired ones, 82 to 95 (SP 800-73-4 part 2, 3.2.4 and appendix A.5; FIPS 201-3, 4.2.2.5).
    if (is_rsa(*algorithm) || facts.use != Use::decipher) return StatusWord::wrong_data;
    const SecretBytes shared = TF_TRY(services_.keys.agree(id, *point));
    return apdu::tlv(0x7C, apdu::tlv(kResponse, shared.reveal()));
  }
  if (!is_rsa(*algorithm) && (challenge->empty() || challenge->size() > size_of(*algorithm))) return StatusWord::wrong_data;
  // 9D too: stock clients sign its certificate's request with it, and nothing else can.
  return apdu::tlv(0x7C, apdu::tlv(kResponse, TF_TRY(services_.keys.sign_raw(id, *challenge))));
}

}  // namespace tf::card::piv
