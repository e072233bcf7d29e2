#include "platform/onboard/aka/known_subscribers.hpp"

namespace tf::platform {

Result<std::vector<bool>> KnownSubscribers::known(std::span<const hss::VectorRequest> requests) {
  std::vector<bool> out;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    for (const hss::VectorRequest& request : requests) out.push_back(TF_TRY(is_known_(session, request.imsi.text())));
    return {};
  }));
  return out;
}

std::vector<hss::Vectors> KnownSubscribers::vectors(std::span<const hss::VectorRequest> requests) {
  const auto good = known(requests);
  std::vector<hss::Vectors> out;
  std::vector<hss::VectorRequest> asked;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    out.emplace_back(good ? hss::no_such_subscriber(requests[i].imsi) : good.error());
    if (good && (*good)[i]) asked.push_back(requests[i]), places.push_back(i);
  }
  if (asked.empty()) return out;
  auto vectors = inner_->vectors(asked);
  for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move(vectors[i]);
  return out;
}

Result<std::optional<hss::Creation>> KnownSubscribers::creation_in(const store::Database& database, const hss::Subscription& subscription) {
  return inner_->creation_in(database, subscription);
}

Status KnownSubscribers::resync(const hss::Imsi& imsi, const crypto::Rand& rand, const crypto::Auts& auts) {
  const hss::VectorRequest request{imsi, 1};
  if (!TF_TRY(known(std::span(&request, 1))).front()) return hss::no_such_subscriber(imsi);
  return inner_->resync(imsi, rand, auts);
}

}  // namespace tf::platform
