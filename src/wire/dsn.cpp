#include "wire/dsn.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace tf::wire {
namespace {

bool alphanumeric(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

Result<Dsn> Dsn::parse(std::string_view text) {
  const bool good = text.size() >= 4 && text.size() <= 32 && alphanumeric(text.front()) && alphanumeric(text.back()) &&
                    std::ranges::all_of(text, [](char c) { return alphanumeric(c) || c == '-'; });
  if (!good) {
    return Error{Code::malformed, "wire.dsn",
                 log::quoted(text) + " is no serial number: 4 to 32 characters of A-Z, 0-9 and inner '-'"};
  }
  return Dsn(std::string(text));
}

Result<DsnRange> DsnRange::make(Dsn from, Dsn to) {
  if (from.text().size() != to.text().size() || from.text() > to.text())
    return Error{Code::invalid, "wire.dsn_range", "the ends of a range have the same length, the lower one first"};
  return DsnRange(std::move(from), std::move(to));
}

Result<DsnRange> DsnRange::parse(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    Dsn only = TF_TRY(Dsn::parse(text));
    return make(only, only);
  }
  return make(TF_TRY(Dsn::parse(text.substr(0, dots))), TF_TRY(Dsn::parse(text.substr(dots + 2))));
}

bool DsnRange::contains(const Dsn& dsn) const {
  return dsn.text().size() == from_.text().size() && from_.text() <= dsn.text() && dsn.text() <= to_.text();
}

bool DsnRange::contains(const DsnRange& other) const { return contains(other.from_) && contains(other.to_); }

bool DsnRange::overlaps(const DsnRange& other) const {
  return from_.text().size() == other.from_.text().size() && from_.text() <= other.to_.text() &&
         other.from_.text() <= to_.text();
}

}  // namespace tf::wire
