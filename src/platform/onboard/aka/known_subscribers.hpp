// Subscribers of whom a role knows: what else the centre keeps, for another role of the same process say, is not there for who asks here.
#pragma once
#include <functional>
#include <memory>

#include "hss/subscribers.hpp"
#include "store/database.hpp"

namespace tf::platform {

class KnownSubscribers final : public hss::Subscribers {
 public:
  using IsKnown = std::function<Result<bool>(store::Session&, std::string_view imsi)>;
  KnownSubscribers(std::unique_ptr<hss::Subscribers> inner, store::Database& database, IsKnown is_known)
      : inner_(std::move(inner)), database_(database), is_known_(std::move(is_known)) {}

  using Subscribers::create;
  using Subscribers::vectors;
  std::vector<Status> create(std::span<const hss::Subscription> subscriptions) override { return inner_->create(subscriptions); }
  Result<std::optional<hss::Creation>> creation_in(const store::Database& database, const hss::Subscription& subscription) override;
  Status remove(const hss::Imsi& imsi) override { return inner_->remove(imsi); }
  std::vector<hss::Vectors> vectors(std::span<const hss::VectorRequest> requests) override;
  Status resync(const hss::Imsi& imsi, const crypto::Rand& rand, const crypto::Auts& auts) override;

 private:
  Result<std::vector<bool>> known(std::span<const hss::VectorRequest> requests);
  const std::unique_ptr<hss::Subscribers> inner_;
  store::Database& database_;
  const IsKnown is_known_;
};

}  // namespace tf::platform
