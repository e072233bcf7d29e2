// One run of a device. Private to terminal/onboard.
#pragma once
#include <map>
#include <optional>

#include "terminal/onboard/dm_session.hpp"
#include "terminal/onboard/onboard.hpp"
#include "terminal/onboard/tree.hpp"

namespace tf::terminal {

inline constexpr std::string_view kOnboardUsedRecord = "onboard.used";  // the IMSI that was authenticated
inline constexpr std::string_view kOnboardHssItem = "authenticate";     // of the operator's other data

struct OnboardDevice::Run {
  Run(OnboardDevice& device, const OnboardRun& options, OnboardWeb web, onboard::DeviceState state);
  static Result<std::unique_ptr<Run>> begin(OnboardDevice& device, const OnboardRun& options);

  OnboardDevice& device;
  const OnboardRun& options;
  OnboardWeb web;
  OnboardPatience patience;
  onboard::ChainVerifier verifier;
  onboard::DevicePorts ports;
  onboard::DeviceState state;
  std::string token;  // "Bearer …"; empty: none
  std::int64_t token_expires_ms = 0;
  std::optional<onboard::Ready> ready;       // what the last request brought in this run
  std::map<std::string, dm::Nonces> nonces;  // by server_id, of these accounts
  std::unique_ptr<OnboardNotices> notices;
  std::set<std::string> sessions_run;            // of notifications
  int accesses = 0, hellos = 0;              // refused ones, tried once more
  std::optional<Error> refer_again;          // why
  bool referred_again = false;
  std::optional<Error> stopped;              // by OnboardPorts::durable: nothing leaves any more

  // run.cpp
  Status all();
  Status one_step();
  Status go_on_after(Error error);  // good: try again
  [[nodiscard]] bool perhaps_registered_anew(const Error& error) const;
  Status keep(onboard::DeviceState next, std::string_view point);
  Status durable(std::string_view point);
  void say(std::string_view step, const std::string& what) const;

  // access.cpp
  struct AkaPlace {
    std::string url, route, realm;
    module::Slot slot;
  };
  Result<std::string> authenticate(const AkaPlace& place);  // the body of the 200
  Status access();
  Status first_use();
  [[nodiscard]] Result<std::optional<OnboardProfile::Aka>> operators_hss() const;

  // steps.cpp
  Status refer();
  Status ask();
  Status hand_receipt();
  [[nodiscard]] OnboardCall message(const std::string& url, const char* route, std::string body) const;

  // delivery.cpp
  Status deliver();
  Status session_with(const onboard::Provisioning& at, std::string session, bool by_server);
  Result<bool> notified();  // true: the session that a notification asked for was run
  Status install(ByteView envelope);
  Status store_item(const std::string& name, const dm::Value& value);
  [[nodiscard]] std::vector<std::string> responders() const;
};

}  // namespace tf::terminal
