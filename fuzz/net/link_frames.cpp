// Frames on a stream, in each framing (the first byte chooses) and in pieces (the second says how large). However it is cut,
// the same frames come out, and they are written again as they came.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "net/link/framing.hpp"

using namespace tf;

namespace {

struct Read {
  std::vector<Bytes> frames;
  bool whole = true;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read(const net::Framing& framing, ByteView stream, std::size_t piece) {
  net::FrameReader reader(framing);
  Read out;
  while (!stream.empty() && out.whole) {
    const ByteView part = stream.first(std::min(piece, stream.size()));
    std::ranges::copy(part, reader.space().begin());
    out.whole = reader.received(part.size(), [&](ByteView frame) { out.frames.push_back(to_bytes(frame)); }).has_value();
    stream = stream.subspan(part.size());
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const net::Framing framing{.coding = (data[0] & 1) != 0 ? net::Framing::Coding::digits : net::Framing::Coding::binary,
                             .length_size = (data[0] & 2) != 0 ? 4U : 2U, .inclusive = (data[0] & 4) != 0, .min_size = 1, .max_size = 90};
  const ByteView stream(data + 2, std::min<std::size_t>(size - 2, 4096));
  const Read at_once = read(framing, stream, 4096);
  if (read(framing, stream, data[1] % 64U + 1) != at_once) std::abort();
  Bytes again;
  for (const Bytes& frame : at_once.frames) append(again, net::frame(framing, frame).value().reveal());
  if (!std::ranges::equal(again, stream.first(again.size()))) std::abort();
  return 0;
}
