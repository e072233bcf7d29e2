// Serial numbers and their ranges: one spelling each, and the order that containing relies on.
#include <cstdlib>

#include "wire/dsn.hpp"

using namespace tf;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto dsn = wire::Dsn::parse(text)) require(dsn->text() == text);
  if (const auto range = wire::DsnRange::parse(text)) {
    require(range->contains(range->from()) && range->contains(range->to()) && range->contains(*range) && range->overlaps(*range));
    require(wire::DsnRange::parse(range->text()).value() == *range);
    require(range->text() == text || range->from().text() == text);
  }
  return 0;
}
