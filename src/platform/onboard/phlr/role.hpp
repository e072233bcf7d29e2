// The role phlr: authenticates preliminary identities and grants access for a while, to the only hosts that may be reached
// (CN101940016A part 50). Devices with IP come by HTTP Digest AKA, others by hostapd and its socket.
#pragma once
#include "hss/auc_socket.hpp"
#include "platform/onboard/aka/digest.hpp"
#include "platform/onboard/role.hpp"
#include "protocols/onboard/access_token.hpp"

namespace tf::platform {

class PhlrRole final : public OnboardRole {
 public:
  static Result<std::unique_ptr<OnboardRole>> open(OnboardOpened& opened);
  [[nodiscard]] std::string_view name() const override { return onboard_role::phlr; }
  [[nodiscard]] std::vector<OnboardRoute> routes() override;
  Status start() override;
  void stop() override { socket_.reset(); }
  void work(std::int64_t) override { (void)digest_->open_nonces(); }

 private:
  PhlrRole(OnboardOpened& opened, std::unique_ptr<hss::Subscribers> subscribers);
  wire::HttpResponse access(const OnboardCall& call);
  Result<std::string> token_for(const std::string& pimsi);
  Result<std::string> add(const OnboardCall& call);
  Result<std::string> remove(const OnboardCall& call, std::string& subject);
  void told(const hss::AucEvent& event);

  OnboardOpened& opened_;
  const std::unique_ptr<hss::Subscribers> subscribers_;
  const onboard::Signer signer_;
  std::unique_ptr<hss::DigestServer> digest_;
  std::unique_ptr<hss::AucSocket> socket_;  // none without a path
  metrics::Counter& granted_;
  metrics::Counter& vectors_;
};

}  // namespace tf::platform
