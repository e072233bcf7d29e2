// Payments, updates, alarms.
#include "ca/register.hpp"
#include "crypto/digest.hpp"
#include "platform/cardsign/store.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

constexpr string_view kPaymentColumns =
    "SELECT id, merchant, order_number, amount, currency, subject, user_id, expires_ms, state, signed_by, serial, signed FROM cardsign_payments WHERE ";

PaymentRow read_payment(const Row& row) {
  PaymentRow out{.order = {.payment = row.text(0), .merchant = row.text(1), .number = row.text(2), .amount = row.integer(3), .currency = row.text(4), .subject = row.text(5),
                           .user = row.text(6), .expires_ms = row.integer(7)},
                 .state = row.text(8), .signed_by = row.text(9), .serial = row.text(10)};
  if (out.state == "signed") out.digest = crypto::sha256(row.bytes_view(11));
  return out;
}

Error no_longer(const std::optional<PaymentRow>& row) {
  if (!row) return {Code::refused, "cardsign.no_payment", "there is no such payment"};
  if (row->state == "expired") return {Code::refused, "cardsign.payment_expired", "its time is over"};
  return {Code::refused, "cardsign.payment_signed", "it was paid meanwhile"};
}

}  // namespace

Result<PaymentRow> place_order(Session& session, const cardsign::Order& order, std::int64_t now_ms) {
  TF_TRY(session.execute("INSERT INTO cardsign_payments (id, merchant, order_number, amount, currency, subject, user_id, expires_ms, created_ms, state, signed_by, serial, container, "
                         "card_counter, suite, signed, signature, certificate_serial) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', '', '', 0, 0, '', $10, $10, '') "
                         "ON CONFLICT DO NOTHING",
                         {string_view(order.payment), string_view(order.merchant), string_view(order.number), order.amount, string_view(order.currency), string_view(order.subject),
                          string_view(order.user), order.expires_ms, now_ms, ByteView()}));
  auto row = TF_TRY(session.query_one(std::string(kPaymentColumns) + "merchant = $1 AND order_number = $2", {string_view(order.merchant), string_view(order.number)}, read_payment));
  if (!row) return Error{Code::integrity, "cardsign.no_payment", "an order is there and is not"};
  return std::move(*row);
}

Result<std::optional<PaymentRow>> load_payment(Session& session, const std::string& id) {
  return session.query_one(std::string(kPaymentColumns) + "id = $1", {string_view(id)}, read_payment);
}

Status sign_order(Session& session, const cardsign::SignedPayment& it, const std::string& certificate_serial, std::int64_t now_ms) {
  const auto changed = TF_TRY(session.execute(
      "UPDATE cardsign_payments SET state = 'signed', signed_by = $2, serial = $3, container = $4, card_counter = $5, suite = $6, signed = $7, signature = $8, certificate_serial = $9, "
      "signed_ms = $10 WHERE id = $1 AND state = 'open' AND expires_ms > $10",
      {string_view(it.payment), string_view(it.user), string_view(it.serial), std::int64_t{it.container}, static_cast<std::int64_t>(it.counter), name_of(it.suite), ByteView(it.octets),
       ByteView(it.signature), string_view(certificate_serial), now_ms}));
  if (changed != 1) {
    auto row = TF_TRY(load_payment(session, it.payment));
    if (row && row->state == "open") row->state = "expired";
    return no_longer(row);
  }
  const auto raised = TF_TRY(session.execute("UPDATE cardsign_counters SET payments = $2 WHERE serial = $1 AND payments < $2 AND EXISTS (SELECT 1 FROM cardsign_cards c WHERE c.serial = $1 AND c.withdrawn_ms IS NULL) "
                                             "AND EXISTS (SELECT 1 FROM cardsign_holders h WHERE h.serial = $1 AND h.container = $3 AND h.user_id = $4 AND h.state <> 'removing')",
                                             {string_view(it.serial), static_cast<std::int64_t>(it.counter), std::int64_t{it.container}, string_view(it.user)}));
  if (raised != 1) {
    const auto card = TF_TRY(load_card(session, it.serial));
    if (!card || card->withdrawn) return Error{Code::refused, "cardsign.withdrawn", "the card was withdrawn meanwhile"};
    const auto holder = TF_TRY(load_holder(session, it.serial, it.container));
    if (!holder || holder->user != it.user || holder->state == "removing") return cardsign::removed_from_card();
    return Error{Code::refused, "cardsign.counter", "the payment counter of the card did not rise"};
  }
  if (certificate_serial.empty()) return {};
  if (!TF_TRY(ca::is_issued(session, certificate_serial))) return Error{Code::refused, "cardsign.certificate_revoked", "the certificate was revoked meanwhile"};
  return {};
}

Result<std::int64_t> expire_orders(Session& session, std::int64_t now_ms) {
  return session.execute("UPDATE cardsign_payments SET state = 'expired' WHERE state = 'open' AND expires_ms <= $1", {now_ms});
}

Result<std::vector<cardsign::Update>> load_updates(Session& session, const std::string& serial, std::size_t most) {
  std::vector<cardsign::Update> out;
  TF_CHECK(session.query("SELECT id, container, slot, certificate FROM cardsign_updates WHERE serial = $1 AND state = 'waiting' ORDER BY queued_ms, id LIMIT $2",
                         {string_view(serial), static_cast<std::int64_t>(most)}, [&](const Row& row) -> Status {
    out.push_back({row.text(0), static_cast<std::uint8_t>(row.integer(1)), TF_TRY(cardsign::parse_slot(row.text_view(2))), row.bytes(3)});
    return {};
  }));
  return out;
}

// A newer certificate for the slot makes one that waits still needless.
Status queue_update(Session& session, const std::string& serial, const cardsign::Update& update, const std::string& certificate_serial, const std::string& replaces, std::int64_t now_ms) {
  const auto now_there = TF_TRY(session.query_one("SELECT certificate_serial FROM cardsign_certificates WHERE serial = $1 AND container = $2 AND slot = $3",
                                                  {string_view(serial), std::int64_t{update.container}, name_of(update.slot)}, [](const Row& row) { return row.text(0); }));
  if (now_there != replaces) return Error{Code::conflict, "cardsign.superseded", "the slot got another certificate meanwhile, or its person was taken off the card"};
  TF_TRY(session.execute("UPDATE cardsign_updates SET state = 'void' WHERE serial = $1 AND container = $2 AND slot = $3 AND state = 'waiting'",
                         {string_view(serial), std::int64_t{update.container}, name_of(update.slot)}));
  TF_TRY(session.execute("INSERT INTO cardsign_updates (id, serial, container, slot, certificate_serial, certificate, replaces, state, queued_ms) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8)",
                         {string_view(update.id), string_view(serial), std::int64_t{update.container}, name_of(update.slot), string_view(certificate_serial), ByteView(update.certificate),
                          string_view(replaces), now_ms}));
  return {};
}

Result<std::uint64_t> reserve_counters(Session& session, const std::string& serial, std::size_t count) {
  const auto changed = TF_TRY(session.execute("UPDATE cardsign_cards SET ota_counter = ota_counter + $2 WHERE serial = $1", {string_view(serial), static_cast<std::int64_t>(count)}));
  if (changed != 1) return Error{Code::not_found, "cardsign.no_card", "there is no card " + serial + " in the register"};
  const auto now = TF_TRY(session.query_one("SELECT ota_counter FROM cardsign_cards WHERE serial = $1", {string_view(serial)}, [](const Row& row) { return row.integer(0); }));
  return static_cast<std::uint64_t>(now.value_or(0)) - count + 1;
}

Result<std::string> finish_update(Session& session, const std::string& id, std::int64_t now_ms) {
  const auto replaces = TF_TRY(session.query_one("SELECT replaces FROM cardsign_updates WHERE id = $1 AND state = 'waiting'", {string_view(id)}, [](const Row& row) { return row.text(0); }));
  if (!replaces) return std::string();
  TF_TRY(session.execute("UPDATE cardsign_certificates SET certificate_serial = u.certificate_serial, der = u.certificate, stored_ms = $2 FROM cardsign_updates u "
                         "WHERE u.id = $1 AND cardsign_certificates.serial = u.serial AND cardsign_certificates.container = u.container AND cardsign_certificates.slot = u.slot",
                         {string_view(id), now_ms}));
  TF_TRY(session.execute("UPDATE cardsign_updates SET state = 'done', done_ms = $2 WHERE id = $1", {string_view(id), now_ms}));
  return *replaces;
}

Status raise_cardsign_alarm(Session& session, const std::string& id, string_view kind, const std::string& serial, const std::string& user, const std::string& payment, std::int64_t now_ms) {
  TF_TRY(session.execute("INSERT INTO cardsign_alarms (id, at_ms, kind, serial, user_id, payment, state) VALUES ($1, $2, $3, $4, $5, $6, 'open') ON CONFLICT DO NOTHING",
                         {string_view(id), now_ms, kind, string_view(serial), string_view(user), string_view(payment)}));
  return {};
}

}  // namespace tf::platform
