// A card in a scripted reader, and the platform's own session machines behind an exchange in memory, which lies where a test wants it to.
#pragma once
#include <map>
#include <optional>
#include <variant>

#include "pcsc/channel.hpp"
#include "protocols/cardsign/enrolment.hpp"
#include "protocols/cardsign/payment.hpp"
#include "terminal/cardsign/cardsign.hpp"
#include "tests/card/support.hpp"
#include "tests/pcsc/scripted.hpp"
#include "tests/support/estate.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::terminal::test {

inline constexpr const char* kReader = "Reader 00 00";
inline constexpr const char* kPlatform = "trustferry";
inline constexpr const char* kServerKey = "cardsign.server";
inline const std::string kCode(26, 'A');
inline const std::string kPayment(22, 'p');

class Site {
 public:
  Site();
  [[nodiscard]] CardsignExchange exchange();
  // The scripted reader's card, as a terminal opens it.
  [[nodiscard]] CardInReach reach();
  [[nodiscard]] CardsignTerminal terminal(CardInReach& card, std::string pin = "123456");
  // The card has its keys and certificates.
  void enrol();
  [[nodiscard]] std::string sign(std::string_view typ, std::string_view payload) const;
  [[nodiscard]] cardsign::PlatformPorts ports() { return {clock, random, *vault, kPlatform, kServerKey}; }
  // What the platform would show now for this card, channel chain included.
  [[nodiscard]] cardsign::Display display(const cardsign::DisplayClaim& claim) const;
  [[nodiscard]] cardsign::DisplayClaim claim();
  [[nodiscard]] std::uint64_t payments_on_card();

  tf::test::FixedClock clock;
  SystemRandom random;
  tf::test::TemporaryDirectory directory;
  card::test::TestCard card;
  tf::test::ScriptedPcsc pcsc{clock};
  std::unique_ptr<vault::SoftwareVault> vault;
  std::optional<pki::Issuer> root, cards, platform;
  std::optional<CardsignTrust> trust;
  cardsign::PlatformKeys keys;
  cardsign::Order order;
  cardsign::CardRow row;

  // Lies, and a bad line.
  std::function<void(cardsign::Display&)> display_lie;
  std::function<void(std::vector<Bytes>&)> command_lie;  // of the batch that has SIGN PAYMENT in it
  std::function<void(cardsign::ResultClaim&)> result_lie;
  std::optional<cardsign::ResultClaim> earlier;           // the payment was signed before: its result, after the first commands
  int lost = 0;                                           // so many of the next answers do not arrive
  std::vector<std::string> asked;                         // every body that came in, in order
  std::vector<Shown> shown;
  bool told_removed = false;

 private:
  using Session = std::variant<std::monostate, cardsign::EnrolmentSession, cardsign::PaymentSession>;
  Result<std::string> handle(const std::string& route, const std::string& body);
  Result<std::string> relay(const std::string& body);
  template <class Next>
  Result<std::string> go_on(Next next);
  Result<std::string> reply(std::variant<cardsign::Commands, cardsign::Display, cardsign::Done> next);
  [[nodiscard]] Bytes certificate(const cardsign::CertificateWanted& wanted);

  Session session_;
  std::int64_t step_ = 0;
  std::string last_request_, last_reply_;
};

}  // namespace tf::terminal::test
