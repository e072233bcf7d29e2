// All decoders of cardsign; the first byte says which. What is accepted must come back unchanged from its encoder.
#include "fuzz/round_trip.hpp"
#include "protocols/cardsign/messages.hpp"

namespace {

using namespace tf;
using namespace tf::cardsign;
using fuzz::demand;
using fuzz::round_trip;

void record(std::string_view text) {
  const auto first = decode_card_record(SecretBytes(as_bytes(text)));
  if (!first) return;
  const SecretBytes encoded = encode(*first);
  const auto second = decode_card_record(encoded);
  demand(second.has_value() && encode(*second) == encoded);
}

void subject(std::string_view text) {
  const auto found = parse_subject(text);
  demand(!found || *found == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 14) {
    case 0: round_trip(text, decode_enrol_request); break;
    case 1: round_trip(text, decode_pay_request); break;
    case 2: round_trip(text, decode_update_request); break;
    case 3: round_trip(text, decode_relay_request); break;
    case 4: round_trip(text, decode_session_reply); break;
    case 5: round_trip(text, decode_display_claim); break;
    case 6: round_trip(text, decode_result_claim); break;
    case 7: round_trip(text, decode_platform_keys); break;
    case 8: round_trip(text, decode_order_request); break;
    case 9: round_trip(text, decode_order_reply); break;
    case 10: record(text); break;
    case 11: subject(text); break;
    case 12: round_trip(text, decode_proof_request); break;
    default: round_trip(text, decode_updated); break;
  }
  return 0;
}
