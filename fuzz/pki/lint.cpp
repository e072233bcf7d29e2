// Lint reads what the strict reader of certificates refuses; every finding says where and what.
#include "pki/lint/lint.hpp"

#include <cstdlib>

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto profile = pki::parse_profile(R"(name = "server"
purpose = "server"
validity_days_max = 398
[key]
kinds = ["P-256"]
usage = ["digitalSignature"]
extended_usage = ["serverAuth"]
[subject]
required = ["commonName"]
[subject_alt_name]
required = ["dNSName"]
[extensions]
ocsp_url = true
)");
  if (!profile) std::abort();
  for (const pki::Finding& one : pki::lint({data, size}, {.profile = &*profile, .now_ms = 1'793'491'200'000})) {
    if (one.where.empty() || one.text.empty()) std::abort();
  }
  return 0;
}
