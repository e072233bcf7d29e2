// IMSIs and ICCIDs of an operator's range, each given out once: reserved in blocks, so that a crash skips some and repeats none.
#pragma once
#include <mutex>
#include <string>

#include "platform/onboard/settings.hpp"
#include "store/database.hpp"

namespace tf::platform::hss_role {

struct Numbers {
  std::string imsi;   // prefix and digits, 15 in all
  std::string iccid;  // prefix and digits, 18 in all, and Luhn's
};
Numbers numbers_of(const OnboardSettings::Hss& settings, std::int64_t number);

class NumberBook {
 public:
  NumberBook(store::Database& database, const OnboardSettings::Hss& settings) : database_(database), settings_(settings) {}
  // Code::unavailable "onboard.numbers_exhausted" behind the end of the range.
  Result<Numbers> next();

 private:
  store::Database& database_;
  const OnboardSettings::Hss& settings_;
  std::mutex mutex_;
  std::int64_t next_ = 0, end_ = 0;
};

}  // namespace tf::platform::hss_role
