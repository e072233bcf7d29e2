// A modem's line. Whatever programs write to it: without echo the answers are lines of printing characters, the same however the octets were cut into
// pieces, and the next command on a line of its own is answered.
#include <algorithm>
#include <cstdlib>

#include "card/usim/at_line.hpp"

using namespace tf;

namespace {

class AnyCard final : public apdu::Channel {
 public:
  Result<Bytes> transmit(ByteView command) override {
    if (command.size() > 1 && command[1] == 0x70) return Bytes{0x01, 0x90, 0x00};
    Bytes out = to_bytes(command.first(std::min<std::size_t>(command.size(), 40)));
    out.insert(out.end(), {0x90, 0x00});
    return out;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  AnyCard card;
  card::usim::AtLine whole(card), pieces(card);
  const std::string said = whole.take(octets);
  std::string again;
  for (std::size_t at = 0; at < size; at += 3) again += pieces.take(octets.substr(at, 3));
  if (said != again) std::abort();
  const auto prints = [](char c) { return c == '\r' || c == '\n' || (c >= 0x20 && c < 0x7F); };
  if (octets.find_first_of("Ee") == std::string_view::npos && !std::ranges::all_of(said, prints)) std::abort();
  whole.take("\rATE0\r");
  if (whole.take("AT\r") != "\r\nOK\r\n") std::abort();
  return 0;
}
