// The NV counter of a module: 8 bytes that the TPM only ever increments, and that begin, when an index is made anew, above every value a
// counter of this TPM ever had (TPM 2.0 part 1 §35.2.4): so not even the owner can put an older state back. It is not "orderly": each step is in
// the TPM's memory before it answers, for an orderly one may jump after a power-off. An authentication is one step; memory of
// 100,000 writes is enough for ten attachments a day over 27 years. Private to module.
#pragma once
#include "module/tpm/connection.hpp"

namespace tf::module::tpm {

class Counter {
 public:
  // The first free of the owner's indices, beginning at a place that the name says. One that is there and opens with this authorisation was left by
  // a manufacture that was cut off, and is taken. Code::unavailable "module.tpm" when there is no room.
  static Result<Counter> make(Connection& connection, const TPM2B_AUTH& auth, std::string_view dsim_id);
  static Result<Counter> find(Connection& connection, const TPM2B_AUTH& auth, TPM2_HANDLE index);  // Code::integrity "module.other_tpm", "module.state"

  [[nodiscard]] TPM2_HANDLE index() const { return index_; }
  Result<std::uint64_t> value();
  Result<std::uint64_t> increment();
  Status remove();  // and this object is of no use any more

 private:
  TSS2_RC read(TPM2B_MAX_NV_BUFFER** out) const;
  Counter(Connection& connection, TPM2_HANDLE index, ESYS_TR handle) : connection_(&connection), index_(index), handle_(handle) {}
  Connection* connection_;
  TPM2_HANDLE index_;
  ESYS_TR handle_;
};

}  // namespace tf::module::tpm
