// The other sides of an onboarding, made of the protocol's own pure sides, with their state in memory: one operator, one device.
#pragma once
#include <map>
#include <memory>

#include "crypto/aka/key.hpp"
#include "dm/server.hpp"
#include "protocols/onboard/credentialing.hpp"
#include "protocols/onboard/registration.hpp"
#include "tests/terminal_onboard/certificates.hpp"
#include "wire/http.hpp"

namespace tf::terminal::test {

inline constexpr const char* kDevice = "M2M-0001";
inline constexpr const char* kImsi = "001010000000042";

class Sides {
 public:
  Sides(const Certificates& pki, const Clock& clock);

  // Contract and registration: what credentialing and registration servers know afterwards.
  void subscribe(std::vector<std::string> route);
  void withdraw();
  void restart_provisioning() { managed_.clear(); }
  std::vector<onboard::ProvisioningServer> provisioning_at;  // named in READY

  wire::HttpResponse registration(const std::string& route, const wire::HttpRequest& request);
  wire::HttpResponse credentialing(const std::string& route, const wire::HttpRequest& request);
  wire::HttpResponse provisioning(const std::string& route, const wire::HttpRequest& request);
  wire::HttpResponse ocsp(const wire::HttpRequest& request);

  std::vector<onboard::Item> items;
  std::function<void(Bytes&)> alter;  // what a bad provisioning server does to envelopes
  bool withhold = false;              // it delivers nothing
  bool keeps_receipts = false;        // it fetches them and tells nobody
  std::set<std::string> revoked;      // serials
  onboard::AccessPolicy access_registration, access_credentialing;
  crypto::AkaKey subscriber;          // of the credential that the HSS makes
  int envelopes = 0;                  // credentials the HSS made
  std::vector<std::uint32_t> codes;   // of the device, to the tasks of provisioning
  std::optional<onboard::Registration> registered;
  std::vector<onboard::Provisioning> given;  // READY's last
  Bytes notification(std::uint16_t session) const;  // package 0 of the first of these accounts
  // The same, as the server of one account would make it who says it was another.
  Bytes notification(std::uint16_t session, const onboard::Account& account, const std::string& as) const;
  [[nodiscard]] const onboard::Signer& operator_signer() const { return operator_; }

 private:
  Result<std::string> hello(const wire::HttpRequest& request);
  Result<std::string> request(const wire::HttpRequest& request);
  Result<std::string> receipt(std::string_view body);
  Result<onboard::CredentialsAnswer> credential(const onboard::CredentialsRequest& request);
  Result<dm::Envelope> manage(const dm::Envelope& in);
  std::unique_ptr<dm::ServerSession> new_session(const dm::Message& first);
  [[nodiscard]] const onboard::Account* account_at(const std::string& server_id) const;  // null
  Result<std::string> commit(onboard::Step step);
  [[nodiscard]] onboard::CredentialingPorts ports();

  const Certificates& pki_;
  const Clock& clock_;
  SystemRandom random_;
  onboard::ChainVerifier verifier_;
  onboard::Signer operator_, issuer_, registrar_;
  std::vector<std::string> route_;
  std::optional<onboard::RegisteredDevice> referred_;
  std::map<std::string, onboard::Session> sessions_;
  std::map<std::string, std::unique_ptr<dm::ServerSession>> managed_;  // by SessionID and account
  std::map<std::string, dm::Nonces> nonces_;  // by server_id
};

wire::HttpResponse answer_of(Result<std::string> reply);

}  // namespace tf::terminal::test
