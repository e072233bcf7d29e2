#include "apdu/response.hpp"

namespace tf::apdu {

Result<ResponseApdu> ResponseApdu::parse(ByteView octets) {
  if (octets.size() < 2) return Error{Code::malformed, "apdu.response", "shorter than a status word"};
  const ByteView word = octets.last(2);
  return ResponseApdu(to_bytes(octets.first(octets.size() - 2)), static_cast<StatusWord>(word[0] << 8 | word[1]));
}

Bytes ResponseApdu::encode() const {
  Bytes out;
  out.reserve(data.size() + 2);
  append(out, data);
  out.push_back(static_cast<std::uint8_t>(number_of(status) >> 8));
  out.push_back(static_cast<std::uint8_t>(number_of(status)));
  return out;
}

}  // namespace tf::apdu
