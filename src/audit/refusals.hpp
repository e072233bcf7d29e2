// Refusals of terminals, on their way into log and audit trail: written behind the answer, some of them, and each with the
// number of those that were not.
#pragma once
#include <string>

#include "audit/sampler.hpp"
#include "audit/trail.hpp"
#include "store/database.hpp"

namespace tf::audit {

struct Refusal {
  std::string action;   // "rki.hello"
  std::string subject;  // what the terminal calls itself; empty: not known
  Error error;          // the exact one
};

class Refusals {
 public:
  Refusals(store::Database& database, Trail& trail, const Clock& clock, RefusalSampler& sampler)
      : database_(database), trail_(trail), clock_(clock), sampler_(sampler) {}

  // also: to be written in any case, in the same transaction.
  void record(Refusal refusal, store::WriteFn also = {});
  // Returns when all that was recorded is written: nothing uses this object then.
  void drain();

 private:
  store::Database& database_;
  Trail& trail_;
  const Clock& clock_;
  RefusalSampler& sampler_;
};

}  // namespace tf::audit
