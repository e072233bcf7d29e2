// The demo's modules: devices with preliminary credentials that get their subscription over the air, every server a process of its own,
// and what becomes of clones, a revoked module and a registration that is shown twice.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "apps/trustferry/line/child_process.hpp"

namespace tf::cli {

struct OnboardScene {
  std::string program;
  std::string directory;  // of the demo
  std::string platform;   // data directory; serving, with its public listener
  int public_port = 8448; // of the platform: OCSP
  int port = 8450;        // the first of six
  int modules = 200;
  // A command of the platform's operators, answered as JSON text.
  std::function<Result<std::string>(std::vector<std::string>)> on_platform;
  std::function<void(const std::string&)> say;
};

struct OnboardReport {
  std::int64_t modules = 0;
  std::int64_t subscribed = 0, authenticated = 0;  // with its subscription in the module; and used at the HSS
  std::int64_t imsis = 0;                          // different ones
  std::int64_t clones_refused = 0;                 // of two, copied after the factory, that come once the true ones have been
  bool revoked_refused = false;
  bool replay_refused = false;                     // a module put back to the moment of its referral
  std::string clone_reason, revoked_reason, replay_reason;
  std::int64_t alarms = 0;                         // at the credentialing server
  double seconds = 0;
};

struct DemoServer;  // demo_onboard_servers.hpp

class OnboardDemo {
 public:
  explicit OnboardDemo(OnboardScene scene) : scene_(std::move(scene)) {}
  Result<OnboardReport> run();

 private:
  Status make(const DemoServer& server);
  Status introduce(const DemoServer& server, const std::vector<std::string>& words) const;
  Status introduce_all();
  Status start_servers();
  Status wait_for(const DemoServer& server) const;
  Status manufacture() const;
  Status order() const;
  Status revoke(const std::string& device) const;
  Result<std::string> ask(const std::string& what) const;  // of the credentialing server
  [[nodiscard]] std::string in(const std::string& name) const { return scene_.directory + "/onboard/" + name; }
  [[nodiscard]] std::string url(const DemoServer& server) const;
  Result<std::string> trustferry(std::vector<std::string> words) const;

  [[nodiscard]] std::string device(int number) const;
  [[nodiscard]] std::string name_of(int number) const;

  OnboardScene scene_;
  int first_ = 1;        // module of this run: each brings others
  std::string devices_;  // their directory
  std::vector<ChildProcess> servers_;
};

}  // namespace tf::cli
