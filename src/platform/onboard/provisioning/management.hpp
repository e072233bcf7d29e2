// OMA DM sessions of devices with this server (steps 7 to 10). A session lives in memory; what has to outlive it (that its first nonces are
// used, the receipt) is durable before the reply that depends on it. The envelope is fetched when the device's session is there, and is nowhere afterwards.
#pragma once
#include "platform/onboard/peers.hpp"
#include "platform/onboard/provisioning/sessions.hpp"
#include "platform/onboard/role.hpp"

namespace tf::platform::provisioning {

class Management {
 public:
  Management(OnboardOpened& opened, OnboardLines& operators) : opened_(opened), operators_(operators) {}

  [[nodiscard]] wire::HttpResponse handle(const wire::HttpRequest& request);
  // Receipts that their operators have not got yet. One that is silent costs one call of a round, and is left alone for a while.
  void carry_receipts(std::int64_t now_ms);
  void forget_sessions(std::int64_t now_ms) { sessions_.forget(now_ms); }
  // The delivery has another account now.
  void drop(const std::string& user) { sessions_.drop(user); }
  // What we prove, and what the device proves.
  Result<dm::ServerSettings> settings_of(const Row& row, std::string session);

 private:
  Result<dm::Envelope> exchange(const dm::Envelope& in, std::string& subject);
  Result<std::shared_ptr<DmSession>> session_for(const std::string& user, const dm::Envelope& in, bool fresh, std::optional<dm::Message>& read);
  Result<dm::Envelope> answer(DmSession& session, const dm::Received& received);
  Status act(DmSession& session, const dm::Received& received);
  Status order_installation(DmSession& session);
  Status take_receipt(DmSession& session, const std::string& receipt);
  Status carry(const Row& row);

  OnboardOpened& opened_;
  OnboardLines& operators_;  // credentialing servers by name
  DmSessions sessions_;
};

}  // namespace tf::platform::provisioning
