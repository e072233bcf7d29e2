// The reader of profiles; what it accepts has no faults.
#include "pki/profile/profile.hpp"

#include <cstdlib>

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto profile = pki::parse_profile(as_text({data, size}));
  if (!profile) {
    if (profile.error().code != Code::invalid || profile.error().detail.empty()) std::abort();
    return 0;
  }
  if (!pki::faults_of(*profile).empty() || profile->name.empty() || profile->validity_days_max < 1) std::abort();
  return 0;
}
