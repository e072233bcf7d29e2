// Rows of cardsign: manufacturers, cards and who has them, certificates on them, payments, updates, alarms. Statements run in the
// caller's transaction. A container of a card is one user's; container 0 is there on every card.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "protocols/cardsign/payment.hpp"
#include "protocols/cardsign/update.hpp"
#include "store/session.hpp"
#include "vault/vault.hpp"

namespace tf::platform {

vault::RowId scp03_row(const std::string& serial);
vault::RowId ota_row(const std::string& serial);
vault::RowId puk_row(const std::string& serial, std::uint8_t container);

struct ManufacturerRow {
  std::string fingerprint;  // of the certificate, hex
  std::string name;
  Bytes der;
  std::int64_t added_ms = 0;
};
Status insert_manufacturer(store::Session& session, const ManufacturerRow& row);  // Code::conflict "cardsign.manufacturer_known"
Result<std::vector<ManufacturerRow>> load_manufacturers(store::Session& session);

struct StoredCard {
  std::string serial;
  std::vector<Bytes> factory;
  Bytes channel;
  Bytes preset;  // DER; empty: none
  vault::Wrapped scp03, ota;
  std::uint64_t counter = 0;      // of its last payment
  std::int64_t wrong_codes = 0;
  std::int64_t imported_ms = 0;
  bool withdrawn = false;
};
Status insert_card(store::Session& session, const StoredCard& card);  // Code::conflict "cardsign.card_known"
Result<std::optional<StoredCard>> load_card(store::Session& session, const std::string& serial);

struct Holder {
  std::string serial;
  std::uint8_t container = 0;
  std::string user;
  std::string state;  // "assigned", "enrolled", "removing" (until it is off the card)
  std::int64_t code_ends_ms = 0;
};
Result<std::optional<Holder>> load_holder(store::Session& session, const std::string& serial, std::uint8_t container);
Result<std::optional<Holder>> load_holder_by_code(store::Session& session, const Hash256& code_hash);
Result<std::vector<Holder>> load_holders(store::Session& session, const std::string& serial);
// The code is still that of the holder's container. Code::refused "cardsign.code_used".
Status check_code(store::Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms);

// Containers that are to be deleted on the card; none of one that was withdrawn.
Result<std::vector<std::uint8_t>> load_removals(store::Session& session, const std::string& serial);

Result<std::vector<std::string>> load_cards_to_remove_from(store::Session& session);

// As sessions want it: nothing when the card is not in the register.
Result<std::optional<cardsign::CardRow>> load_card_row(store::Session& session, const std::string& serial, std::uint8_t container);

// "known", "preset", "assigned", "enrolled", "withdrawn".
std::string state_of(const StoredCard& card, const std::vector<Holder>& holders);

// A code for its user. Code::not_found "cardsign.no_card"; Code::conflict "cardsign.withdrawn", "cardsign.assigned" (another user's), "cardsign.removing".
Status assign_card(store::Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms);

// A container that the platform makes on a card.
struct ContainerRow {
  std::string state;    // "ordered", "intended", "made"
  vault::Wrapped puk;   // nothing once it is made
};
Result<std::optional<ContainerRow>> load_container(store::Session& session, const std::string& serial, std::uint8_t container);
// The user's that waits to be made, or else the lowest number from 1 on that nobody has. Code::conflict "cardsign.containers_full".
Result<std::uint8_t> next_container(store::Session& session, const std::string& serial, const std::string& user);
// For a further person on a card that is in use. puk: none where one waits there already. As assign_card(), and Code::conflict "cardsign.not_enrolled",
// "cardsign.has_container" (the user, another one of the card), "cardsign.container_made", "cardsign.assigned" also for one that the manufacturer made.
Status order_container(store::Session& session, const Holder& holder, const Hash256& code_hash, const std::optional<vault::Wrapped>& puk, std::int64_t now_ms);
// By the session of its holder's code, which must hold still: Code::refused "cardsign.code_used".
Status intend_container(store::Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms);
Status finish_container(store::Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms);

// A further person, with code and certificates, off the card: what was never made there is gone at once, anything else waits for the card to come.
// certificates: the person's on this card that are to be revoked in the same transaction. Said again: the same. Code::not_found "cardsign.no_card",
// "cardsign.no_container"; Code::conflict "cardsign.withdrawn".
struct Removal {
  std::string user;
  bool waits = false;
  bool again = false;  // it was ordered before
  std::vector<std::string> certificates;
};
Error being_removed();  // Code::conflict "cardsign.removing"
Result<Removal> order_removal(store::Session& session, const std::string& serial, std::uint8_t container);
// The card says that it is not there any more: the number is free. The user, "" when nothing was to be removed; certificates as above, of late ones.
Result<Removal> finish_removal(store::Session& session, const std::string& serial, std::uint8_t container);

// Code::not_found "cardsign.no_card"; Code::conflict "cardsign.withdrawn".
Status withdraw_card(store::Session& session, const std::string& serial, std::int64_t now_ms);
// The wrong tries of the card so far; 0 when it is not in the register.
Result<std::int64_t> count_wrong_code(store::Session& session, const std::string& serial);

struct SlotRow {
  cardsign::Slot slot = cardsign::Slot::payment;
  std::uint8_t container = 0;
  std::string certificate_serial;
  Bytes der;
  bool stored = false;
};
Result<std::vector<SlotRow>> load_slots(store::Session& session, const std::string& serial);
// A certificate was issued for a new key; the serial number of the one before in the slot, "" for none. Its code must hold still:
// Code::refused "cardsign.code_used".
Result<std::string> put_issued(store::Session& session, const Holder& holder, const Hash256& code_hash, const SlotRow& row, std::int64_t now_ms);
// It is on the card. last: the code is used up, the holder enrolled.
Status put_stored(store::Session& session, const Holder& holder, const Hash256& code_hash, const SlotRow& row, bool last, std::int64_t now_ms);

// --- payments -------------------------------------------------------------------------------------------------------

struct PaymentRow {
  cardsign::Order order;
  std::string state;      // "open", "signed", "expired"
  std::string signed_by;  // user
  std::string serial;     // card
  Hash256 digest{};       // of what was signed
};
// The row as it is afterwards: one that was there for (merchant, number) already is left as it is.
Result<PaymentRow> place_order(store::Session& session, const cardsign::Order& order, std::int64_t now_ms);
Result<std::optional<PaymentRow>> load_payment(store::Session& session, const std::string& id);
// State, counter and evidence in one. Code::refused "cardsign.payment_signed", "cardsign.payment_expired", "cardsign.counter",
// "cardsign.withdrawn", "cardsign.removed", "cardsign.certificate_revoked". certificate_serial: of our authority; "" for a preset one, which has no standing of its own.
Status sign_order(store::Session& session, const cardsign::SignedPayment& payment, const std::string& certificate_serial, std::int64_t now_ms);
Result<std::int64_t> expire_orders(store::Session& session, std::int64_t now_ms);

// --- updates --------------------------------------------------------------------------------------------------------

Result<std::vector<cardsign::Update>> load_updates(store::Session& session, const std::string& serial, std::size_t most);
// Code::conflict "cardsign.superseded" unless the slot has the certificate that it replaces.
Status queue_update(store::Session& session, const std::string& serial, const cardsign::Update& update, const std::string& certificate_serial, const std::string& replaces,
                    std::int64_t now_ms);
// The first of so many counters that nobody else gets. Code::not_found "cardsign.no_card".
Result<std::uint64_t> reserve_counters(store::Session& session, const std::string& serial, std::size_t count);
// The certificate is on the card; the serial number of the one it replaces.
Result<std::string> finish_update(store::Session& session, const std::string& id, std::int64_t now_ms);

// Once while it is open.
Status raise_cardsign_alarm(store::Session& session, const std::string& id, std::string_view kind, const std::string& serial, const std::string& user, const std::string& payment,
                            std::int64_t now_ms);

}  // namespace tf::platform
