// The module in software: both private keys and all else in DIRECTORY/DSIM_ID.module, sealed under the device's storage key
// (crypto/storage_key.hpp), which stands for a chip's own. Whoever has that key and the file has the module, and an older copy of the
// file is not told from the newest: that takes a chip (tpm/tpm_module.hpp).
#pragma once
#include <memory>
#include <string>

#include "base/ports.hpp"
#include "module/module.hpp"

namespace tf::module::software {

struct Settings {
  std::string directory;
  Secret<32> storage_key;
};

// Makes keys and file. Code::invalid "module.dsim_id"; Code::conflict "module.exists", "module.in_use".
Result<std::unique_ptr<SecureModule>> create(const Settings& settings, std::string_view dsim_id, Random& random);
// Code::not_found "module.no_module", Code::conflict "module.in_use".
Result<std::unique_ptr<SecureModule>> open(const Settings& settings, std::string_view dsim_id, Random& random);
// Removes its file, for good.
Status remove(const Settings& settings, std::string_view dsim_id);

}  // namespace tf::module::software
