// Frames on a stream: a length, then that many bytes. What payment and message networks put between each other: ISO 8583
// links have two bytes in binary or four digits that count the message alone; SMPP (§3.2) four bytes that count themselves;
// IPA two bytes that do not count the protocol's byte behind them.
#pragma once
#include <functional>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::net {

struct Framing {
  enum class Coding { binary, digits };  // big-endian number, or ASCII decimal digits
  Coding coding = Coding::binary;
  std::size_t length_size = 2;  // bytes of the length: 2 or 4
  bool inclusive = false;       // the length counts itself
  std::size_t min_size = 1;     // of what is carried, in bytes
  std::size_t max_size = 4096;
  std::size_t uncounted = 0;    // bytes at the front of what is carried that the length does not count; at most min_size
};

// Code::invalid "link.framing" for a length of another size, and for a max_size that the length cannot express.
Status check(const Framing& framing);

// length ‖ payload, in memory that is wiped: card networks carry card numbers. Code::invalid "link.frame_size".
Result<SecretBytes> frame(const Framing& framing, ByteView payload);

// Takes a stream to pieces. Nothing larger than one frame and one read is ever kept, and it is wiped once it was told.
class FrameReader {
 public:
  explicit FrameReader(const Framing& framing);
  // Where the next bytes of the stream are to be written. Never empty.
  [[nodiscard]] MutableByteView space();
  // So many were. Each whole payload is told, in order; the view lives for the call. Code::malformed "link.frame" for a
  // length that is none or is out of bounds: the stream is worth nothing from there on.
  Status received(std::size_t size, const std::function<void(ByteView)>& on_frame);

 private:
  [[nodiscard]] Result<std::size_t> payload_size(ByteView length) const;

  Framing framing_;
  SecretBytes buffer_;
  std::size_t filled_ = 0;
};

}  // namespace tf::net
