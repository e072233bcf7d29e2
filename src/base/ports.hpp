// The ports to time and chance. Protocols take these; nothing below the applications reads a global clock.
#pragma once
#include <cstdint>

#include "base/bytes.hpp"

namespace tf {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::int64_t now_ms() const = 0;        // milliseconds since 1970, UTC
  [[nodiscard]] virtual std::int64_t monotonic_ms() const = 0;  // for lifetimes; never goes back
};

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteView out) = 0;  // aborts when the system has no randomness

  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out;
    fill(out);
    return out;
  }
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ms() const override;
  [[nodiscard]] std::int64_t monotonic_ms() const override;
};

class SystemRandom final : public Random {
 public:
  void fill(MutableByteView out) override;
};

}  // namespace tf
