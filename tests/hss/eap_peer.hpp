// A real network access server (hostapd) beside our authentication centre, and a real EAP peer (eapol_test) whose USIM we are.
#pragma once
#include <optional>
#include <string>

#include "tests/hss/scene.hpp"
#include "tests/support/process.hpp"

namespace tf::hss::test {

class AccessServer {
 public:
  // Serves EAP-AKA and EAP-AKA' over RADIUS on 127.0.0.1:18120; asks the authentication centre at auc_path.
  AccessServer(const std::string& directory, const std::string& auc_path);
  ~AccessServer();  // asks hostapd to end: it takes its socket out of /tmp then
  AccessServer(const AccessServer&) = delete;
  AccessServer& operator=(const AccessServer&) = delete;
  [[nodiscard]] std::string log() const;

 private:
  std::string log_;
  std::optional<tf::test::Process> process_;
};

struct EapRun {
  bool success = false;
  int asked = 0;          // how often the peer turned to its USIM
  int resynchronised = 0; // and was answered with AUTS
  std::string log;
};

// method: "AKA" or "AKA'". lies: the USIM answers whatever it is asked with a made-up RES.
EapRun run_eap(const std::string& directory, const std::string& method, const Imsi& imsi, Usim& usim, bool lies = false);

}  // namespace tf::hss::test
