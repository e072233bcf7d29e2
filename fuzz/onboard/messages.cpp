// All decoders of onboard; the first byte says which. What is accepted must come back unchanged from its encoder; what nobody signed
// for us is not believed.
#include "fuzz/round_trip.hpp"
#include "protocols/onboard/credentialing.hpp"
#include "protocols/onboard/device.hpp"
#include "protocols/onboard/refusal.hpp"

namespace {

using namespace tf;
using namespace tf::onboard;
using fuzz::demand;
using fuzz::round_trip;

// The same for contents that are secret.
template <class Decode>
void sealed_round_trip(std::string_view text, Decode decode) {
  const auto first = decode(text);
  if (!first) return;
  const SecretBytes encoded = encode(*first);
  const auto second = decode(as_text(encoded.reveal()));
  demand(second.has_value() && encode(*second) == encoded);
}

const ChainVerifier& nobody() {
  static const ChainVerifier verifier({});
  return verifier;
}

void envelope(std::string_view text) {
  const EnvelopeExpected expected{"a", "DSIM-0001", {}, {}, envelope_hash(as_bytes(text))};
  demand(!inspect_envelope(as_bytes(text), expected, nobody(), 0));
}

void content(std::string_view text) {
  const EnvelopeHeader header{"a", "DSIM-0001", {}, {}, imsi_hash({}, "999701000000001"), 0, 1};
  const auto credential = judge_content(as_bytes(text), header);
  demand(!credential || credential->imsi == "999701000000001");
}

void token(std::string_view text) { demand(!check_access("Bearer " + std::string(text), {true, "a:443", {}}, nobody(), 0)); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 27) {
    case 0: round_trip(text, decode_access_claim); break;
    case 1: round_trip(text, decode_referral_request); break;
    case 2: round_trip(text, decode_referral_answer); break;
    case 3: sealed_round_trip(text, [](std::string_view in) { return decode_referral_content(SecretBytes(as_bytes(in))); }); break;
    case 4: round_trip(text, decode_referral_claim); break;
    case 5: round_trip(text, decode_hello); break;
    case 6: round_trip(text, decode_hello_answer); break;
    case 7: round_trip(text, decode_request); break;
    case 8: round_trip(text, decode_request_claim); break;
    case 9: round_trip(text, decode_ready_claim); break;
    case 10: sealed_round_trip(text, [](std::string_view in) { return decode_accounts(SecretBytes(as_bytes(in))); }); break;
    case 11: round_trip(text, decode_receipt_claim); break;
    case 12: round_trip(text, decode_subscriptions); break;
    case 13: round_trip(text, decode_row_results); break;
    case 14: sealed_round_trip(text, decode_registrations); break;
    case 15: round_trip(text, decode_removals); break;
    case 16: round_trip(text, decode_credentials_request); break;
    case 17: round_trip(text, decode_credentials_answer); break;
    case 18: round_trip(text, decode_suspend_request); break;
    case 19: sealed_round_trip(text, decode_delivery); break;
    case 20: sealed_round_trip(text, [](std::string_view in) { return decode_device_state(SecretBytes(as_bytes(in))); }); break;
    case 21: if (const auto bytes = decode_envelope(text)) demand(*decode_envelope(encode_envelope(*bytes)) == *bytes); break;
    case 22: (void)open_receipt(text); break;
    case 23: envelope(text); break;
    case 24: content(text); break;
    case 25: token(text); break;
    default: (void)advice_of(read_refusal(text)); break;
  }
  return 0;
}
