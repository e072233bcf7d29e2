// Where devices are kept. DeviceFiles is the one on disk; a load generator holds its devices in memory.
#pragma once
#include "terminal/device.hpp"

namespace tf::terminal {

class DeviceStore {
 public:
  virtual ~DeviceStore() = default;
  // Code::not_found: never personalised; Code::integrity: what is kept was altered.
  [[nodiscard]] virtual Result<Device> load(const wire::Dsn& dsn) const = 0;
  // Once it returns, what the device installed is kept.
  [[nodiscard]] virtual Status save(const Device& device) const = 0;
};

}  // namespace tf::terminal
