// The platform loop for cardsign: a message finds its session, the session's machine (protocols/cardsign) says what is next, and what it wants
// is looked up, written, issued or booked before the answer. Commit, then speak.
#pragma once
#include <memory>
#include <string>

#include "audit/refusals.hpp"
#include "base/remembered.hpp"
#include "payment/notices/merchants.hpp"
#include "payment/payments.hpp"
#include "pki/path/known_certificates.hpp"
#include "pki/path/shown_chain.hpp"
#include "platform/cardsign/keys.hpp"
#include "platform/cardsign/register.hpp"
#include "platform/cardsign/sessions.hpp"
#include "platform/cardsign/store_air.hpp"
#include "platform/wallet/instruments.hpp"
#include "sms/sender.hpp"
#include "wire/http.hpp"

namespace tf::platform {

struct CardsignSettings {
  cardsign::Policy policy;
  std::string name = "trustferry";       // the platform's, in every text that is signed
  std::string terminal = "CARDSIGN";     // the point of sale at the front ends: 1 to 8 of A–Z 0–9
  std::string page = "/cardsign/pay/";   // where an order's page is; the payment follows
  std::int64_t order_hours = 24;         // an order lives no longer
  std::size_t sessions = 20'000;
  std::int64_t repeat_seconds = 3'600;   // after which a short message without a proof is sent again; then four times as late each time, a day at most
};

// All of these outlive the service.
struct CardsignParts {
  ca::CertificateAuthority& authority;
  payment::Payments& payments;
  payment::Merchants& merchants;
  WalletInstruments& instruments;
  sms::Sender* sms = nullptr;  // none: certificates wait for the terminal to ask
};

class CardsignService {
 public:
  static Result<std::unique_ptr<CardsignService>> make(Context& context, audit::RefusalSampler& sampler, CardsignSettings settings, CardsignParts parts);
  ~CardsignService();

  // The reply's body, or the exact Error: it went to audit and log; the peer is told refusal_body() of it. Nothing waits on the caller's thread.
  using Reply = CardsignReply;
  void handle(const std::string& route, const wire::HttpRequest& request, Reply reply);
  // GET keys.
  [[nodiscard]] Result<std::string> published() const { return keys_->published(); }
  // GET /cardsign/v1/account: who the card is that TLS knows. Code::denied without a certificate of ours; Code::refused "cardsign.certificate_…".
  [[nodiscard]] Result<std::string> account(const std::optional<Bytes>& client_certificate) const;
  Status keep_house();
  // Packets that are due leave as short messages (store_air.hpp): called every few seconds, and after an operator's act that may have made some due.
  void air();
  // What a card sent back through the network: a proof of receipt, or of no use.
  void arrived(const sms::Incoming& message);

  [[nodiscard]] CardRegister& cards() { return register_; }
  [[nodiscard]] WalletInstruments& instruments() { return parts_.instruments; }
  [[nodiscard]] const CardsignSettings& settings() const { return settings_; }

 private:
  CardsignService(Context& context, audit::RefusalSampler& sampler, CardsignSettings settings, CardsignParts parts, std::unique_ptr<CardsignKeys> keys,
                  std::vector<pki::Certificate> anchors);

  // service.cpp: sessions and their answers.
  void order(const wire::HttpRequest& request, Reply reply);
  void relay(const std::string& body, Reply reply);
  void advance(const CardSessionPtr& session, const cardsign::RelayRequest& request);
  Result<CardSessionPtr> begin_session();
  void answer(const CardSessionPtr& session, std::variant<cardsign::Commands, cardsign::Display, cardsign::Done> next);
  void refuse(const CardSessionPtr& session, const Error& error);
  void note_refusal(const CardSession& session, const Error& error);
  void conclude(const CardSessionPtr& session, Result<std::string> reply, bool over);
  void refuse(const std::string& action, const std::string& subject, const Error& error, Reply& reply);
  store::WriteFn alarm_of(const Error& error, std::string serial, std::string user, std::string payment);

  // enrolling.cpp
  void enrol(const std::string& body, Reply reply);
  void proceed(const CardSessionPtr& session, Result<cardsign::EnrolmentSession::Next> next);
  Result<cardsign::EnrolmentSnapshot> enrolment_of(const CardSession& session) const;
  void intend_container(const CardSessionPtr& session);
  void note_container(const CardSessionPtr& session);
  void certify(const CardSessionPtr& session, cardsign::CertificateWanted wanted);
  void issued(const CardSessionPtr& session, cardsign::Slot slot, const ca::Issued& certificate);
  void stored(const CardSessionPtr& session, const cardsign::SlotStored& slot);
  void wrong_code(const std::string& serial, Reply reply);

  // paying.cpp
  void pay(const std::string& body, Reply reply);
  void remove_before_paying(const CardSessionPtr& session, const cardsign::CardRow& card);
  void proceed(const CardSessionPtr& session, Result<cardsign::PaymentSession::Next> next);
  void book(const CardSessionPtr& session, cardsign::SignedPayment payment);
  Result<std::string> result_again(const PaymentRow& row) const;

  // payer.cpp
  [[nodiscard]] Status check_there(const std::string& payment) const;
  [[nodiscard]] Status check_certificate(const pki::Certificate& certificate, pki::Usage usage) const;
  // record: what the register has of it.
  [[nodiscard]] Status check_certificate(const pki::Certificate& certificate, pki::Usage usage, const std::optional<ca::Shown>& record) const;
  Result<KnownPayerPtr> payer_for(const CardSession& session, const std::string& serial, std::optional<PaymentRow>& row, std::optional<StoredCard>& stored) const;
  Result<std::optional<cardsign::PaymentSnapshot>> payment_of(CardSession& session, const std::string& serial, std::optional<PaymentRow>& row) const;

  // removing.cpp: containers that were taken off the card are deleted before what the session is for.
  void remove_first(const CardSessionPtr& session, std::vector<std::uint8_t> containers, std::function<void(const CardSessionPtr&)> then);
  void proceed(const CardSessionPtr& session, Result<cardsign::RemovalSession::Next> next);
  void note_removal(const CardSessionPtr& session, std::uint8_t container);

  // updating.cpp
  void update(const std::string& body, Reply reply);
  void send_updates(const CardSessionPtr& session);
  void updated(const CardSessionPtr& session, const std::vector<Bytes>& answers);
  void replace(const std::vector<std::string>& certificates);

  // airing.cpp
  void send(const Packet& packet, const apdu::ota::Keys& keys);
  void prove(const std::string& body, Reply reply);
  void prove(const std::string& serial, Bytes proof, Reply reply);

  Context& context_;
  audit::Refusals refusals_;
  const CardsignSettings settings_;
  CardsignParts parts_;
  std::unique_ptr<CardsignKeys> keys_;
  pki::ShownChains chains_;
  CardRegister register_;
  CardSessions sessions_;
  pki::KnownCertificates certificates_{4096};
  Remembered<PaymentRow> placed_{16'384};  // open ones that merchants ordered lately, by their ids; until they are signed
  cardsign::PlatformPorts ports_;
  metrics::Counter& begun_;
  metrics::Counter& enrolled_;
  metrics::Counter& payments_;
  metrics::Counter& updates_;
  metrics::Counter& packets_;
  metrics::Counter& refused_;
  metrics::Counter& alarms_;
};

}  // namespace tf::platform
