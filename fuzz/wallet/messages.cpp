// All decoders of wallet; the first byte says which. What is accepted must come back unchanged from its encoder.
#include "fuzz/round_trip.hpp"
#include "pki/pkcs12.hpp"
#include "protocols/wallet/instruments.hpp"
#include "protocols/wallet/messages.hpp"
#include "protocols/wallet/user_key.hpp"

namespace {

using namespace tf;
using namespace tf::wallet;
using fuzz::demand;
using fuzz::round_trip;

// The same for contents that are secret.
template <class Decode>
void sealed_round_trip(std::string_view text, Decode decode) {
  const auto first = decode(SecretBytes(as_bytes(text)));
  if (!first) return;
  const SecretBytes encoded = encode(*first);
  const auto second = decode(encoded);
  demand(second.has_value() && encode(*second) == encoded);
}

void instrument(std::string_view text) {
  const auto first = decode_instrument(SecretBytes(as_bytes(text)));
  if (!first) return;
  const SecretBytes encoded = encode_instrument(*first);
  demand(decode_instrument(encoded).has_value());
}

// A JWS that nobody made for us is not believed, whatever its header says.
void jws(std::string_view text) {
  static const crypto::PublicKey p256 = crypto::PrivateKey::generate_p256().public_key();
  demand(!verify_jws(p256, typ::pay, text));
  (void)unverified_payload(text);
}

void pkcs12(std::string_view text) {
  static const SecretBytes password(as_bytes("nobody's password"));
  demand(!pki::open_pkcs12(as_bytes(text), {password, password}, 1'000'000));  // refused before anything is counted
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 29) {
    case 0: if (const auto purpose = decode_challenge_request(text)) demand(*decode_challenge_request(encode_challenge_request(*purpose)) == *purpose); break;
    case 1: round_trip(text, decode_challenge); break;
    case 2: round_trip(text, decode_platform_keys); break;
    case 3: sealed_round_trip(text, decode_register_content); break;
    case 4: sealed_round_trip(text, decode_registered); break;
    case 5: sealed_round_trip(text, decode_activate_content); break;
    case 6: round_trip(text, decode_activate_answer); break;
    case 7: round_trip(text, decode_file_request); break;
    case 8: round_trip(text, decode_file_answer); break;
    case 9: round_trip(text, decode_login_claim); break;
    case 10: sealed_round_trip(text, decode_login_content); break;
    case 11: sealed_round_trip(text, decode_classic_login_content); break;
    case 12: round_trip(text, decode_login_request); break;
    case 13: sealed_round_trip(text, decode_session_content); break;
    case 14: round_trip(text, decode_login_answer); break;
    case 15: round_trip(text, decode_pay_claim); break;
    case 16: sealed_round_trip(text, decode_pay_content); break;
    case 17: round_trip(text, decode_classic_terms); break;
    case 18: round_trip(text, decode_pay_request); break;
    case 19: round_trip(text, decode_query_claim); break;
    case 20: round_trip(text, decode_refund_claim); break;
    case 21: round_trip(text, decode_query_request); break;
    case 22: round_trip(text, decode_refund_request); break;
    case 23: round_trip(text, decode_result_claim); break;
    case 24: instrument(text); break;
    case 25: jws(text); break;
    case 26: round_trip(text, decode_instrument_claim); break;
    case 27: round_trip(text, decode_instrument_request); break;
    default: pkcs12(text); break;
  }
  return 0;
}
