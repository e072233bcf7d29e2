#include "platform/onboard/hss/numbers.hpp"

#include <fmt/format.h>

#include "platform/onboard/hss/store.hpp"

namespace tf::platform::hss_role {
namespace {

constexpr std::int64_t kBlock = 256;
constexpr std::size_t kImsi = 15, kIccid = 18;

// ISO/IEC 7812-1 annex B.
char luhn(std::string_view digits) {
  int sum = 0;
  bool doubled = true;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, doubled = !doubled) {
    const int value = (*digit - '0') * (doubled ? 2 : 1);
    sum += value / 10 + value % 10;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string padded(const std::string& prefix, std::int64_t number, std::size_t size) { return fmt::format("{}{:0{}}", prefix, number, size - prefix.size()); }

}  // namespace

Numbers numbers_of(const OnboardSettings::Hss& settings, std::int64_t number) {
  Numbers out{padded(settings.imsi_prefix, number, kImsi), padded(settings.iccid_prefix, number, kIccid)};
  out.iccid += luhn(out.iccid);
  return out;
}

Result<Numbers> NumberBook::next() {
  const std::lock_guard lock(mutex_);
  if (next_ == end_) {
    TF_CHECK(database_.write([&](store::Session& session) -> Status {
      next_ = TF_TRY(reserve(session, settings_.imsi_first, kBlock));
      return {};
    }));
    end_ = next_ + kBlock;
  }
  if (next_ > settings_.imsi_last) return Error{Code::unavailable, "onboard.numbers_exhausted", fmt::format("behind {}: widen hss.imsi_last", settings_.imsi_last)};
  return numbers_of(settings_, next_++);
}

}  // namespace tf::platform::hss_role
