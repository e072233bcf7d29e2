// A datagram of an EAP server: what is taken says the same again when it is written anew.
#include <algorithm>
#include <cstdlib>

#include "hss/auc_message.hpp"
#include "wire/encoding.hpp"

using namespace tf;

namespace {

std::string written(const hss::AucMessage& message) {
  if (const auto* request = std::get_if<hss::AucRequest>(&message)) return "AKA-REQ-AUTH " + request->imsi.text();
  const auto& resync = std::get<hss::AucResync>(message);
  return "AKA-AUTS " + resync.imsi.text() + " " + wire::hex_lower(resync.auts) + " " + wire::hex_lower(resync.rand);
}

char lower_hex(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = hss::parse_auc(text);
  if (!message) return 0;
  const std::string again = written(*message);
  if (!std::ranges::equal(again, text, {}, lower_hex, lower_hex)) std::abort();
  return 0;
}
