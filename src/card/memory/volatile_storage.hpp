// Storage in memory, for tests, benches and the demo: it can lose power before or right after transaction n.
#pragma once
#include "card/memory/storage.hpp"

namespace tf::card {

class VolatileStorage final : public Storage {
 public:
  enum class Cut { before, after };  // nothing of the transaction is there; or all of it, but nobody was told
  Result<Records> load() override;
  Status commit(const Changes& changes) override;
  // The nth transaction from now on (1 is the next) fails once.
  void cut_at(std::size_t n, Cut cut) { cut_in_ = n, cut_ = cut; }
  [[nodiscard]] std::size_t commits() const { return commits_; }

 private:
  Records records_;
  std::size_t commits_ = 0;
  std::size_t cut_in_ = 0;  // 0: never
  Cut cut_ = Cut::before;
};

}  // namespace tf::card
