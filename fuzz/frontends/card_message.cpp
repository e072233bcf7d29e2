// Messages of ISO 8583 in each coding (the first byte chooses). What is read is written again byte for byte, and what follows
// from it (match keys, the place of the MAC, comparing with a request) can be asked.
#include <algorithm>
#include <cstdlib>

#include "frontends/card/message.hpp"
#include "frontends/card/replies.hpp"

using namespace tf;
using namespace tf::frontends::card;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Coding coding{(data[0] & 1) != 0 ? Coding::Numbers::packed : Coding::Numbers::ascii,
                      (data[0] & 2) != 0 ? Coding::Bitmap::hex : Coding::Bitmap::binary};
  const ByteView input(data + 1, size - 1);
  const auto message = decode(input, coding);
  if (!message) {
    require(message.error().code == Code::malformed);
    return 0;
  }
  const auto written = encode(*message, coding);
  require(written && std::ranges::equal(written->reveal(), input));
  if (const auto parts = mac_of(*message, input)) {
    require(parts->data.size() + parts->mac.size() == input.size() && parts->mac.size() == 8);
    const auto again = encode_with_mac(message->clone(), coding, [&](ByteView covered) -> Result<ByteArray<8>> {
      require(std::ranges::equal(covered, parts->data));
      ByteArray<8> out;
      std::ranges::copy(parts->mac, out.begin());
      return out;
    });
    require(again && std::ranges::equal(again->reveal(), input));
  }
  require(match_key(*message) == match_key(message->clone()));
  require(is_request(message->mti()) == !reply_type(message->mti()).empty());
  static_cast<void>(misfit(expected_of(*message), *message));
  return 0;
}
