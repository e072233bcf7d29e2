// A command to a card (ISO/IEC 7816-4 §5): CLA INS P1 P2, data, and how much is expected back, in all four cases, short and extended.
#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::apdu {

inline constexpr std::size_t kMaxShortData = 255;
inline constexpr std::size_t kMaxExtendedData = 65535;
inline constexpr std::uint32_t kMaxShortLe = 256;
inline constexpr std::uint32_t kMaxExtendedLe = 65536;

struct CommandApdu {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  Bytes data = {};
  std::optional<std::uint32_t> le = {};  // octets expected, 1 to 65536; 256 and 65536 are written as 0
  bool extended = false;                 // how it came, or that it must be written so even when it would fit the short form

  // Code::malformed "apdu.command" unless the whole of octets is one command.
  static Result<CommandApdu> parse(ByteView octets);
  // Short when it fits and extended is not asked for. Code::invalid "apdu.too_long" above 65535 octets of data or Le out of range.
  [[nodiscard]] Result<Bytes> encode() const;

  // The class byte without logical channel, chaining and secure messaging (§5.4.1): 00 for interindustry commands, else as it is with
  // those bits cleared (80 for GlobalPlatform).
  [[nodiscard]] bool chained() const { return first_interindustry() && (cla & 0x10) != 0; }          // more of it follows
  [[nodiscard]] bool secured() const { return first_interindustry() ? (cla & 0x0C) != 0 : (cla & 0x20) != 0; }
  [[nodiscard]] unsigned channel() const { return first_interindustry() ? cla & 0x03u : 4 + (cla & 0x0Fu); }
  [[nodiscard]] std::uint8_t base_class() const { return cla & 0x80; }
  // Bit 7 tells the further interindustry classes (channels 4 to 19); the same layout is used below 80 (GlobalPlatform §11.1.4).
  [[nodiscard]] bool first_interindustry() const { return (cla & 0x40) == 0; }

  friend bool operator==(const CommandApdu&, const CommandApdu&) = default;
};

}  // namespace tf::apdu
