// A card's answer: data and status word (ISO/IEC 7816-4 §5.1).
#pragma once
#include "apdu/status.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::apdu {

struct ResponseApdu {
  Bytes data = {};
  StatusWord status = StatusWord::ok;

  ResponseApdu() = default;
  ResponseApdu(StatusWord word) : status(word) {}
  ResponseApdu(Bytes content, StatusWord word = StatusWord::ok) : data(std::move(content)), status(word) {}

  [[nodiscard]] bool ok() const { return status == StatusWord::ok; }
  // Code::malformed "apdu.response" when there are not two octets.
  static Result<ResponseApdu> parse(ByteView octets);
  [[nodiscard]] Bytes encode() const;
  friend bool operator==(const ResponseApdu&, const ResponseApdu&) = default;
};

}  // namespace tf::apdu
