// BER-TLV as cards use it (ISO/IEC 7816-4 §5.2.2, ISO/IEC 8825-1): tags of one to three octets, written as one number (0x5FC105), definite
// lengths of up to three octets after the first. No indefinite form. Lengths need not be the shortest ones: cards' clients pad them.
#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::apdu {

struct Tlv {
  std::uint32_t tag = 0;
  ByteView value = {};  // into the octets that were read
};

// Reads one object after another. Everything that runs past the end is Code::malformed "apdu.tlv".
class TlvReader {
 public:
  explicit TlvReader(ByteView in) : rest_(in) {}
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  Result<Tlv> next();
  // The next one, which must have this tag.
  Result<ByteView> expect(std::uint32_t tag);
  [[nodiscard]] Status finish() const;
  [[nodiscard]] ByteView rest() const { return rest_; }

 private:
  ByteView rest_;
};

// The value of the only object in octets. Code::malformed "apdu.tlv" when it is another, or more follows.
Result<ByteView> only(ByteView octets, std::uint32_t tag);
// The first object of this tag on this level; nullopt when there is none. Code::malformed when octets are no TLV objects, or it is there twice.
Result<std::optional<ByteView>> find(ByteView octets, std::uint32_t tag);

class TlvWriter {
 public:
  TlvWriter& put(std::uint32_t tag, ByteView value);
  TlvWriter& put(std::uint32_t tag, const TlvWriter& inner) { return put(tag, inner.bytes()); }
  TlvWriter& raw(ByteView octets);
  [[nodiscard]] ByteView bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};
// One object.
Bytes tlv(std::uint32_t tag, ByteView value);

}  // namespace tf::apdu
