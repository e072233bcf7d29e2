// Big-endian numbers and C-strings, read within bounds and written within sizes. Private to the codec.
#pragma once
#include <algorithm>
#include <cstring>

#include "sms/smpp/pdu.hpp"

namespace tf::sms::smpp {

inline bool printable(std::uint8_t c) { return c >= 0x20 && c <= 0x7e; }

// The first thing that does not fit makes it fail, and it stays failed; the caller asks once, at the end.
class Reader {
 public:
  explicit Reader(ByteView in) : rest_(in) {}

  ByteView octets(std::size_t size) {
    if (bad_ || size > rest_.size()) {
      bad_ = true;
      return {};
    }
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  template <class T>
  T number() {
    T out = 0;
    for (const std::uint8_t octet : octets(sizeof(T))) out = static_cast<T>(static_cast<std::uint64_t>(out) << 8 | octet);
    return out;
  }
  // A C-octet-string of at most max characters, without its NUL.
  ByteView c_string(std::size_t max) {
    const auto end = std::ranges::find(rest_.first(std::min(rest_.size(), max + 1)), 0);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    if (size > max || size >= rest_.size()) bad_ = true;
    const ByteView out = octets(size);
    octets(1);
    if (!std::ranges::all_of(out, printable)) bad_ = true;
    return out;
  }
  std::string text(std::size_t max) { return std::string(as_text(c_string(max))); }
  [[nodiscard]] std::size_t left() const { return bad_ ? 0 : rest_.size(); }
  void fail() { bad_ = true; }
  [[nodiscard]] bool ok() const { return !bad_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool bad_ = false;
};

class Writer {
 public:
  template <class T>
  Writer& number(T value) {
    for (std::size_t i = sizeof(T); i > 0; --i) out_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> ((i - 1) * 8)));
    return *this;
  }
  Writer& octets(ByteView bytes) {
    append(out_, bytes);
    return *this;
  }
  Writer& c_string(ByteView text, std::size_t max) {
    if (text.size() > max || !std::ranges::all_of(text, printable)) bad_ = true;
    return octets(text).number(std::uint8_t{0});
  }
  Writer& text(std::string_view text, std::size_t max) { return c_string(as_bytes(text), max); }
  void fail() { bad_ = true; }
  [[nodiscard]] bool ok() const { return !bad_; }
  // What was written, moved into memory that is wiped: a bind carries a password.
  SecretBytes take() {
    SecretBytes out((ByteView(out_)));
    wipe(out_.data(), out_.size());
    out_.clear();
    return out;
  }
  Writer() { out_.reserve(1024); }

 private:
  Bytes out_;
  bool bad_ = false;
};

}  // namespace tf::sms::smpp
