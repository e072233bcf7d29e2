// The platform's side of cardsign as values: a session is told what the card answered and what the register has, and says what is next.
// No I/O, no threads; the service (platform/cardsign) looks up, writes and asks others between two calls.
//
// A session refuses with an Error and is over then. Reasons: refusal.hpp has the list; all are Code::refused, but for what does not parse.
#pragma once
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "apdu/scp03.hpp"
#include "apdu/shield.hpp"
#include "base/ports.hpp"
#include "pki/certificate.hpp"
#include "protocols/cardsign/messages.hpp"
#include "vault/vault.hpp"

namespace tf::cardsign {

inline constexpr std::int64_t kSessionMs = 120'000;  // after its last message
inline constexpr std::size_t kCodeSize = 26;

struct Policy {
  // Made at enrolment, in this order; hash comes last where classic is allowed.
  std::vector<Slot> slots = {Slot::payment, Slot::authentication, Slot::card};
  bool rsa = false;      // RSA-2048 keys; otherwise P-256
  bool classic = false;  // payments by their hash
  bool sealed = false;   // payments within SCP03: what the card answers is for the platform alone
  std::int64_t code_hours = 72;
  [[nodiscard]] std::vector<Slot> wanted() const {
    std::vector<Slot> out = slots;
    if (classic) out.push_back(Slot::hash);
    return out;
  }
};
// What a certificate of a slot is for.
pki::Usage usage_of(Slot slot);
std::string_view profile_of(Slot slot, crypto::KeyKind key);  // of the certificate authority

// What the register has of a card, or of one container of it.
struct CardRow {
  std::string serial;
  std::string user;             // empty: nobody's
  std::uint8_t container = 0;
  bool withdrawn = false;
  bool removed = false;         // an operator took the container's person off the card
  std::vector<std::uint8_t> removals{};  // containers that are to be deleted on it, this one among them where it is
  std::vector<Bytes> factory;   // chain, DER, leaf first, without the root
  Bytes channel;                // DER
  Bytes preset{};               // DER of a certificate that the manufacturer put on it; empty: none
  std::uint64_t counter = 0;    // of its last payment
};

// Of a session that is asked for another step than its next.
inline Error out_of_step() { return {Code::refused, "cardsign.step", "not what this session waits for"}; }

inline Error removed_from_card() { return {Code::refused, "cardsign.removed", "the person's container was taken off the card"}; }

struct PlatformPorts {
  const Clock& clock;
  Random& random;
  const vault::Vault& vault;
  std::string platform;    // its name
  std::string server_key;  // in the vault; signs what is shown and results
  // What a card shows, parsed; none: pki::Certificate::from_der(). Parsing believes nothing, so what was parsed before may be given again.
  std::function<Result<pki::Certificate>(ByteView der)> parse{};
};

// Somebody has to be asked before it goes on.
struct CardWanted {  // → found()
  std::string serial;
};

// From a manufacturer's root on: the factory certificate and, under it, the channel certificate, both for this serial.
// Code::refused "cardsign.attestation".
Status check_factory(const CardRow& card, const std::vector<pki::Certificate>& manufacturers, std::int64_t at_ms);

}  // namespace tf::cardsign
