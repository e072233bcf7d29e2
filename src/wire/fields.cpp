#include "wire/fields.hpp"

#include <algorithm>

namespace tf::wire {
namespace {
const Error kTruncated{Code::malformed, "wire.truncated", "a field runs past the end"};
}

FieldWriter& FieldWriter::field(ByteView bytes) {
  constexpr std::size_t kOftenEnough = 384;  // an audit entry
  const auto size = static_cast<std::uint32_t>(bytes.size());
  if (out_.capacity() == 0) out_.reserve(std::max(kOftenEnough, bytes.size() + 4));
  ByteArray<4> length;
  for (std::size_t i = 0; i < length.size(); ++i) length[i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
  append(out_, length);
  append(out_, bytes);
  return *this;
}

FieldWriter& FieldWriter::number(std::uint64_t value) {
  ByteArray<8> bytes;
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return field(bytes);
}

Result<ByteView> FieldReader::field(std::size_t max_size) {
  if (rest_.size() < 4) return kTruncated;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | rest_[i];
  if (size > max_size) return Error{Code::malformed, "wire.field_too_long", "a field is longer than allowed"};
  if (rest_.size() - 4 < size) return kTruncated;
  const ByteView out = rest_.subspan(4, size);
  rest_ = rest_.subspan(4 + size);
  return out;
}

Result<std::uint64_t> FieldReader::number() {
  const ByteView bytes = TF_TRY(field(8));
  if (bytes.size() != 8) return Error{Code::malformed, "wire.bad_number", "a number has not 8 bytes"};
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

Status FieldReader::finish() const {
  if (rest_.empty()) return {};
  return Error{Code::malformed, "wire.trailing_bytes", "bytes after the last field"};
}

}  // namespace tf::wire
