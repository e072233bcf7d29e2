// Cards and accounts a user pays with. Number and expiry are sealed by the vault; the outside knows a token and a masked number.
// The same number twice for one user is the same instrument.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "payment/front_end.hpp"
#include "platform/context.hpp"

namespace tf::platform {

struct NewInstrument {
  std::string wallet;   // kind of e-wallet ("alipay"); empty: a card
  SecretBytes number;   // card: 12 to 19 digits, the last one Luhn's; account: 1 to 64 printable characters
  std::string expiry;   // card: YYMM
  bool has_pin = true;  // the payment PIN belongs to it
};

struct InstrumentRow {
  std::string token;
  std::string registration;
  std::string masked;   // "622202******1234", "bu***@example.com"
  std::string prefix;   // card: its first six digits, for routing
  std::string wallet;
  bool has_pin = false;
  std::int64_t added_ms = 0;
  vault::Wrapped sealed{};  // number and expiry; only load_instrument() and load_instruments() read it
};

class WalletInstruments final : public payment::Instruments {
 public:
  // Makes the key of the fingerprints when there is none.
  static Result<std::unique_ptr<WalletInstruments>> open(Context& context);

  // Code::invalid "wallet.card_number", "wallet.card_expiry", "wallet.account"; Code::refused "wallet.too_many_instruments".
  // also: in the same transaction; it may run more than once.
  using Also = std::function<Status(store::Session&)>;
  Result<InstrumentRow> enrol(const std::string& actor, const std::string& registration, NewInstrument instrument, const Also& also = {});
  // Code::not_found "wallet.no_instrument" unless it is that registration's.
  Status close(const std::string& actor, const std::string& registration, const std::string& token, const Also& also = {});
  [[nodiscard]] Result<std::vector<InstrumentRow>> list(const std::string& registration) const;
  // Told of every registration whose instruments may be others, after that is durable. Before anybody enrols.
  void on_change(std::function<void(const std::string& registration)> told) { told_.push_back(std::move(told)); }

  // What load_instrument() read of one that is about to be used: its front end need not read it again.
  void remember(const InstrumentRow& row);
  // One that is remembered; whether it is open still the transaction that uses it has to ask.
  [[nodiscard]] std::optional<InstrumentRow> remembered(const std::string& registration, const std::string& token) const;
  [[nodiscard]] Result<Card> card(const std::string& token) override;
  [[nodiscard]] Result<SecretBytes> account(const std::string& token) override;

 private:
  WalletInstruments(Context& context, vault::Wrapped key) : context_(context), fingerprint_key_(std::move(key)) {}
  [[nodiscard]] Result<std::pair<SecretBytes, std::string>> open_sealed(const std::string& token) const;
  [[nodiscard]] Result<SecretBytes> open_kept(const std::string& token) const;
  void tell(const std::string& registration) const;

  Context& context_;
  vault::Wrapped fingerprint_key_;
  std::vector<std::function<void(const std::string&)>> told_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, InstrumentRow> kept_;  // by token; as sealed as in their rows
};

inline constexpr std::int64_t kMostInstruments = 20;  // of one registration
// Where they are kept, for a rewrap of all rows.
vault::SymmetricSpec fingerprint_spec();
vault::RowId fingerprint_row();
vault::RowId instrument_row(const std::string& token);

// The user's, open; nothing where there is none.
Result<std::optional<InstrumentRow>> load_instrument(store::Session& session, const std::string& registration, const std::string& token);
Result<std::vector<InstrumentRow>> load_instruments(store::Session& session, const std::string& registration);
Result<bool> is_open_instrument(store::Session& session, const std::string& registration, const std::string& token);
// Open, and no other is.
Result<bool> is_only_instrument(store::Session& session, const std::string& registration, const std::string& token);

}  // namespace tf::platform
