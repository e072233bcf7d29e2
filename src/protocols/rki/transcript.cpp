#include "protocols/rki/transcript.hpp"

#include "crypto/digest.hpp"

namespace tf::rki {

Transcript::Transcript() : hash_(crypto::sha256(as_bytes("trustferry/rki/1"))) {}

void Transcript::add(std::string_view body) { hash_ = with(body); }

Hash256 Transcript::with(std::string_view text) const {
  ByteArray<4> length;
  for (std::size_t i = 0; i < 4; ++i) length[i] = static_cast<std::uint8_t>(text.size() >> (24 - 8 * i));
  return crypto::sha256({hash_, length, as_bytes(text)});
}

}  // namespace tf::rki
