#include "platform/wallet/instruments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "protocols/wallet/check_digit.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::platform {
namespace {

using store::Row;
using std::string_view;

constexpr string_view kInstrumentColumns = "SELECT token, registration, masked, prefix, wallet, has_pin, added_ms FROM wallet_instruments WHERE closed_ms IS NULL AND ";

InstrumentRow read_instrument(const Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5) != 0, row.integer(6)};
}

constexpr std::size_t kMostKept = 4096;

bool digits(string_view text) { return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }); }

Status check_card(const NewInstrument& card) {
  const string_view number = as_text(card.number.reveal());
  if (number.size() < 12 || number.size() > 19 || !digits(number) || !wallet::has_check_digit(number))
    return Error{Code::invalid, "wallet.card_number", "a card number has 12 to 19 digits, of which the last is a check digit"};
  const std::string& expiry = card.expiry;
  if (expiry.size() != 4 || !digits(expiry) || expiry.substr(2) < "01" || expiry.substr(2) > "12")
    return Error{Code::invalid, "wallet.card_expiry", "an expiry date is YYMM"};
  return {};
}

Status check_account(const NewInstrument& account) {
  const string_view id = as_text(account.number.reveal());
  const bool printable = std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7f; });
  if (id.empty() || id.size() > 64 || !printable) return Error{Code::invalid, "wallet.account", "an account is 1 to 64 printable characters"};
  if (account.wallet.size() > 16 || account.wallet.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    return Error{Code::invalid, "wallet.account", "a kind of wallet is up to 16 of a–z 0–9 -"};
  return {};
}

// First six and last four of a card (PCI DSS 3.4); of an account the first two, and what follows an @.
std::string masked(const NewInstrument& instrument) {
  const std::string number(as_text(instrument.number.reveal()));
  if (instrument.wallet.empty()) return number.substr(0, 6) + std::string(number.size() - 10, '*') + number.substr(number.size() - 4);
  const std::size_t at = number.find('@');
  return number.substr(0, std::min<std::size_t>(2, number.size() / 2)) + "***" + (at == std::string::npos ? "" : number.substr(at));
}

}  // namespace

vault::SymmetricSpec fingerprint_spec() { return {vault::SymmetricAlgorithm::hmac, 32, vault::SymmetricPurpose::fingerprint}; }
vault::RowId fingerprint_row() { return {"wallet_keys", "fingerprint", 1}; }
vault::RowId instrument_row(const std::string& token) { return {"wallet_instruments", token, 1}; }

Result<std::unique_ptr<WalletInstruments>> WalletInstruments::open(Context& context) {
  const auto made = TF_TRY(context.vault.generate(fingerprint_spec(), fingerprint_row()));
  vault::Wrapped key;
  TF_CHECK(context.database.write([&](store::Session& session) -> Status {
    TF_TRY(session.execute("INSERT INTO wallet_keys (name, kek, wrapped) VALUES ('fingerprint', $1, $2) ON CONFLICT DO NOTHING",
                           {string_view(made.wrapped.kek), ByteView(made.wrapped.blob)}));
    return session.query("SELECT kek, wrapped FROM wallet_keys WHERE name = 'fingerprint'", {}, [&](const Row& row) -> Status {
      key = {row.text(0), row.bytes(1)};
      return {};
    });
  }));
  return std::unique_ptr<WalletInstruments>(new WalletInstruments(context, std::move(key)));
}

Result<InstrumentRow> WalletInstruments::enrol(const std::string& actor, const std::string& registration, NewInstrument instrument, const Also& also) {
  TF_CHECK(instrument.wallet.empty() ? check_card(instrument) : check_account(instrument));
  const std::int64_t now = context_.clock.now_ms();
  InstrumentRow row{.token = wire::hex_lower(context_.random.array<16>()), .registration = registration, .masked = masked(instrument),
                    .prefix = instrument.wallet.empty() ? std::string(as_text(instrument.number.reveal().first(6))) : "", .wallet = instrument.wallet,
                    .has_pin = instrument.has_pin, .added_ms = now};
  Bytes named = wire::FieldWriter().field(instrument.wallet).field(instrument.number.reveal()).take();
  const auto spec = fingerprint_spec();
  const auto key_row = fingerprint_row();
  const Hash256 fingerprint = TF_TRY(context_.vault.fingerprint({fingerprint_key_, spec, key_row}, named));
  wipe(named.data(), named.size());
  Bytes plain = wire::FieldWriter().field(instrument.number.reveal()).field(instrument.expiry).take();
  const SecretBytes secret{ByteView(plain)};
  wipe(plain.data(), plain.size());
  const vault::Wrapped sealed = TF_TRY(context_.vault.seal_record(secret, instrument_row(row.token)));
  const InstrumentRow made = row;
  TF_CHECK(perform_act(context_, {actor, "wallet.instrument_enrol", registration, "{\"masked\":\"" + row.masked + "\"}"}, [&](store::Session& session) -> Status {
    row = made;
    if (also) TF_CHECK(also(session));
    const auto known = TF_TRY(session.query_one("SELECT token, registration, masked, prefix, wallet, has_pin, added_ms FROM wallet_instruments "
                                                "WHERE closed_ms IS NULL AND registration = $1 AND fingerprint = $2",
                                                {string_view(registration), ByteView(fingerprint)}, read_instrument));
    if (known) {
      row = *known;
      return {};
    }
    const auto count = TF_TRY(session.query_one("SELECT COUNT(*) FROM wallet_instruments WHERE closed_ms IS NULL AND registration = $1", {string_view(registration)},
                                                [](const Row& each) { return each.integer(0); }));
    if (count.value_or(0) >= kMostInstruments)
      return Error{Code::refused, "wallet.too_many_instruments", fmt::format("a user has at most {} cards and accounts", kMostInstruments)};
    TF_TRY(session.execute("INSERT INTO wallet_instruments (token, registration, kind, masked, prefix, wallet, has_pin, fingerprint, kek, sealed, added_ms) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                           {string_view(row.token), string_view(registration), string_view(row.wallet.empty() ? "card" : "account"), string_view(row.masked),
                            string_view(row.prefix), string_view(row.wallet), std::int64_t{row.has_pin}, ByteView(fingerprint), string_view(sealed.kek),
                            ByteView(sealed.blob), now}));
    return {};
  }));
  tell(registration);
  return row;
}

Status WalletInstruments::close(const std::string& actor, const std::string& registration, const std::string& token, const Also& also) {
  const std::int64_t now = context_.clock.now_ms();
  TF_CHECK(perform_act(context_, {actor, "wallet.instrument_close", registration, "{\"token\":\"" + token + "\"}"}, [&](store::Session& session) -> Status {
    if (also) TF_CHECK(also(session));
    const auto changed = TF_TRY(session.execute("UPDATE wallet_instruments SET closed_ms = $3 WHERE token = $1 AND registration = $2 AND closed_ms IS NULL",
                                                {string_view(token), string_view(registration), now}));
    return changed == 1 ? Status() : Status(Error{Code::not_found, "wallet.no_instrument", "this user has no such card or account"});
  }));
  tell(registration);
  return {};
}

void WalletInstruments::tell(const std::string& registration) const {
  for (const auto& told : told_) told(registration);
}

Result<std::vector<InstrumentRow>> WalletInstruments::list(const std::string& registration) const {
  std::vector<InstrumentRow> out;
  TF_CHECK(context_.database.read([&](store::Session& session) {
    out.clear();
    return session.query(std::string(kInstrumentColumns) + "registration = $1 ORDER BY added_ms, token", {string_view(registration)}, [&](const Row& row) -> Status {
      out.push_back(read_instrument(row));
      return {};
    });
  }));
  return out;
}

Result<std::optional<InstrumentRow>> load_instrument(store::Session& session, const std::string& registration, const std::string& token) {
  return session.query_one("SELECT token, registration, masked, prefix, wallet, has_pin, added_ms, kek, sealed FROM wallet_instruments "
                           "WHERE closed_ms IS NULL AND token = $1 AND registration = $2",
                           {string_view(token), string_view(registration)}, [](const Row& row) {
                             InstrumentRow out = read_instrument(row);
                             out.sealed = {row.text(7), row.bytes(8)};
                             return out;
                           });
}

Result<std::vector<InstrumentRow>> load_instruments(store::Session& session, const std::string& registration) {
  std::vector<InstrumentRow> out;
  TF_CHECK(session.query("SELECT token, registration, masked, prefix, wallet, has_pin, added_ms, kek, sealed FROM wallet_instruments "
                         "WHERE closed_ms IS NULL AND registration = $1", {string_view(registration)}, [&](const Row& row) -> Status {
    out.push_back(read_instrument(row));
    out.back().sealed = {row.text(7), row.bytes(8)};
    return {};
  }));
  // A few: the database would make a table to sort them in.
  std::ranges::sort(out, {}, [](const InstrumentRow& it) { return std::tie(it.added_ms, it.token); });
  return out;
}

Result<bool> is_open_instrument(store::Session& session, const std::string& registration, const std::string& token) {
  return TF_TRY(session.query_one("SELECT registration FROM wallet_instruments WHERE token = $1 AND closed_ms IS NULL", {string_view(token)},
                                  [&](const Row& row) { return row.text_view(0) == registration; })).value_or(false);
}

Result<bool> is_only_instrument(store::Session& session, const std::string& registration, const std::string& token) {
  bool found = false, other = false;
  TF_CHECK(session.query("SELECT token FROM wallet_instruments WHERE registration = $1 AND closed_ms IS NULL LIMIT 2", {string_view(registration)}, [&](const Row& row) -> Status {
    (row.text_view(0) == token ? found : other) = true;
    return {};
  }));
  return found && !other;
}

void WalletInstruments::remember(const InstrumentRow& row) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMostKept) kept_.clear();
  InstrumentRow& kept = kept_[row.token];
  if (kept.sealed != row.sealed) kept = row;
}

std::optional<InstrumentRow> WalletInstruments::remembered(const std::string& registration, const std::string& token) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(token);
  if (found == kept_.end() || found->second.registration != registration) return std::nullopt;
  return found->second;
}

// A row is never sealed anew but under another KEK: where it does not open any more, the table has the one that does.
Result<SecretBytes> WalletInstruments::open_kept(const std::string& token) const {
  std::optional<vault::Wrapped> sealed;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(token); found != kept_.end()) sealed = found->second.sealed;
  }
  if (sealed)
    if (auto opened = context_.vault.open_record(*sealed, instrument_row(token))) return opened;
  sealed.reset();
  TF_CHECK(context_.database.read([&](store::Session& session) {
    return session.query("SELECT kek, sealed FROM wallet_instruments WHERE token = $1", {string_view(token)}, [&](const Row& row) -> Status {
      sealed = vault::Wrapped{row.text(0), row.bytes(1)};
      return {};
    });
  }));
  if (!sealed) return Error{Code::not_found, "wallet.no_instrument", "there is no card or account " + token};
  return context_.vault.open_record(*sealed, instrument_row(token));
}

// Closed ones too: a refund or a reversal may still be on its way.
Result<std::pair<SecretBytes, std::string>> WalletInstruments::open_sealed(const std::string& token) const {
  const SecretBytes plain = TF_TRY(open_kept(token));
  wire::FieldReader in(plain.reveal());
  SecretBytes number{TF_TRY(in.field(64))};
  std::string expiry(as_text(TF_TRY(in.field(4))));
  TF_CHECK(in.finish());
  return std::pair(std::move(number), std::move(expiry));
}

Result<payment::Instruments::Card> WalletInstruments::card(const std::string& token) {
  auto opened = TF_TRY(open_sealed(token));
  return Card{std::move(opened.first), std::move(opened.second)};
}

Result<SecretBytes> WalletInstruments::account(const std::string& token) { return std::move(TF_TRY(open_sealed(token)).first); }

}  // namespace tf::platform
