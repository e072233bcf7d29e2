// What an operator is told of a database's commits: how many writes share one, what fails, what waits.
#pragma once
#include <mutex>

#include "metrics/registry.hpp"
#include "store/database.hpp"

namespace tf::store {

class BatchMetrics {
 public:
  BatchMetrics(const Database& database, metrics::Registry& registry);
  void refresh();  // before they are rendered, from any thread

 private:
  const Database& database_;
  std::mutex mutex_;
  metrics::Counter &commits_, &writes_, &refused_, &failed_;
  metrics::Gauge& waiting_;
};

}  // namespace tf::store
