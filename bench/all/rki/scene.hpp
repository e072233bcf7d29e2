// A platform made for measuring: an estate of personalised terminals, the real server in a process of its own.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bench/all/server.hpp"
#include "protocols/rki/suite.hpp"
#include "terminal/fleet.hpp"

namespace tf::bench {

// Devices in memory, each taken out for its one download: what the disk of a load generator costs is not measured.
class HeldDevices final : public terminal::DeviceStore {
 public:
  void put(terminal::Device device);
  [[nodiscard]] Result<terminal::Device> load(const wire::Dsn& dsn) const override;
  [[nodiscard]] Status save(const terminal::Device& device) const override;

 private:
  mutable std::mutex mutex_;
  mutable std::map<std::string, terminal::Device> devices_;
};

class Scene {
 public:
  // per_fleet terminals for each of four fleets: suite × (kept, fresh).
  static Result<std::unique_ptr<Scene>> make(const std::string& directory, const std::string& program, int per_fleet);

  struct Measured {
    double cpu_us = 0;  // of the server, for each download
    double rate = 0;    // downloads/s
    double connections = 0;  // opened, for each download
  };
  // One part in share of the fleet's terminals that have not downloaded yet.
  Result<Measured> fleet(rki::Suite suite, bool fresh, int share);
  // Server CPU of one bare request on a kept connection, and of one full TLS handshake.
  Result<double> request_cpu_us();
  Result<double> handshake_cpu_us(double request_us);

 private:
  Scene() = default;
  [[nodiscard]] terminal::PlatformAddress address() const;

  std::string directory_;
  std::unique_ptr<Server> server_;
  SystemClock clock_;
  SystemRandom random_;
  HeldDevices devices_;
  std::map<std::pair<rki::Suite, bool>, std::vector<wire::Dsn>> fleets_;
  std::optional<pki::Certificate> root_;
};

}  // namespace tf::bench
