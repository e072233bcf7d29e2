// Text as mobile networks carry it (3GPP TS 23.038, TS 23.040 §9.2.3.24.1): the GSM 7-bit default alphabet, one character
// an octet as SMPP wants it, or UCS-2. A short message holds 160 or 70 characters; a part of a longer one 153 or 67.
#pragma once
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::sms {

enum class Alphabet { gsm, ucs2 };

struct EncodedText {
  Alphabet alphabet = Alphabet::gsm;
  // One entry a character that may not be torn apart: 1 or 2 octets (the second after an escape) in GSM, 2 or 4 (a
  // surrogate pair) in UCS-2.
  std::vector<Bytes> characters;

  [[nodiscard]] std::size_t parts() const;
  [[nodiscard]] Bytes whole() const;
  // One, or parts that fit beside the header that joins them.
  [[nodiscard]] std::vector<Bytes> split() const;
};

// GSM where every character is in its alphabet or extension table, else UCS-2. Code::invalid "sms.text" for what is no
// UTF-8, for control characters but LF and CR, and for nothing at all.
Result<EncodedText> encode_text(std::string_view utf8);

// The user data header of part number (from 1) of count: 8-bit concatenation.
Bytes concatenation_header(std::uint8_t reference, std::size_t count, std::size_t number);

}  // namespace tf::sms
