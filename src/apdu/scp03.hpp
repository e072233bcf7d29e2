// GlobalPlatform Secure Channel Protocol 03 (Card Specification 2.3, amendment D 1.2), both ends, as bytes in and bytes out: INITIALIZE UPDATE, EXTERNAL
// AUTHENTICATE, then commands with C-MAC and C-ENC and answers with R-MAC and R-ENC. AES with keys of 16, 24 or 32 octets; MACs of 8 octets (S8 mode); random
// card challenges (i = 60).
//
// A wrapped command may be longer than a short APDU takes: it is wrapped as a whole (its Lc in the MAC is three octets above 255) and the way to the
// card chains it (apdu/channel.hpp); the answer is wrapped as a whole and fetched by GET RESPONSE. The card joins and cuts outside of the session.
//
// An answer whose status word is an error (neither 9000, 62xx nor 63xx) is not protected (§6.2.5): whoever relays it can make it up.
#pragma once
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>

#include "apdu/command.hpp"
#include "apdu/response.hpp"
#include "base/ports.hpp"
#include "base/secret.hpp"

namespace tf::apdu::scp03 {

inline constexpr std::uint8_t kInitializeUpdate = 0x50;     // INS, with class 80
inline constexpr std::uint8_t kExternalAuthenticate = 0x82;  // INS, with class 84
inline constexpr std::size_t kMacSize = 8;
// Security levels (table 7-5): all of it, or commands alone.
inline constexpr std::uint8_t kCommandMac = 0x01, kCommandEncryption = 0x02, kAnswerMac = 0x10, kAnswerEncryption = 0x20;
inline constexpr std::uint8_t kEverything = 0x33;

// The card's own, as the manufacturer handed them over; all three of one size. dek encrypts keys and PINs inside commands.
struct StaticKeys {
  SecretBytes enc, mac, dek;
  [[nodiscard]] StaticKeys clone() const { return {enc.clone(), mac.clone(), dek.clone()}; }
  [[nodiscard]] bool valid() const;
};

// Session keys and what both ends count.
struct Session {
  SecretBytes s_enc, s_mac, s_rmac;
  Bytes chaining = Bytes(16);   // MAC chaining value
  std::uint64_t counter = 0;    // of wrapped commands
  std::uint8_t level = 0;
};

// The host: begin() → initialize_update() → external_authenticate(answer) → established(answer) → wrap() and unwrap() in turns. Several commands
// may be wrapped before their answers come, which are unwrapped in the same order. When one of them is answered by an error and others were wrapped
// after it, the session is over: beginning anew is safer than a second command under the same counter.
class HostSession {
 public:
  // Code::invalid "scp03.keys". key_version 0: the card's first.
  static Result<HostSession> begin(const StaticKeys& keys, Random& random, std::uint8_t key_version = 0, std::uint8_t level = kEverything);
  HostSession(HostSession&&) = default;
  HostSession& operator=(HostSession&&) = default;

  [[nodiscard]] CommandApdu initialize_update() const;
  // Verifies the card's cryptogram. Code::refused "scp03.initialize_update" (status word), "scp03.cryptogram"; Code::malformed "scp03.initialize_update".
  Result<CommandApdu> external_authenticate(const ResponseApdu& answer);
  // Code::refused "scp03.external_authenticate".
  Status established(const ResponseApdu& answer);
  [[nodiscard]] bool is_open() const { return state_ == State::open; }

  // Code::conflict "scp03.closed"; Code::invalid "apdu.too_long". Its Le is the largest, as the protection adds to the answer.
  Result<CommandApdu> wrap(const CommandApdu& plain);
  // The answer to the oldest command that was wrapped. An error status word is handed on as it is. Code::refused "scp03.mac", "scp03.padding", after
  // which the session is closed; Code::conflict "scp03.closed" when nothing is awaited.
  Result<ResponseApdu> unwrap(const ResponseApdu& wrapped);
  [[nodiscard]] std::size_t awaited() const { return awaited_.size(); }
  // data, encrypted by the static DEK (AES-CBC, zero IV, whole blocks), for keys and PINs inside commands (§6.2.8).
  [[nodiscard]] Result<Bytes> encrypt_sensitive(const SecretBytes& data) const;

 private:
  enum class State { begun, authenticated, open, closed };
  struct Awaited {
    Bytes chaining;
    std::uint64_t counter;
  };
  HostSession(StaticKeys keys, ByteArray<8> challenge, std::uint8_t version, std::uint8_t level);
  Error close(const char* reason, const char* detail);
  StaticKeys keys_;
  ByteArray<8> challenge_;
  std::uint8_t version_;
  Session session_;
  State state_ = State::begun;
  std::deque<Awaited> awaited_ = {};
};

// The card: initialize_update() → external_authenticate() → unwrap() and wrap() for each command. What is wrong with the protection closes the session.
class CardSession {
 public:
  struct Identity {
    ByteArray<10> diversification{};  // whatever tells the host which card it has
    std::uint8_t key_version = 1;
  };
  // The answer to INITIALIZE UPDATE: data, or a status word. Ends a session that was open.
  std::expected<Bytes, StatusWord> initialize_update(const CommandApdu& command, const StaticKeys& keys, const Identity& identity, Random& random);
  // 9000, 6985 (no INITIALIZE UPDATE before), 6300 (cryptogram), 6988 (MAC), 6700, 6A86 (a level that this card does not take: less than C-MAC and C-ENC).
  StatusWord external_authenticate(const CommandApdu& command);
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] std::uint8_t level() const { return open_ ? session_->level : 0; }
  // The command without its protection. 6982 when no session is open; 6988 when the MAC is wrong, 6A80 when the padding is: the session is over.
  std::expected<CommandApdu, StatusWord> unwrap(const CommandApdu& wrapped);
  // The answer to the command that was unwrapped last.
  [[nodiscard]] Result<ResponseApdu> wrap(const ResponseApdu& plain) const;
  void close();

 private:
  std::optional<Session> session_ = {};
  Bytes expected_ = {};  // the host's cryptogram
  bool open_ = false;
};

// What encrypt_sensitive() made. Code::malformed "scp03.sensitive" unless it is whole blocks.
Result<SecretBytes> decrypt_sensitive(const StaticKeys& keys, ByteView encrypted);

// §4.1.5: the key derivation of SP 800-108 in counter mode with AES-CMAC. constant: 00 card cryptogram, 01 host cryptogram, 04 S-ENC, 06 S-MAC,
// 07 S-RMAC; context: host challenge and card challenge; size in octets.
SecretBytes derive(ByteView key, std::uint8_t constant, ByteView context, std::size_t size);

}  // namespace tf::apdu::scp03
