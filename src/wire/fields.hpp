// Length-prefixed fields: each is a 4-byte big-endian length and the bytes. What is hashed or MACed in Trustferry is
// made of these, so that no two different sequences of fields look alike.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::wire {

class FieldWriter {
 public:
  FieldWriter& field(ByteView bytes);
  FieldWriter& field(std::string_view text) { return field(as_bytes(text)); }
  FieldWriter& number(std::uint64_t value);  // a field of 8 bytes, big-endian
  [[nodiscard]] ByteView bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

// Reads what FieldWriter wrote. A field that is longer than allowed or runs past the end is Code::malformed.
class FieldReader {
 public:
  explicit FieldReader(ByteView in) : rest_(in) {}
  Result<ByteView> field(std::size_t max_size);
  Result<std::uint64_t> number();
  [[nodiscard]] Status finish() const;  // everything consumed?

 private:
  ByteView rest_;
};

}  // namespace tf::wire
