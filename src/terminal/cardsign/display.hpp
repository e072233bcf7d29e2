// What is shown before the PIN is asked for, and believed: the platform's signed display under the pinned root, the card's channel key under
// a pinned manufacturer's root, one serial number in both, and M, the payment itself (docs/protocols/cardsign.md, 604).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apdu/payment_structure.hpp"
#include "apdu/pin_envelope.hpp"
#include "pki/path/known_certificates.hpp"
#include "pki/path/shown_chain.hpp"
#include "protocols/cardsign/messages.hpp"

namespace tf::terminal {

// Whom a terminal believes; it comes with its installation, never over the line.
struct CardsignTrust {
  CardsignTrust(std::string platform_name, pki::Certificate platform_root, std::vector<pki::Certificate> manufacturer_roots)
      : platform(std::move(platform_name)), root(std::move(platform_root)), manufacturers(std::move(manufacturer_roots)),
        chains(std::make_shared<const pki::ShownChains>(std::vector{root})), known(std::make_shared<pki::KnownCertificates>(64)) {}

  std::string platform;                         // name
  pki::Certificate root;                        // the platform's
  std::vector<pki::Certificate> manufacturers;  // roots
  std::shared_ptr<const pki::ShownChains> chains;  // under the root: an authority is validated once a minute, not with each payment
  std::shared_ptr<pki::KnownCertificates> known;   // the platform's and the card's, which every payment shows again
};

struct Shown {
  cardsign::DisplayClaim claim;
  apdu::PaymentStructure payment;
  crypto::PublicKey channel;    // the card's, certified
  std::optional<int> tries{};   // left, after a wrong PIN
};

// Code::refused
//   "cardsign.other_platform"   keys, certificate, display or payment name another one than the pinned
//   "cardsign.display_key"      signed by a key that GET keys does not have
//   "crypto.jws"                the signature is wrong
//   "cardsign.channel"          not the channel key of the card that the display names, or not of a pinned manufacturer
//   "cardsign.expired"          the payment's time is over
//   and the reasons of pki/path/path.hpp for the platform's certificate; Code::malformed for what does not parse.
Result<Shown> verify_display(const cardsign::Display& display, const cardsign::PlatformKeys& keys, const CardsignTrust& trust, std::int64_t now_ms);

// The PIN for this payment, this card and this moment alone. Code::invalid "cardsign.pin".
Result<Bytes> seal_pin_for(const Shown& shown, const SecretBytes& pin);

// The signed result; what was shown is what was paid: serial, user, amount, currency and H(T). Code::refused "cardsign.other_result" and as above.
Result<cardsign::ResultClaim> verify_result(std::string_view jws, const Shown& shown, const cardsign::PlatformKeys& keys, const CardsignTrust& trust,
                                            std::int64_t now_ms);

// The result of a payment that this card signed before: nothing is shown then, as nothing is signed. Believed for the serial alone.
Result<cardsign::ResultClaim> verify_earlier_result(std::string_view jws, std::string_view serial, const cardsign::PlatformKeys& keys, const CardsignTrust& trust,
                                                    std::int64_t now_ms);

// channel, factory, …: under a manufacturer, for this serial. Code::refused "cardsign.channel".
Result<crypto::PublicKey> verify_channel(const std::vector<Bytes>& chain, std::string_view serial, const CardsignTrust& trust, std::int64_t now_ms);

}  // namespace tf::terminal
