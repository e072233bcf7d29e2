// A device that onboards, at work: from preliminary credentials to its subscription (docs/protocols/onboard.md). It goes on from where it stands.
//
//   stage         one step                                                          durable after it
//   preliminary   access token from the PHLR, referral from a registration server    referred
//   referred      hello and request at the operator's route                          ready
//   ready         a DM session at a provisioning server; OCSP; into the module       installed, stored
//                 after a power-off hello and request again: the same envelope comes
//   stored        the receipt, sent to the operator: whoever fetched it in that      subscribed
//                 session before may have kept it
//   subscribed    first use: Digest AKA at the operator's HSS, where it is known     used
//
// What is durable stands in the module's sealed records before the next message leaves; other data of the operator are files
// DIRECTORY/items/NAME. The accounts at provisioning servers live no longer than a run: whoever asks again gets others.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "protocols/onboard/device.hpp"
#include "terminal/onboard/notice.hpp"
#include "terminal/onboard/profile.hpp"
#include "terminal/onboard/web.hpp"

namespace tf::terminal {

struct OnboardPorts {
  const Clock& clock;
  Random& random;
  std::function<void(std::string_view step, const std::string& what)> progress = {};
  OnboardPatience::Wait wait = {};  // between two tries; empty: sleeps
  // After each durable step, by the name above; an Error ends the run there, as a power-off would.
  std::function<Status(std::string_view point)> durable = {};
};

struct OnboardRun {
  std::chrono::milliseconds total{std::chrono::minutes(10)};   // silent and busy servers are tried again so long
  std::chrono::milliseconds patience{std::chrono::seconds(20)};  // for one answer
  std::chrono::milliseconds ocsp_patience{std::chrono::seconds(5)};
  std::string listen{};  // HOST:PORT: the provisioning server begins, by package 0
};

struct OnboardFacts {
  onboard::Stage stage = onboard::Stage::preliminary;
  std::string dsim_id, operator_id, delivery;
  std::string pimsi, imsi;         // empty: no such credential
  std::vector<std::string> items;  // names
  bool certified = false;          // the module has its certificates
  bool used = false;               // authenticated with the subscription
};

class OnboardDevice {
 public:
  // Errors of profile.hpp; Code::invalid "terminal.profile"; those of the module.
  static Result<OnboardDevice> open(const std::string& directory, Secret<32> storage_key, OnboardPorts ports);

  // Errors besides those of web.hpp, dm_session.hpp and protocols/onboard/device.hpp:
  //   Code::not_found   "terminal.not_certified", "terminal.no_preliminary"
  //   Code::unavailable "terminal.onboard_silent"   the time is over; the same later
  //                     "terminal.nothing_delivered"
  //   Code::integrity   "terminal.no_credential"    the record says stored, the module has nothing: reset
  //   Code::refused     "terminal.not_challenged"   a PHLR or HSS that accepts the device without a challenge
  Result<OnboardFacts> run(const OnboardRun& options);
  [[nodiscard]] Result<OnboardFacts> facts() const;
  // Erases the subscription and what is remembered of it; the preliminary credential and the keys stay.
  Status reset();
  [[nodiscard]] module::SecureModule& module() { return *module_; }

 private:
  OnboardDevice(std::string directory, OnboardProfile profile, pki::Certificate root, std::unique_ptr<module::SecureModule> module, OnboardPorts ports);
  struct Run;  // of one run(): steps*.cpp
  [[nodiscard]] std::string items_directory() const { return directory_ + "/items"; }
  [[nodiscard]] std::vector<std::string> items() const;

  std::string directory_;
  OnboardProfile profile_;
  pki::Certificate root_;
  std::unique_ptr<module::SecureModule> module_;
  OnboardPorts ports_;
};

}  // namespace tf::terminal
