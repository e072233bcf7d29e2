// A reply of the control interface: its value is the end of the message, and its number survives being written again.
#include <cstdlib>

#include "hss/osmo/control.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = hss::osmo::parse_control({data, size});
  if (!reply) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!text.ends_with(as_text(reply->value.reveal()))) std::abort();
  const SecretBytes command = hss::osmo::encode({reply->done ? "SET_REPLY" : "ERROR", SecretBytes(as_bytes(reply->done ? "x y" : "y"))}, reply->number);
  const auto again = hss::osmo::parse_control(command.reveal());
  if (!again || again->number != reply->number || again->done != reply->done) std::abort();
  return 0;
}
