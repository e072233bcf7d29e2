// The module in a TPM 2.0 (TCG Library 1.59), through tpm2-tss. In the TPM: both keys, made there, fixedTPM and fixedParent; each
// credential's key in a sealed object; the key of the state file in another; a NV counter, by which an older copy of the file is told. On disk:
// DIRECTORY/DSIM_ID.module with the wrapped objects and the sealed state; it opens with this TPM and the device's storage key, never with one
// alone (every object's authorisation is derived from the storage key).
//
// What the TPM cannot do itself the module's own code does, with the secret in memory for the moment and wiped: AES-256-GCM over a delivered
// content, AKA over a credential's key, sealing the state file. A TPM that was cleared has lost the module.
//
// TCTI: "swtpm:host=127.0.0.1,port=2321" or "device:/dev/tpmrm0"; without a resource manager one module at a time.
#pragma once
#include <memory>
#include <string>

#include "base/ports.hpp"
#include "module/module.hpp"

namespace tf::module::tpm {

struct Settings {
  std::string directory;
  Secret<32> storage_key;
  std::string tcti;
  SecretBytes owner_auth = {};  // of the TPM's owner hierarchy; at most 32 bytes
};

// Makes keys, counter and file. Code::invalid "module.dsim_id", "module.tcti"; Code::conflict "module.exists", "module.in_use".
Result<std::unique_ptr<SecureModule>> create(const Settings& settings, std::string_view dsim_id, Random& random);
// Code::not_found "module.no_module"; Code::integrity "module.other_tpm".
Result<std::unique_ptr<SecureModule>> open(const Settings& settings, std::string_view dsim_id, Random& random);
// Removes file and counter, for good. What was cut off is taken up by the next create of the same name. Errors as open, but for the state's.
Status remove(const Settings& settings, std::string_view dsim_id);

}  // namespace tf::module::tpm
