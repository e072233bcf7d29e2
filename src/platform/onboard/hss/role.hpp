// The role hss: makes credentials, keeps them in an HLR, signs envelopes, authenticates subscribers (CN101940016A parts 26, 60 to 64).
#pragma once
#include <array>
#include <mutex>

#include "hss/subscribers.hpp"
#include "platform/onboard/aka/digest.hpp"
#include "platform/onboard/hss/numbers.hpp"
#include "platform/onboard/hss/store.hpp"
#include "platform/onboard/role.hpp"
#include "protocols/onboard/access_token.hpp"

namespace tf::platform {

class HssRole final : public OnboardRole {
 public:
  static Result<std::unique_ptr<OnboardRole>> open(OnboardOpened& opened);
  // Over subscriptions that somebody else keeps.
  static Result<std::unique_ptr<OnboardRole>> open(OnboardOpened& opened, std::unique_ptr<hss::Subscribers> keeper);
  [[nodiscard]] std::string_view name() const override { return onboard_role::hss; }
  [[nodiscard]] std::vector<OnboardRoute> routes() override;
  void work(std::int64_t now_ms) override;
  void stop() override { note_created(); }

 private:
  HssRole(OnboardOpened& opened, std::unique_ptr<hss::Subscribers> subscribers);
  Result<std::string> credentials(const OnboardCall& call, std::string& subject);
  Result<std::string> suspend(const OnboardCall& call, std::string& subject);
  wire::HttpResponse authenticate(const OnboardCall& call);
  Result<hss_role::Credential> make(const onboard::CredentialsRequest& request, const pki::Certificate& decryption, const hss_role::Credential* in_place_of = nullptr);
  Status keep(const hss_role::Credential& row, const hss_role::Credential* in_place_of, const std::optional<hss::Creation>& joined, std::int64_t now_ms);
  // The registration's credential, in the HLR. Under the registration's lock, as suspension is.
  Result<hss_role::Credential> provide(const onboard::CredentialsRequest& request, const pki::Certificate& decryption);
  Status bring_into_hlr(const hss_role::Credential& credential);
  Status take_from_hlr(const hss_role::Credential& credential);
  Result<hss::Subscription> subscription_of(const hss_role::Credential& credential) const;
  std::mutex& lock_of(const std::string& dsim_id) { return locks_[std::hash<std::string>{}(dsim_id) % locks_.size()]; }
  Result<std::optional<hss_role::Credential>> find(std::string_view dsim_id, const Hash256& nonce_hash);
  void note_created();
  Status check_operator(const OnboardCall& call) const;

  OnboardOpened& opened_;
  const onboard::ChainVerifier verifier_;
  const onboard::Signer issuer_;
  const std::unique_ptr<hss::Subscribers> subscribers_;
  std::unique_ptr<hss::DigestServer> digest_;
  hss_role::NumberBook numbers_;
  std::array<std::mutex, 1024> locks_;  // of registrations, by device
  std::mutex created_mutex_;
  std::vector<hss_role::Credential> created_;  // in the HLR, and their rows do not say so yet
  std::int64_t next_forget_ms_ = 0;
  metrics::Counter& made_;
};

}  // namespace tf::platform
