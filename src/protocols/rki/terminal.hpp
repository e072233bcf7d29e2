// The device side of rki: a value that is given the platform's answer and returns what to send next. No I/O.
//
//   state                 expects                         then
//   AwaitingServerHello   server hello (S302)             S303 verifies, sends the proof (S304)      else S315
//   AwaitingToken         AT ‖ TK1 (S310)                 S311–S313, sends AT ‖ TK2 (S314)           else S315
//   AwaitingDelivery      key blocks (S319)               install (S321), sends the receipt          else S315
//   AwaitingAck           acknowledgement                 Finished; more parts: begin again (S322)
//
// A state is consumed by its step; whatever the step refuses ends the conversation with nothing kept (S315), and the
// secrets of the state are wiped with it (S323).
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "base/ports.hpp"
#include "crypto/keys.hpp"
#include "pki/certificate.hpp"
#include "protocols/rki/known_platform.hpp"
#include "protocols/rki/messages.hpp"
#include "protocols/rki/transcript.hpp"

namespace tf::rki {

// What a device wants to hear of OCSP about the work certificate. One that is there has to be right, whatever the policy.
enum class Staple {
  none,     // never asks, as devices did before there was any; an answer is none of its protocol
  ask,      // asks; without an answer the CRL decides alone
  require,  // asks, and goes no further without
};
std::string_view name_of(Staple staple);
Result<Staple> parse_staple(std::string_view name);  // Code::invalid "rki.unknown_staple"

// What the factory put into the device.
struct Identity {
  wire::Dsn dsn;
  std::vector<Suite> suites;                      // offered, preferred first
  SecretBytes factor;
  SecretBytes classic_dik2;                       // 24 bytes, empty without the classic suite
  std::optional<Secret<32>> modern_dik2;
  std::optional<crypto::PrivateKey> device_key;   // modern: the key that never leaves the device
  std::vector<pki::Certificate> device_chain;     // device certificate first, without the root
  pki::Certificate root;                          // RKS_RCRT_PK, in the firmware
  Staple staple = Staple::ask;
};

struct TerminalPorts {
  const Clock& clock;
  Random& random;
  KnownPlatform* known = nullptr;  // shared by the devices that one program carries
};

struct InstallableKey {
  Slot slot;
  crypto::KeyBlockHeader header;
  SecretBytes key;
  std::string kcv;
};
// To be stored durably before the receipt is sent.
struct Installation {
  Suite suite;
  std::int64_t set;
  std::int64_t part;
  std::int64_t of;
  std::vector<InstallableKey> keys;
};

struct AwaitingServerHello {
  Transcript transcript;
  std::vector<std::string> offered;
  std::int64_t part;
};
struct AwaitingToken {
  Suite suite;
  SessionId session;
  Transcript transcript;
  std::int64_t part;
  std::optional<crypto::PublicKey> work_key;  // classic
  std::optional<Secret<32>> k;                // modern
};
struct AwaitingDelivery {
  Suite suite;
  SessionId session;
  Transcript transcript;
  std::int64_t part;
  SecretBytes tk;
};
struct AwaitingAck {
  Suite suite;
  Transcript transcript;
  SecretBytes tk;
  Ack expected;
  std::int64_t of;
};
struct Finished {
  std::int64_t set;
  std::int64_t part;
  std::int64_t of;  // part < of: ask for the next part (S322)
};
using TerminalState = std::variant<AwaitingServerHello, AwaitingToken, AwaitingDelivery, AwaitingAck, Finished>;

struct Outgoing {
  std::string_view route;  // "hello", "proof", "token", "receipt": POST /rki/v1/<route>
  std::string body;
};
struct TerminalStep {
  TerminalState next;
  std::optional<Outgoing> send;
  std::optional<Installation> install;
};

// S301
Result<TerminalStep> begin(const Identity& identity, std::int64_t part, TerminalPorts ports);
// The body of the platform's 200 answer to what was sent last. Code::refused: the platform did not prove itself (S315);
// Code::malformed: not a message of this protocol.
Result<TerminalStep> step(TerminalState state, std::string_view body, const Identity& identity, TerminalPorts ports);

}  // namespace tf::rki
