#include "net/link/framing.hpp"

#include <algorithm>

namespace tf::net {
namespace {

constexpr std::size_t kRead = 16 * 1024;

std::size_t largest_number(const Framing& framing) {
  if (framing.coding == Framing::Coding::digits) return framing.length_size == 2 ? 99 : 9999;
  return framing.length_size == 2 ? 0xFFFF : 0xFFFFFFFF;
}

std::size_t own_size(const Framing& framing) { return framing.inclusive ? framing.length_size : 0; }

}  // namespace

Status check(const Framing& framing) {
  const bool size = framing.length_size == 2 || framing.length_size == 4;
  if (!size || framing.uncounted > framing.min_size || framing.min_size > framing.max_size || framing.max_size - framing.uncounted + own_size(framing) > largest_number(framing))
    return Error{Code::invalid, "link.framing", "a length has 2 or 4 bytes and must be able to say the largest frame"};
  return {};
}

Result<SecretBytes> frame(const Framing& framing, ByteView payload) {
  if (payload.size() < framing.min_size || payload.size() > framing.max_size)
    return Error{Code::invalid, "link.frame_size", "a frame of " + std::to_string(payload.size()) + " bytes"};
  SecretBytes out(framing.length_size + payload.size());
  const MutableByteView to = out.reveal_mutable();
  std::size_t number = payload.size() - framing.uncounted + own_size(framing);
  const std::size_t base = framing.coding == Framing::Coding::digits ? 10 : 256;
  for (std::size_t i = framing.length_size; i-- > 0; number /= base)
    to[i] = static_cast<std::uint8_t>(number % base + (base == 10 ? '0' : 0));
  std::ranges::copy(payload, to.begin() + static_cast<std::ptrdiff_t>(framing.length_size));
  return out;
}

FrameReader::FrameReader(const Framing& framing)
    : framing_(framing), buffer_(framing.length_size + framing.max_size + kRead) {}

MutableByteView FrameReader::space() { return buffer_.reveal_mutable().subspan(filled_); }

Result<std::size_t> FrameReader::payload_size(ByteView length) const {
  const bool digits = framing_.coding == Framing::Coding::digits;
  std::size_t number = 0;
  for (const std::uint8_t byte : length) {
    if (digits && (byte < '0' || byte > '9')) return Error{Code::malformed, "link.frame", "a length with something else than digits"};
    number = digits ? number * 10 + (byte - '0') : number * 256 + byte;
  }
  const std::size_t own = own_size(framing_);
  number += framing_.uncounted;
  if (number < own + framing_.min_size || number > own + framing_.max_size)
    return Error{Code::malformed, "link.frame", "a length of " + std::to_string(number - framing_.uncounted)};
  return number - own;
}

Status FrameReader::received(std::size_t size, const std::function<void(ByteView)>& on_frame) {
  filled_ += std::min(size, buffer_.size() - filled_);
  const MutableByteView all = buffer_.reveal_mutable().first(filled_);
  std::size_t at = 0;
  while (all.size() - at >= framing_.length_size) {
    const std::size_t payload = TF_TRY(payload_size(all.subspan(at, framing_.length_size)));
    if (all.size() - at - framing_.length_size < payload) break;
    on_frame(all.subspan(at + framing_.length_size, payload));
    at += framing_.length_size + payload;
  }
  if (at == 0) return {};
  std::copy(all.begin() + static_cast<std::ptrdiff_t>(at), all.end(), all.begin());
  wipe(all.data() + (all.size() - at), at);
  filled_ = all.size() - at;
  return {};
}

}  // namespace tf::net
