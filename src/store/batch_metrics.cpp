#include "store/batch_metrics.hpp"

namespace tf::store {
namespace {

void raise_to(metrics::Counter& counter, std::uint64_t value) { counter.add(value - counter.value()); }

}  // namespace

BatchMetrics::BatchMetrics(const Database& database, metrics::Registry& registry)
    : database_(database), commits_(registry.counter("trustferry_store_commits_total", "Durable commits; writes that come together share one")),
      writes_(registry.counter("trustferry_store_writes_total", "Writes that became durable")),
      refused_(registry.counter("trustferry_store_writes_refused_total", "Writes that ended with an error of their own")),
      failed_(registry.counter("trustferry_store_commits_failed_total", "Commits that the database refused, with every write in them")),
      waiting_(registry.gauge("trustferry_store_writes_waiting", "Writes that wait for a commit")) {}

void BatchMetrics::refresh() {
  const std::lock_guard lock(mutex_);
  const BatchStats stats = database_.stats();
  raise_to(commits_, stats.batches);
  raise_to(writes_, stats.members);
  raise_to(refused_, stats.members_failed);
  raise_to(failed_, stats.batches_failed);
  waiting_.set(static_cast<std::int64_t>(stats.queued));
}

}  // namespace tf::store
