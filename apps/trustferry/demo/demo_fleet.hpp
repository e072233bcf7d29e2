// The demo's payment terminals: an estate, the factory loader that personalises them, and the fleet that downloads its keys.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tf::cli {

struct FleetScene {
  std::string program;
  std::string directory;  // of the demo
  std::string platform;   // data directory; serving
  int port = 8443;
  std::int64_t terminals = 1000;
  int concurrency = 32;
  // A command of the platform's operators, answered as JSON text.
  std::function<Result<std::string>(std::vector<std::string>)> on_platform;
  std::function<void(const std::string&)> say;
};

class FleetDemo {
 public:
  explicit FleetDemo(FleetScene scene) : scene_(std::move(scene)) {}
  // What the fleet reports of its downloads, JSON.
  Result<std::string> run() const;

 private:
  Status fill_estate() const;
  Status batch(const std::string& name, std::int64_t first, std::int64_t last, const std::string& suites) const;
  Status personalise() const;
  Result<std::string> download() const;
  Result<std::string> trustferry(std::vector<std::string> words) const;
  [[nodiscard]] std::string in(const std::string& name) const { return scene_.directory + "/" + name; }
  [[nodiscard]] std::int64_t half() const { return scene_.terminals / 2; }

  FleetScene scene_;
};

}  // namespace tf::cli
