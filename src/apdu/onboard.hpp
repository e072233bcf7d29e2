// The module application as both ends speak it (docs/card.md, "The module"): AID, instructions, tags, the keys of its secure channel. The card is
// src/card/onboard, the host src/module/uicc.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "apdu/command.hpp"
#include "apdu/scp03.hpp"
#include "base/secret.hpp"

namespace tf::apdu::onboard {

inline constexpr std::array<std::uint8_t, 13> kAid = {0xF0, 'T', 'R', 'U', 'S', 'T', 'F', 'E', 'R', 'R', 'Y', 'M', 0x01};

// Class 80; (S): inside the host's secure channel only.
enum class Ins : std::uint8_t {
  claim = 0x10,               // {86 ephemeral point}
  make = 0x12,                // (S) {80 name}
  read_module = 0x14,         // (S)
  read_request = 0x16,        // (S) P2 key; {80 name} → PKCS#10
  store_certificates = 0x18,  // (S) P2 key; 70 …
  read_certificates = 0x1A,   // (S) P2 key → 70 …
  sign = 0x20,                // (S) message → r ‖ s
  unwrap = 0x22,              // (S) P2 hash
  erase_module = 0x2E,        // (S)
  install = 0x30,             // (S) P2 slot; {83 IMSI, 84 ICCID, 85 note, 87 K ‖ OPc or K ‖ TOPc under the DEK}
  erase = 0x32,               // (S) P2 slot
  authenticate = 0x34,        // (S) P2 slot; RAND ‖ AUTN → DB { RES, CK, IK } or DC { AUTS }
  store_record = 0x40,        // (S) {86 name, 87 value}
  read_record = 0x42,         // (S) {86 name} → value
  get_data = 0xCA,            // 00C1 → serial
};
inline constexpr std::uint8_t kSerialObject = 0xC1;

// Tags.
inline constexpr std::uint32_t kName = 0x80, kSignKey = 0x81, kDecryptKey = 0x82, kImsi = 0x83, kIccid = 0x84, kNote = 0x85, kPoint = 0x86, kRecordName = 0x86,
                               kValue = 0x87, kPreliminary = 0xA1, kSubscription = 0xA2, kCertificate = 0x70;
// P2.
inline constexpr std::uint8_t kSign = 0x01, kDecrypt = 0x02, kSlotPreliminary = 0x01, kSlotSubscription = 0x02, kSha1 = 0x01, kSha256 = 0x02;

// Bounds, in octets.
inline constexpr std::size_t kMaxName = 64, kMaxNote = 64, kMaxRecordValue = 4096, kMaxRecords = 16, kMaxCertificates = 4,
                             kMaxCredentials = 64;  // different keys whose sequences a card remembers

inline CommandApdu command(Ins ins, std::uint8_t p2 = 0, Bytes data = {}) {
  return {.cla = 0x80, .ins = static_cast<std::uint8_t>(ins), .p1 = 0, .p2 = p2, .data = std::move(data), .le = kMaxShortLe};
}
CommandApdu select();

// Of the agreement between the host's ephemeral key and the card's channel key: ENC, MAC and DEK, AES-128, by HKDF-SHA256 with the point and the card's serial.
scp03::StaticKeys channel_keys(const Secret<32>& agreed, ByteView point, std::string_view serial);

}  // namespace tf::apdu::onboard
