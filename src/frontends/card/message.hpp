// A message of ISO 8583:1987 and its bytes: message type, bitmap, fields. All of it is kept in memory that is wiped, for a
// message has a card number. How numbers and bitmap are coded is the network's choice; by default digits are ASCII and the
// bitmap has 8 or 16 octets, as most libraries expect.
//
// Errors of decode, Code::malformed: "card.truncated", "card.mti", "card.bitmap", "card.unknown_field", "card.field" (size or
// characters), "card.trailing". None says what stood there, only the field's number.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "frontends/card/fields.hpp"

namespace tf::frontends::card {

struct Coding {
  // packed: message type, n and z fields and lengths have two digits an octet, a zero nibble in front of an odd number of them;
  // '=' is the nibble D.
  enum class Numbers : std::uint8_t { ascii, packed };
  enum class Bitmap : std::uint8_t { binary, hex };  // hex: 16 or 32 upper-case digits
  Numbers numbers = Numbers::ascii;
  Bitmap bitmap = Bitmap::binary;
};

inline constexpr std::size_t kMaxMessage = 4096;  // octets

class Message {
 public:
  Message() = default;
  explicit Message(std::string_view mti) : mti_(mti) { fields_.reserve(kUsualFields); }

  [[nodiscard]] const std::string& mti() const { return mti_; }
  void set_mti(std::string_view mti) { mti_ = mti; }
  Message& set(int number, std::string_view text) { return set(number, as_bytes(text)); }
  Message& set(int number, ByteView value);  // instead of what it had
  void erase(int number);
  [[nodiscard]] bool has(int number) const;
  // Empty when the field is absent. Lives until the field is changed.
  [[nodiscard]] ByteView bytes(int number) const;
  [[nodiscard]] std::string_view text(int number) const { return as_text(bytes(number)); }
  [[nodiscard]] const std::vector<std::pair<int, SecretBytes>>& fields() const { return fields_; }  // ascending
  [[nodiscard]] bool needs_secondary() const { return !fields_.empty() && fields_.back().first > 64; }
  [[nodiscard]] Message clone() const;

 private:
  std::string mti_;
  static constexpr std::size_t kUsualFields = 20;
  std::vector<std::pair<int, SecretBytes>> fields_;
};

// Code::invalid "card.mti", "card.unknown_field", "card.field", "card.size".
Result<SecretBytes> encode(const Message& message, const Coding& coding);
// Exactly what encode would write is read; everything is consumed.
Result<Message> decode(ByteView bytes, const Coding& coding);

// --- the message authentication code ------------------------------------------------------------------------------
// It is the last field: 128 where the message has a secondary bitmap, 64 otherwise. Its data are the bytes from the message
// type to just before it, with its bit set in the bitmap.
using MakeMac = std::function<Result<ByteArray<8>>(ByteView data)>;
// The message's bytes with its MAC.
Result<SecretBytes> encode_with_mac(Message message, const Coding& coding, const MakeMac& make);
struct MacParts {
  ByteView data;
  ByteView mac;
};
// Of a message that was decoded from these bytes. Nothing when it has no MAC, or one in the wrong place.
std::optional<MacParts> mac_of(const Message& message, ByteView bytes);

}  // namespace tf::frontends::card
