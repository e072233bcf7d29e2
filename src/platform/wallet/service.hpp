// The platform loop for wallet: snapshot, step, its writes, what it wants from others (a certificate, a file, an SMS, a front end), the
// answer. Commit, then speak.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "audit/refusals.hpp"
#include "ca/certificate_authority.hpp"
#include "payment/payments.hpp"
#include "platform/wallet/file_maker.hpp"
#include "platform/wallet/front_ends.hpp"
#include "platform/wallet/instruments.hpp"
#include "platform/wallet/keys.hpp"
#include "platform/wallet/sessions.hpp"
#include "platform/wallet/store.hpp"
#include "platform/wallet/under_way.hpp"
#include "sms/sender.hpp"
#include "wire/http.hpp"

namespace tf::platform {

struct WalletSettings {
  wallet::Policy policy;
  std::string name = "trustferry";        // the platform's, in every signed and sealed text
  std::string profile = "wallet-user";    // of the users' certificates
  std::string terminal = "WALLET01";      // the point of sale at the front ends: 1 to 8 of A–Z 0–9
  std::size_t sessions = 100'000;
  std::size_t keys_ahead = 8;             // where the platform makes users' keys
};

// All of these outlive the service.
struct WalletParts {
  ca::CertificateAuthority& authority;
  payment::Payments& payments;
  sms::Sender& sms;
  WalletInstruments& instruments;
  FrontEnds& front_ends;
};

class WalletService {
 public:
  // The vault has the keys of keys.hpp.
  static Result<std::unique_ptr<WalletService>> make(Context& context, audit::RefusalSampler& sampler, WalletSettings settings, WalletParts parts);
  ~WalletService();

  // The reply's body, or the exact Error: it went to audit and log; the peer is told refusal_body() of it. Computes on the caller's
  // thread, answers on another's where a commit or a front end comes first. is_slow(): takes a tenth of a second of a processor
  // (scrypt) or waits for a commit, so it is not for an I/O thread.
  using Reply = std::move_only_function<void(Result<std::string>)>;
  void handle(const std::string& route, const wire::HttpRequest& request, Reply reply);
  static bool is_slow(const std::string& route);
  // GET /wallet/v1/keys.
  [[nodiscard]] Result<std::string> published() const;

  // An operator's acts, audited.
  Status approve(const std::string& actor, const std::string& registration);
  Status unlock(const std::string& actor, const std::string& registration);
  // Also revokes its certificates and ends its session.
  Status close(const std::string& actor, const std::string& registration);
  // Codes whose time is over; called by the housekeeper.
  Status keep_house();

  [[nodiscard]] const WalletSettings& settings() const { return settings_; }
  [[nodiscard]] WalletInstruments& instruments() { return parts_.instruments; }
  [[nodiscard]] payment::Payments& payments() { return parts_.payments; }

 private:
  WalletService(Context& context, audit::RefusalSampler& sampler, WalletSettings settings, WalletParts parts, std::unique_ptr<WalletKeys> keys);
  struct Message;
  using Pending = std::shared_ptr<Message>;
  using Made = std::shared_ptr<wallet::Step>;

  // From a message to its step, one function a route: enrolment.cpp, orders.cpp.
  void proceed(const Pending& message);
  Result<wallet::Step> step(Message& message);
  Result<wallet::Step> register_(Message& message);
  Result<wallet::Step> activate(Message& message);
  Result<wallet::Step> fetch(Message& message);
  Result<wallet::Step> login(Message& message);
  Result<wallet::Step> pay(Message& message);
  bool foresee(Message& message, const wallet::OpenedPay& request, const wallet::Means& means, wallet::PaySnapshot& snapshot);
  Result<wallet::Step> query(Message& message);
  Result<wallet::Step> refund(Message& message);
  Result<std::string> cards(Message& message);
  Result<wallet::Step> inquire(Message& message, const wallet::OpenedInquiry& request);
  Result<wallet::Step> finish(Message& message, const Bytes& certificate);
  [[nodiscard]] Result<wallet::ActivateSnapshot> activation(const std::string& registration) const;
  [[nodiscard]] Result<bool> is_active(const std::string& registration) const;
  [[nodiscard]] Status check_certificate(const pki::Certificate& certificate) const;
  // record: what the register has of it.
  [[nodiscard]] Status check_validity(const pki::Certificate& certificate) const;
  [[nodiscard]] Status standing_of(const pki::Certificate& certificate, const std::optional<ca::Shown>& record) const;

  // From a step to its answer.
  store::WriteFn writes_of(const Made& step, vault::Wrapped person);
  void commit(const Pending& message, const Made& step);
  void committed(const Pending& message, const Made& step);
  void certify(const Pending& message, const wallet::CertificateWanted& wanted);
  void place(const Pending& message, const Made& step);
  static bool is_decided_again(const Message& message, const Error& error);
  void ask_gateway(const Pending& message);
  void give_back(const Pending& message, const Made& step);
  void answer(Message& message, const wallet::Booked& booked, const std::string& order, const std::string& refund);
  void refuse(Message& message, const Error& error);
  void send(wallet::Sms sms);
  void end_user(const std::string& registration);
  Status start_files();
  Status make_file(const std::string& registration, const crypto::PrivateKey& key);

  Context& context_;
  audit::Refusals refusals_;
  const WalletSettings settings_;
  WalletParts parts_;
  std::unique_ptr<WalletKeys> keys_;
  protocols::SealedChallenges challenges_;
  wallet::PlatformPorts ports_;
  WalletSessions sessions_;
  OrdersUnderWay under_way_;
  metrics::Counter& registered_;
  metrics::Counter& activated_;
  metrics::Counter& logins_;
  metrics::Counter& payments_;
  metrics::Counter& refused_;
  metrics::Counter& alarms_;
  std::unique_ptr<FileMaker> files_;  // last: its thread works with all of the above
};

}  // namespace tf::platform
