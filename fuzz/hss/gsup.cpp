// An HLR's answer, and the IMSI in our request: what is taken is whole and bounded; an IMSI comes back as it was sent.
#include <cstdlib>

#include "hss/osmo/gsup.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = hss::osmo::decode_auth_info({data, size});
  if (!answer) return 0;
  if (answer->cause.has_value() != answer->vectors.empty() || answer->vectors.size() > hss::osmo::kMaxTuples) std::abort();
  // The request's own element, behind its type, read as an answer's.
  Bytes echoed = hss::osmo::encode_auth_info(answer->imsi, {});
  echoed[0] = 0x09;
  echoed.insert(echoed.end(), {0x02, 0x01, hss::osmo::kCauseImsiUnknown});
  const auto again = hss::osmo::decode_auth_info(echoed);
  if (!again || again->imsi != answer->imsi) std::abort();
  return 0;
}
