// A conversation with a TPM 2.0 through the TSS (ESYS): opened for a TCTI configuration, with the storage primary loaded and a session
// salted to it, so that neither secrets nor authorisations cross the bus in the clear. Private to module.
//
// What a TPM has little of is bounded: one transient object (the primary) and one session stay loaded, a second object comes and goes
// within each operation. What an earlier holder of the connection left behind (a process that was killed) is flushed at opening; under a
// resource manager (/dev/tpmrm0) nobody else's handles are seen, without one the TPM must be ours alone.
#pragma once
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::module::tpm {

// Memory of the TSS.
struct EsysFree {
  void operator()(void* memory) const { Esys_Free(memory); }
};
template <class T>
using EsysMemory = std::unique_ptr<T, EsysFree>;

// A response code as an Error: what TPM or TSS said, in words. Code::unavailable "module.tpm".
Error tpm_error(const char* what, TSS2_RC rc);
// The same for a command on a stored object: when the TPM itself says no to it (not: it, or the line, failed), Code::integrity "module.state".
Error object_error(const char* what, TSS2_RC rc);
// The TPM says no to a parameter's value or size.
bool is_value_refused(TSS2_RC rc);

class Connection {
 public:
  // tcti: "swtpm:host=…,port=…" or "device:/dev/tpmrm0". Code::invalid "module.tcti" for another kind.
  static Result<std::unique_ptr<Connection>> open(const std::string& tcti, const SecretBytes& owner_auth);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] ESYS_CONTEXT* esys() const { return esys_; }
  [[nodiscard]] ESYS_TR primary() const { return primary_; }
  [[nodiscard]] const Bytes& primary_name() const { return primary_name_; }
  // The session, for a command whose first parameter (to), whose first answer (from) is a sized buffer to be encrypted.
  enum class Encrypt { neither, to, from, both };
  [[nodiscard]] ESYS_TR session(Encrypt encrypt) const;
  // Runs use with the object loaded and flushes it, whatever comes of it.
  Status with_loaded(const TPM2B_PUBLIC& public_part, const TPM2B_PRIVATE& private_part, const TPM2B_AUTH& auth,
                     const std::function<Status(ESYS_TR)>& use);

 private:
  Connection() = default;
  Status start(const std::string& tcti, const SecretBytes& owner_auth);
  void flush_leftovers(TPM2_HANDLE first) const;
  Status make_primary();
  Status start_session();

  TSS2_TCTI_CONTEXT* tcti_ = nullptr;
  ESYS_CONTEXT* esys_ = nullptr;
  ESYS_TR primary_ = ESYS_TR_NONE;
  ESYS_TR session_ = ESYS_TR_NONE;
  Bytes primary_name_;
};

}  // namespace tf::module::tpm
