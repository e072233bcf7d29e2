#include "apdu/tlv.hpp"

namespace tf::apdu {
namespace {

Error bad_tlv(const char* what) { return Error{Code::malformed, "apdu.tlv", what}; }

}  // namespace

Result<Tlv> TlvReader::next() {
  std::size_t at = 0;
  const auto take = [&]() -> int { return at < rest_.size() ? rest_[at++] : -1; };
  int octet = take();
  if (octet <= 0) return bad_tlv("no tag");
  auto tag = static_cast<std::uint32_t>(octet);
  if ((octet & 0x1F) == 0x1F) {
    do {
      octet = take();
      if (octet < 0 || tag > 0xFFFF) return bad_tlv("tag too long");
      tag = tag << 8 | static_cast<std::uint32_t>(octet);
    } while ((octet & 0x80) != 0);
  }
  octet = take();
  if (octet < 0 || octet == 0x80 || octet > 0x83) return bad_tlv("length");
  auto length = static_cast<std::size_t>(octet);
  if (octet > 0x80) {
    length = 0;
    for (int left = octet & 0x7F; left > 0; --left) {
      const int digit = take();
      if (digit < 0) return bad_tlv("length cut");
      length = length << 8 | static_cast<std::size_t>(digit);
    }
  }
  if (length > rest_.size() - at) return bad_tlv("value cut");
  const Tlv out{tag, rest_.subspan(at, length)};
  rest_ = rest_.subspan(at + length);
  return out;
}

Result<ByteView> TlvReader::expect(std::uint32_t tag) {
  const Tlv found = TF_TRY(next());
  if (found.tag != tag) return bad_tlv("another tag");
  return found.value;
}

Status TlvReader::finish() const {
  if (!rest_.empty()) return bad_tlv("more than expected");
  return {};
}

Result<ByteView> only(ByteView octets, std::uint32_t tag) {
  TlvReader reader(octets);
  const ByteView value = TF_TRY(reader.expect(tag));
  TF_CHECK(reader.finish());
  return value;
}

Result<std::optional<ByteView>> find(ByteView octets, std::uint32_t tag) {
  std::optional<ByteView> found;
  for (TlvReader reader(octets); !reader.at_end();) {
    const Tlv object = TF_TRY(reader.next());
    if (object.tag != tag) continue;
    if (found) return bad_tlv("twice");
    found = object.value;
  }
  return found;
}

TlvWriter& TlvWriter::put(std::uint32_t tag, ByteView value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    if (tag >> shift != 0) out_.push_back(static_cast<std::uint8_t>(tag >> shift));
  const std::size_t size = value.size();
  if (size > 0xFFFF) {
    for (const std::size_t octet : {std::size_t{0x83}, size >> 16, size >> 8, size}) out_.push_back(static_cast<std::uint8_t>(octet));
  } else if (size > 0xFF) {
    for (const std::size_t octet : {std::size_t{0x82}, size >> 8, size}) out_.push_back(static_cast<std::uint8_t>(octet));
  } else {
    if (size > 0x7F) out_.push_back(0x81);
    out_.push_back(static_cast<std::uint8_t>(size));
  }
  return raw(value);
}

TlvWriter& TlvWriter::raw(ByteView octets) {
  append(out_, octets);
  return *this;
}

Bytes tlv(std::uint32_t tag, ByteView value) { return TlvWriter().put(tag, value).take(); }

}  // namespace tf::apdu
