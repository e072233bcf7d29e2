// Clear PIN blocks and account numbers of anybody: [format][PAN size][PAN][block]. A PIN that was read is one, and format 0
// says the same again.
#include <algorithm>

#include "crypto/banking/pin_block.hpp"
#include "fuzz/round_trip.hpp"

using namespace tf;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size - 2 < data[1]) return 0;
  const SecretBytes pan(ByteView(data + 2, data[1]));
  const SecretBytes block(ByteView(data + 2 + data[1], size - 2 - data[1]));
  const auto format = data[0] % 3;
  const auto pin = format == 0   ? crypto::decode_pin_block_0(block, pan)
                   : format == 1 ? crypto::decode_pin_block_3(block, pan)
                                 : crypto::decode_pin_field_4(block);
  if (!pin) {
    demand(std::string_view(pin.error().reason) == "crypto.pin_block");
    return 0;
  }
  demand(pin->size() >= crypto::kMinPin && pin->size() <= crypto::kMaxPin);
  demand(std::ranges::all_of(pin->reveal(), [](std::uint8_t c) { return c >= '0' && c <= '9'; }));
  if (format == 0) demand(*crypto::encode_pin_block_0(*pin, pan) == block);
  return 0;
}
