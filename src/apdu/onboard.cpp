#include "apdu/onboard.hpp"

#include "crypto/digest.hpp"
#include "wire/fields.hpp"

namespace tf::apdu::onboard {

CommandApdu select() { return {.ins = 0xA4, .p1 = 0x04, .data = to_bytes(kAid), .le = kMaxShortLe}; }

scp03::StaticKeys channel_keys(const Secret<32>& agreed, ByteView point, std::string_view serial) {
  constexpr std::size_t kSize = 16;
  const Secret<32> prk = crypto::hkdf_extract(as_bytes("trustferry/card/onboard"), agreed.reveal());
  const Bytes context = wire::FieldWriter().field(point).field(serial).take();
  const Secret<3 * kSize> all = crypto::hkdf_expand<3 * kSize>(prk, "trustferry/card/onboard/scp03", context);
  const ByteView octets = all.reveal();
  return {SecretBytes(octets.first(kSize)), SecretBytes(octets.subspan(kSize, kSize)), SecretBytes(octets.last(kSize))};
}

}  // namespace tf::apdu::onboard
