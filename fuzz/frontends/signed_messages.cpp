// Whatever comes from a gateway of signed HTTPS: forms of both spellings, responses, what a phone brings back. What parses as a
// form is the same after it was written and read again.
#include <cstdlib>

#include "crypto/keys.hpp"
#include "frontends/acp/phone_result.hpp"
#include "frontends/ewallet/messages.hpp"
#include "frontends/signed_form.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::PublicKey key = crypto::PrivateKey::generate_rsa(2048).public_key();
  const std::string_view text = as_text({data, size});
  const auto form = frontends::parse_form(text);
  if (form) {
    const auto again = frontends::parse_form(frontends::encode_form(*form));
    if (!again || *again != *form) std::abort();
  }
  static_cast<void>(frontends::parse_plain_form(text));
  if (frontends::ewallet::open_response(text, "alipay.trade.pay", key)) std::abort();  // nobody has the key
  static_cast<void>(frontends::acp::open_phone_result(text, "6", {}, 0));
  return 0;
}
