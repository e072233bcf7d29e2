// Secrets: move-only, wiped at the end of their life, compared in constant time, never printed.
// reveal() is the one way to the bytes, and easy to grep.
#pragma once
#include <cstddef>
#include <utility>

#include "base/bytes.hpp"

namespace tf {

void wipe(void* data, std::size_t size);
bool equal_in_constant_time(ByteView a, ByteView b);  // false when the lengths differ

template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const std::uint8_t, N> bytes) { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_.data(), N); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_.data(), N);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_.data(), N); }

  [[nodiscard]] Secret clone() const { return Secret(std::span<const std::uint8_t, N>(bytes_)); }
  [[nodiscard]] std::span<const std::uint8_t, N> reveal() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t, N> reveal_mutable() { return bytes_; }
  static constexpr std::size_t size() { return N; }
  friend bool operator==(const Secret& a, const Secret& b) { return equal_in_constant_time(a.bytes_, b.bytes_); }

 private:
  ByteArray<N> bytes_{};
};

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  explicit SecretBytes(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      clear();
      bytes_.swap(other.bytes_);
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { clear(); }

  [[nodiscard]] SecretBytes clone() const { return SecretBytes(ByteView(bytes_)); }
  [[nodiscard]] ByteView reveal() const { return bytes_; }
  [[nodiscard]] MutableByteView reveal_mutable() { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  // Keeps the first size bytes; what falls off is wiped.
  void shorten(std::size_t size);
  void clear();
  friend bool operator==(const SecretBytes& a, const SecretBytes& b) {
    return equal_in_constant_time(a.bytes_, b.bytes_);
  }

 private:
  Bytes bytes_;
};

}  // namespace tf
