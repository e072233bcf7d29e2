// Short messages for a card. What a terminal hands over ends as it came; what is cut into messages comes together again.
#include <algorithm>

#include "apdu/sms_download.hpp"
#include "fuzz/round_trip.hpp"

using namespace tf;
using namespace tf::apdu::ota;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView in(data, size);
  if (const auto part = read_download(in)) demand(part->number >= 1 && part->number <= part->total && part->content.size() < kMaxUserData);
  if (const auto handed = hand_over_received(in); handed && *handed) {
    const Bytes& given = (*handed)->data;
    const ByteView message = in.subspan(1 + in[0]);
    demand(given.size() > message.size() && std::ranges::equal(ByteView(given).last(message.size()), message));
    demand((*handed)->encode().has_value());
  }
  const auto parts = user_data_of(in, size == 0 ? std::uint8_t{0} : in[0]);
  demand(parts.has_value() == (size > 0 && (size <= kMaxUserData - 3 || size <= (kMaxUserData - 8) + (kMaxParts - 1) * (kMaxUserData - 6))));
  if (!parts) return 0;
  Bytes together;
  std::size_t number = 0;
  for (const Bytes& user : *parts) {
    const auto part = read_download(hand_over(*deliver("491710000000", user)).data);
    demand(part.has_value() && part->number == ++number && part->total == parts->size());
    append(together, part->content);
  }
  demand(together == to_bytes(in));
  return 0;
}
