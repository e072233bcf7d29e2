// The USIM (3GPP TS 31.102): the subscription's files and AUTHENTICATE, that is AKA by the subscription's algorithm (crypto/aka/usim.hpp). It works on its own logical
// channel while the shield or PIV work on others. The USIM's PIN is disabled, as in most SIMs that are sold. Whose subscription it is:
// card/onboard/credentials.hpp; a card without one has no USIM (SELECT: 6A82).
//
//   SELECT by name, by identifier (EF_IMSI 6F07, EF_AD 6FAD, EF_ICCID 2FE2), by path from the MF (00 A4 08)
//   READ BINARY, STATUS (80 F2), AUTHENTICATE (00 88 00 81): RAND and AUTN → DB { RES, CK, IK }, or DC { AUTS }; 9862 when MAC-A is wrong
//   ENVELOPE (80 C2): secured packets (card/ota/receiver.hpp)
#pragma once
#include "card/application.hpp"
#include "card/services.hpp"

namespace tf::card::usim {

inline constexpr ByteArray<16> kAid{0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x03, 0x02, 0x00, 0x00};

class UsimApplication final : public Application {
 public:
  explicit UsimApplication(Services& services) : services_(services) {}
  [[nodiscard]] ByteView aid() const override { return kAid; }
  std::unique_ptr<Session> open() override;

 private:
  Services& services_;
};

// As TS 31.102 §4.2.2 codes it, and back; "" when it is none.
Bytes encode_imsi(std::string_view imsi);
std::string decode_imsi(ByteView file);
Bytes encode_iccid(std::string_view iccid);  // §13.2 of TS 102 221

}  // namespace tf::card::usim
