// A device serial number (DSN) in its one canonical spelling: 4 to 32 characters of A–Z, 0–9 and '-', beginning and ending
// with a letter or digit. Anything else is refused, not trimmed or folded (rule 2 of the security rules).
#pragma once
#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::wire {

class Dsn {
 public:
  static Result<Dsn> parse(std::string_view text);  // Code::malformed "wire.dsn"
  [[nodiscard]] const std::string& text() const { return text_; }
  friend bool operator==(const Dsn&, const Dsn&) = default;

 private:
  explicit Dsn(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// All serials of the same length between two ends, both included, in byte order.
class DsnRange {
 public:
  static Result<DsnRange> make(Dsn from, Dsn to);  // Code::invalid "wire.dsn_range": lengths differ or from > to
  // "FROM..TO", or one DSN for a range of one.
  static Result<DsnRange> parse(std::string_view text);
  [[nodiscard]] bool contains(const Dsn& dsn) const;
  [[nodiscard]] bool contains(const DsnRange& other) const;
  [[nodiscard]] bool overlaps(const DsnRange& other) const;
  [[nodiscard]] const Dsn& from() const { return from_; }
  [[nodiscard]] const Dsn& to() const { return to_; }
  [[nodiscard]] std::string text() const { return from_.text() + ".." + to_.text(); }
  friend bool operator==(const DsnRange&, const DsnRange&) = default;

 private:
  DsnRange(Dsn from, Dsn to) : from_(std::move(from)), to_(std::move(to)) {}
  Dsn from_;
  Dsn to_;
};

}  // namespace tf::wire
