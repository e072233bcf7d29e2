// A terminal of cardsign at work: sessions with the platform (docs/protocols/cardsign.md), the card relayed, the payment shown, the PIN asked
// for and sealed. It keeps nothing: keys and certificates are on the card.
#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "base/ports.hpp"
#include "net/problem.hpp"
#include "terminal/cardsign/display.hpp"
#include "terminal/cardsign/relay.hpp"

namespace tf::net {
class HttpClient;
}

namespace tf::terminal {

// method, target, body (JSON) → any answer with a status.
using CardsignExchange = std::function<Result<net::HttpResponse>(const std::string& method, const std::string& target, const std::string& body)>;
CardsignExchange cardsign_over(net::HttpClient client);

struct CardsignPorts {
  const Clock& clock;
  CardsignTrust trust;
  // Shows the payment and asks for the PIN; an Error: the person gave up, and the payment is not made.
  std::function<Result<SecretBytes>(const Shown& shown)> ask_pin = {};
  std::function<void(std::string_view step)> progress = {};
  std::function<void(std::chrono::milliseconds)> wait = {};  // between tries; empty: sleeps
};

// Errors, besides those of the card's way and of display.hpp:
//   Code::refused "cardsign.refused_REASON"   REASON of the page's table, with what to do
//   Code::unavailable                         no answer of the platform, after three tries
class CardsignTerminal {
 public:
  CardsignTerminal(CardsignExchange exchange, CardInReach& card, CardsignPorts ports)
      : exchange_(std::move(exchange)), card_(card), ports_(std::move(ports)) {}

  Result<cardsign::Enrolled> enrol(const std::string& code);
  // The signed result, after what was shown was signed. Of a payment that this card signed before, its result again, and nothing is shown.
  Result<cardsign::ResultClaim> pay(const cardsign::PayRequest& request);
  Result<cardsign::Updated> update(const std::string& serial);
  // A proof of receipt of a packet that came by short message (card_messages.hpp).
  Result<cardsign::Updated> prove(const std::string& serial, const Bytes& proof);

 private:
  Result<std::string> call(const std::string& method, const std::string& target, const std::string& body);
  Result<cardsign::SessionReply> post(std::string_view route, const std::string& body);
  Result<const cardsign::PlatformKeys*> keys();
  Result<cardsign::Done> run(std::string_view route, const std::string& body);
  Result<cardsign::RelayRequest> next(const cardsign::SessionReply& reply);
  Result<Bytes> show_and_ask(const cardsign::Display& display);
  void say(std::string_view step) const;

  CardsignExchange exchange_;
  CardInReach& card_;
  CardsignPorts ports_;
  std::optional<cardsign::PlatformKeys> keys_;
  std::optional<Shown> shown_;  // the last one
};

}  // namespace tf::terminal
