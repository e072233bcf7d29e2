// The Digest headers of both directions: what is taken is the same when it is written and read again.
#include <cstdlib>

#include "protocols/onboard/digest_aka.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto challenge = onboard::parse_digest_challenge(text)) {
    const std::string written = onboard::encode(*challenge);
    const auto again = onboard::parse_digest_challenge(written);
    if (!again || onboard::encode(*again) != written) std::abort();
  }
  if (const auto answer = onboard::parse_digest_answer(text)) {
    const std::string written = onboard::encode(*answer);
    const auto again = onboard::parse_digest_answer(written);
    if (!again || onboard::encode(*again) != written) std::abort();
    static_cast<void>(onboard::verify_digest(*answer, "GET", SecretBytes()));
  }
  return 0;
}
