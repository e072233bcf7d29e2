// All decoders of access; the first byte says which. What is accepted must come back unchanged from its encoder.
#include "crypto/jose/jose.hpp"
#include "fuzz/round_trip.hpp"
#include "protocols/access/messages.hpp"

namespace {

using namespace tf;
using namespace tf::access;
using fuzz::demand;
using fuzz::round_trip;

void initialisation(Suite suite, std::string_view text) {
  const auto first = decode_initialisation(suite, SecretBytes(as_bytes(text)));
  if (!first) return;
  const bool beside = first->did.empty();
  const SecretBytes encoded = encode(*first, beside);
  const auto second = decode_initialisation(suite, encoded);
  demand(second.has_value() && encode(*second, beside).reveal().size() == encoded.reveal().size());
}

// A JWE that nobody made for us never opens, whatever its header says.
void jwe(std::string_view text) {
  static const crypto::PrivateKey ours = crypto::PrivateKey::generate_p256();
  const auto kid = crypto::jwe_kid(text);
  if (!kid) return;
  const crypto::JweRecipient recipient{.kind = crypto::KeyKind::p256,
                                       .agree = [](const crypto::PublicKey& peer) { return crypto::ecdh_p256(ours, peer); },
                                       .decrypt = {}};
  demand(!crypto::jwe_open(recipient, *kid, typ::initialise, text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 11) {
    case 0: if (const auto purpose = decode_challenge_request(text)) demand(*decode_challenge_request(encode_challenge_request(*purpose)) == *purpose); break;
    case 1: round_trip(text, decode_challenge); break;
    case 2: initialisation(Suite::modern, text); break;
    case 3: round_trip(text, decode_initialise_request); break;
    case 4: round_trip(text, decode_initialise_answer); break;
    case 5: round_trip(text, decode_claim); break;
    case 6: round_trip(text, decode_authenticate_request); break;
    case 7: round_trip(text, decode_authenticate_answer); break;
    case 8: jwe(text); break;
    case 9: initialisation(Suite::classic, text); break;
    default: (void)crypto::read_jwk_set(text, "enc"); break;
  }
  return 0;
}
