// The JOSE readers under fixed keys. What verifies is what the same keys make of the payload.
#include <cstdlib>

#include "crypto/jose/jose.hpp"

using namespace tf;

namespace {

constexpr std::string_view kTyp = "fuzz";

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ByteArray<32> key{};
  static const Secret<32> secret{};
  static const crypto::PrivateKey recipient = crypto::PrivateKey::generate_p256();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto jws = crypto::jws_parse_es256(text, kTyp)) {
    require(text.starts_with(jws->signing_input + "."));
    require(jws->chain.size() <= 4);
    require(!crypto::verify_es256(recipient.public_key(), as_bytes(jws->signing_input), jws->signature));
  }
  if (const auto payload = crypto::jws_verify_hs256(key, kTyp, text)) {
    const std::string_view input = text.substr(0, text.rfind('.'));
    require(crypto::jws_verify_hs256(key, kTyp, crypto::jws_sign_hs256(key, kTyp, *payload)).value() == *payload);
    require(input.find('.') != std::string_view::npos);
  }
  if (const auto plaintext = crypto::jwe_open_dir(secret, kTyp, text)) {
    SystemRandom random;
    const auto again = crypto::jwe_open_dir(secret, kTyp, crypto::jwe_seal_dir(secret, random, kTyp, plaintext->reveal()));
    require(again && *again == *plaintext);
  }
  require(!crypto::jwe_open_with(recipient, kTyp, text));
  return 0;
}
