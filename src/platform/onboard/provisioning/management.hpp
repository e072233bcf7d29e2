// OMA DM sessions of devices with this server (steps 7 to 10). A session lives in memory; what has to outlive it (that its first nonces are
// used, the receipt) is durable before the reply that depends on it. The envelope is fetched when the device's session is there, and is nowhere afterwards.
#pragma once
#include <map>
#include <memory>
#include <mutex>

#include "dm/server.hpp"
#include "platform/onboard/peers.hpp"
#include "platform/onboard/provisioning/store.hpp"
#include "platform/onboard/role.hpp"

namespace tf::platform::provisioning {

class Management {
 public:
  Management(OnboardOpened& opened, OnboardLines& operators) : opened_(opened), operators_(operators) {}

  [[nodiscard]] wire::HttpResponse handle(const wire::HttpRequest& request);
  // Receipts that the operator has not got yet.
  void carry_receipts(std::int64_t now_ms);
  void forget_sessions(std::int64_t now_ms);
  // The delivery has another account now.
  void drop(const std::string& user);
  // What we prove, and what the device proves.
  Result<dm::ServerSettings> settings_of(const Row& row, std::string session);

 private:
  struct Session;
  Result<dm::Envelope> exchange(const dm::Envelope& in, std::string& subject);
  Result<std::shared_ptr<Session>> session_for(const std::string& user, const dm::Envelope& in, bool fresh);
  Status act(Session& session, const dm::Received& received);
  Status order_installation(Session& session);
  Status take_receipt(Session& session, const std::string& receipt);
  Status carry(const Row& row);

  OnboardOpened& opened_;
  OnboardLines& operators_;  // credentialing servers by name
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;  // by user
};

}  // namespace tf::platform::provisioning
