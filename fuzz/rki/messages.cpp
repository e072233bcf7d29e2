// All decoders of rki; the first byte says which. What is accepted must come back unchanged from its encoder.
#include "crypto/jose/jose.hpp"
#include "fuzz/round_trip.hpp"
#include "protocols/rki/messages.hpp"
#include "protocols/rki/personalisation.hpp"

namespace {

using namespace tf;
using namespace tf::rki;
using fuzz::demand;
using fuzz::round_trip;

template <class Decode>
void only_decode(std::string_view text, Decode decode) {
  if (const auto decoded = decode(text); !decoded) demand(decoded.error().reason != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 16) {
    case 0: round_trip(text, decode_hello); break;
    case 1: only_decode(text, decode_server_hello); break;
    case 2: round_trip(text, decode_classic_proof); break;
    case 3: round_trip(text, decode_modern_proof); break;
    case 4: round_trip(text, decode_proof_payload); break;
    case 5: only_decode(text, decode_server_token); break;
    case 6: round_trip(text, decode_device_token); break;
    case 7: round_trip(text, decode_delivery); break;
    case 8: round_trip(text, decode_receipt); break;
    case 9: round_trip(text, decode_ack); break;
    case 10: only_decode(text, [](std::string_view body) { return decode_wrapped(body, "delivery"); }); break;
    case 11: only_decode(text, [](std::string_view body) { return decode_session_message(body, "receipt"); }); break;
    case 12: only_decode(text, session_of); break;
    case 13: round_trip(text, decode_personalisation_request); break;
    case 14: round_trip(text, decode_personalisation); break;
    default:
      only_decode(text, decode_stored);
      only_decode(text, [](std::string_view frame) { return decode_personalisation_secrets(SecretBytes(as_bytes(frame))); });
      break;
  }
  return 0;
}
