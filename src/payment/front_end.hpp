// A front end: the way to a card network or an e-wallet. The platform has the order in its books before it calls one; a
// front end carries a payment out, asks about it and undoes it, and keeps nothing that the books do not have.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "vault/vault.hpp"

namespace tf::payment {

struct Money {
  std::int64_t minor = 0;  // in the currency's smallest unit: fen, cents
  std::string currency;    // ISO 4217, three letters: "CNY"
  friend bool operator==(const Money&, const Money&) = default;
};

// What a front end has to know of a payment, to carry it out or to ask about it later. All of it is in the books.
struct Payment {
  std::string transaction;  // ours: 20 digits, unique for ever
  std::uint32_t trace = 0;  // 1 to 999 999, counted for each front end (ISO 8583 field 11)
  std::int64_t at_ms = 0;   // when it was first sent; does not change when it is repeated
  Money amount;
  std::string merchant;     // its number at the front end, at most 15 characters of A–Z, a–z, 0–9
  std::string terminal;     // at most 8 characters of A–Z, 0–9: the point of sale (ISO 8583 field 41)
  std::string subject;      // what is paid for, for people
  std::string instrument;   // token of the card or account that pays
};

// A part or all of a captured payment given back.
struct Refund {
  std::string transaction;  // of the refund: ours, as above
  std::uint32_t trace = 0;
  std::int64_t at_ms = 0;
  Money amount;
  Payment original;
  std::string original_reference;  // the front end's number of the original
};

// ISO 9564 format 4 under the session's PIN key; only the vault opens it. It is never stored.
struct PinBlock {
  vault::Wrapped key;
  vault::SymmetricSpec spec;
  vault::RowId row;
  Bytes block;  // 16 octets
};

enum class Verdict {
  done,      // carried out (paid, undone, given back), for the whole amount asked
  declined,  // not carried out, and it will not be
  unknown,   // no answer, or none that can be believed: ask or undo, never guess
};

struct Outcome {
  Verdict verdict = Verdict::unknown;
  std::string code;       // the front end's response code ("00", "TRADE_SUCCESS"); ours where it gave none ("timeout")
  std::string reference;  // the front end's own number, for its people; empty when it gave none
};

// The secret part of an instrument, opened for one call.
class Instruments {
 public:
  virtual ~Instruments() = default;
  struct Card {
    SecretBytes pan;        // digits
    std::string expiry;     // YYMM
  };
  [[nodiscard]] virtual Result<Card> card(const std::string& token) = 0;
  [[nodiscard]] virtual Result<SecretBytes> account(const std::string& token) = 0;  // the buyer's id at the e-wallet
};

class FrontEnd {
 public:
  // Called once, on any thread, also after a time-out or at a stop; not necessarily before the call returns.
  using Done = std::move_only_function<void(Outcome)>;

  virtual ~FrontEnd() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  // Its line is up, and it answered lately: what routing asks.
  [[nodiscard]] virtual bool healthy() const = 0;
  // How an unknown payment is settled: a card network is told to undo it (0400), an e-wallet can be asked.
  enum class Resolves { by_reversal, by_query };
  [[nodiscard]] virtual Resolves resolves() const = 0;

  virtual void pay(const Payment& payment, std::optional<PinBlock> pin, Done done) = 0;
  // The phone's direct path: makes the order at the network's own gateway, where the phone pays it by itself, until until_ms at most. The
  // payment has no instrument. done: made, and the reference is its number there, for the phone; declined: it was not made and will not
  // be. No money moves by it; query, reverse and refund are as of any payment.
  [[nodiscard]] virtual bool takes_phones() const { return false; }
  virtual void order_for_phone(const Payment&, std::int64_t /*until_ms*/, Done done) { done({Verdict::declined, "no_direct_path", {}}); }
  // done: it was paid; declined: it was not, and will not be.
  virtual void query(const Payment& payment, Done done) = 0;
  // done: undone, or it never was; declined: it stands.
  virtual void reverse(const Payment& payment, Done done) = 0;
  // May be repeated with the same Refund: the money goes back once.
  virtual void refund(const Refund& refund, Done done) = 0;
};

}  // namespace tf::payment
