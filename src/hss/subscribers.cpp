#include "hss/subscribers.hpp"

#include <fmt/format.h>

namespace tf::hss {

Error no_such_subscriber(const Imsi& imsi) { return {Code::not_found, "hss.no_such_subscriber", "no subscriber " + imsi.text()}; }
Error other_key(const Imsi& imsi) { return {Code::conflict, "hss.other_key", "subscriber " + imsi.text() + " exists with another key"}; }
Error not_ours(const Imsi& imsi) { return {Code::conflict, "hss.not_ours", "subscriber " + imsi.text() + " exists without a key"}; }

Status check_count(const VectorRequest& request) {
  if (request.count >= 1 && request.count <= kMaxVectors) return {};
  return Error{Code::invalid, "hss.count", fmt::format("1 to {} vectors are given at once", kMaxVectors)};
}

}  // namespace tf::hss
