// A device's secure store on disk: one sealed file a device, DIRECTORY/DSN.device, AES-256-GCM under the storage key with
// the DSN as associated data, replaced atomically.
#pragma once
#include <string>
#include <vector>

#include "terminal/device_store.hpp"

namespace tf::terminal {

class DeviceFiles final : public DeviceStore {
 public:
  // durable: each save reaches the disk before it returns. A simulated fleet does without.
  DeviceFiles(std::string directory, Secret<32> storage_key, Random& random, bool durable)
      : directory_(std::move(directory)), key_(std::move(storage_key)), random_(random), durable_(durable) {}

  [[nodiscard]] Status save(const Device& device) const override;
  // Code::not_found without a file, Code::integrity when it was altered or sealed under another key.
  [[nodiscard]] Result<Device> load(const wire::Dsn& dsn) const override;
  [[nodiscard]] bool exists(const wire::Dsn& dsn) const;
  [[nodiscard]] std::vector<wire::Dsn> list() const;  // in order

 private:
  [[nodiscard]] std::string path_of(const wire::Dsn& dsn) const { return directory_ + "/" + dsn.text() + ".device"; }
  std::string directory_;
  Secret<32> key_;
  Random& random_;
  bool durable_;
};

}  // namespace tf::terminal
