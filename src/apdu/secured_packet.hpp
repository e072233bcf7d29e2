// Secured packets over the air (ETSI TS 102 225 §5; 3GPP TS 31.115 names the same), both ends, for AES alone: ciphering AES-CBC with a zero IV (§5.1.2),
// cryptographic checksum AES-CMAC of 8 octets (§5.1.3.2), counter higher than any before, proof of receipt asked for, with a checksum and ciphered. Anything
// less is refused. KIc and KID: keys of 16, 24 or 32 octets.
//
//   command packet   CPL 2 ‖ CHL 1 ‖ SPI 2 ‖ KIc 1 ‖ KID 1 ‖ TAR 3 ‖ CNTR 5 ‖ PCNTR 1 ‖ CC 8 ‖ data      CNTR and what follows is ciphered
//   response packet  02 71 00 ‖ RPL 2 ‖ RHL 1 ‖ TAR 3 ‖ CNTR 5 ‖ PCNTR 1 ‖ status 1 ‖ CC 8 ‖ data                  likewise
//
// The checksum of a response packet is over the 02 71 00 before it too (TS 31.115 §4.4). Command packets travel behind 02 70 00 in ENVELOPE commands
// (80 C2 00 00), chained where they are longer than a command; the answer's data is the response packet. What is inside is a
// script of commands in the expanded format of TS 102 226 §5.2.1.2: AA { 22 C-APDU … } → AB { 80 number carried out, 23 R-APDU … }.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "apdu/command.hpp"
#include "apdu/response.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::apdu::ota {

inline constexpr std::uint64_t kMaxCounter = (std::uint64_t{1} << 40) - 1;
inline constexpr std::size_t kMaxPacket = 8192;
using Tar = std::array<std::uint8_t, 3>;
inline constexpr Tar kShieldTar = {0x53, 0x48, 0x44};  // of the issuer's own range (TS 101 220 annex D)

struct Keys {
  SecretBytes kic, kid;
  std::uint8_t index = 1;  // of the key set, 1 to 15
  [[nodiscard]] Keys clone() const { return {kic.clone(), kid.clone(), index}; }
  [[nodiscard]] bool valid() const;
};

// Response status codes (§5.2, table 5).
enum class ResponseStatus : std::uint8_t {
  ok = 0x00,
  checksum_failed = 0x01,
  counter_low = 0x02,
  counter_high = 0x03,
  counter_blocked = 0x04,
  ciphering_error = 0x05,
  unidentified_security_error = 0x06,
  insufficient_memory = 0x07,
  tar_unknown = 0x09,
  insufficient_security = 0x0A,
};
std::string_view name_of(ResponseStatus status);

struct CommandPacket {
  Tar tar = kShieldTar;
  std::uint64_t counter = 0;  // 40 bits
  Bytes data = {};
};

// --- the sender ---
// Code::invalid "ota.packet" for a counter or content too large, keys of no AES size.
Result<Bytes> seal_command(const CommandPacket& packet, const Keys& keys);
// The answer to the packet with this TAR and counter. Code::refused "ota.proof" when checksum, TAR or counter are others: it proves nothing; Code::malformed "ota.response".
struct ResponsePacket {
  Tar tar = kShieldTar;
  std::uint64_t counter = 0;
  ResponseStatus status = ResponseStatus::ok;
  Bytes data = {};
};
Result<ResponsePacket> open_response(ByteView octets, const Keys& keys, const Tar& tar, std::uint64_t counter);
// The ENVELOPE command that carries it, and the packet in its data. Code::malformed "ota.packet".
inline constexpr std::uint8_t kEnvelope = 0xC2;
inline constexpr std::array<std::uint8_t, 3> kCommandIdentifier = {0x02, 0x70, 0x00};
CommandApdu envelope(ByteView packet);
Result<ByteView> packet_of(ByteView data);

// --- the card ---
// Opens what came behind 02 70 00; TAR and counter are the caller's to judge. status_for(): what the sender may be told of the error, without a proof.
// Code::refused with a reason of "ota.checksum", "ota.ciphering", "ota.security"; Code::malformed "ota.packet".
Result<CommandPacket> open_command(ByteView octets, const Keys& keys);
ResponseStatus status_for(const Error& error);
Result<Bytes> seal_response(const ResponsePacket& packet, const Keys& keys);
// Without checksum and ciphering, for senders who proved nothing.
Bytes plain_response(const Tar& tar, ResponseStatus status);

// --- what is inside ---
Result<Bytes> encode_script(const std::vector<CommandApdu>& commands);  // Code::invalid "apdu.too_long"
Result<std::vector<CommandApdu>> parse_script(ByteView octets);         // at most 16; Code::malformed "ota.script"
Bytes encode_outcome(const std::vector<ResponseApdu>& answers);
Result<std::vector<ResponseApdu>> parse_outcome(ByteView octets);  // Code::malformed "ota.outcome"

}  // namespace tf::apdu::ota
