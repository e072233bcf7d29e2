// Whatever a browser or something that claims to be one sends: frames, then requests. The bridge has no reader and believes nobody.
#include <algorithm>
#include <cstdlib>

#include "base/ports.hpp"
#include "terminal/cardsign/native_messages.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t at = 0;
  const terminal::ReadAll read = [&](MutableByteView out) -> Result<bool> {
    if (at == size) return false;
    if (size - at < out.size()) return Error{Code::malformed, "bridge.cut", ""};
    std::copy_n(data + at, out.size(), out.begin());
    at += out.size();
    return true;
  };
  for (;;) {
    const auto message = terminal::read_native_message(read);
    if (!message || message->empty()) break;
    const auto request = terminal::decode_native_request(*message);
    if (request && terminal::native_id(*message) != request->id) std::abort();
  }
  // And as one message, without a frame.
  if (const auto request = terminal::decode_native_request(SecretBytes(ByteView(data, size))); request && request->id < 1) std::abort();
  return 0;
}
