// The platform's cardsign over a scene, without a network: cards in this process, a terminal that relays them, a front end that takes every
// payment, and a clock that moves when the test says so.
#pragma once
#include "card/memory/volatile_storage.hpp"
#include "card/software_card.hpp"
#include "payment/books/stored_books.hpp"
#include "platform/cardsign/service.hpp"
#include "platform/wallet/front_ends.hpp"
#include "terminal/cardsign/cardsign.hpp"
#include "tests/platform/wallet/desk.hpp"

namespace tf::platform::test {

inline constexpr std::string_view kPin = "123456";
inline constexpr std::string_view kMerchant = "SHOP1";

// A card with its manufacturer's secrets, in a reader.
struct HeldCard {
  card::Plan plan;
  card::VolatileStorage storage;
  std::unique_ptr<card::SoftwareCard> software;
  terminal::CardInReach in_reach;
  [[nodiscard]] const std::string& serial() const { return plan.serial; }
};

struct CardsignDesk : Scene {
  explicit CardsignDesk(cardsign::Policy policy = {});
  ~CardsignDesk();
  // As after the end of the process: sessions are gone.
  void restart();

  [[nodiscard]] std::unique_ptr<HeldCard> make_card(const std::string& serial);
  [[nodiscard]] std::string record_of(const HeldCard& card);  // JWE to the platform's record key
  // Imported and given to the user; the code.
  std::string assigned(const HeldCard& card, const std::string& user);
  std::unique_ptr<HeldCard> enrolled(const std::string& serial, const std::string& user);
  // With an account of the user's to pay from.
  std::unique_ptr<HeldCard> paying(const std::string& serial, const std::string& user);

  // The terminal; what it asks for is answered with this PIN.
  [[nodiscard]] terminal::CardsignTerminal terminal_of(HeldCard& card, std::string pin = std::string(kPin));
  // A message of the test's own: status and body.
  net::HttpResponse serve(const std::string& method, const std::string& target, const std::string& body);
  [[nodiscard]] std::string reason_of(const net::HttpResponse& answer) const;
  cardsign::SessionReply ask(const std::string& route, const std::string& body);  // of a 200
  // An order of 12.50 CNY; the payment's id.
  std::string order(const std::string& number, const std::string& user = {});
  net::HttpResponse order(const cardsign::OrderRequest& request, const std::string& signature);
  [[nodiscard]] cardsign::OrderRequest terms(const std::string& number) const;
  // Reasons of refusals in the audit trail since mark(), "" for what was accepted.
  [[nodiscard]] std::vector<std::string> reasons() const;
  [[nodiscard]] std::vector<std::string> alarms() const;

  MovingClock now{SystemClock().now_ms()};
  CardsignSettings settings;
  sms::Sender* sms = nullptr;  // from the next start on
  PayingFrontEnd bank;
  Context at{now, opened->random, *database, *opened->vault, *opened->trail, opened->metrics, config, *opened->certificates};
  audit::RefusalSampler sampler{now};
  pki::Issuer manufacturer;
  std::unique_ptr<ca::CertificateAuthority> authority;
  std::unique_ptr<WalletInstruments> instruments;
  std::unique_ptr<payment::Merchants> merchants;
  SecretBytes merchant_secret;
  std::unique_ptr<payment::StoredBooks> books;
  std::unique_ptr<payment::ThreadRunner> runner;
  std::unique_ptr<payment::Payments> payments;
  std::unique_ptr<CardsignService> service;
  // Between terminal and platform: may change, lose or repeat what passes.
  std::function<Result<net::HttpResponse>(const std::string& method, const std::string& target, const std::string& body)> line;

 private:
  void start();
  void stop();
};

}  // namespace tf::platform::test
