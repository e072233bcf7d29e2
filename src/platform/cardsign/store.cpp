// Manufacturers, cards, holders, certificates on cards; payments and updates are in store_payments.cpp.
#include "platform/cardsign/store_air.hpp"

#include <algorithm>

#include "wire/fields.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

Bytes pack(const std::vector<Bytes>& chain) {
  wire::FieldWriter out;
  for (const Bytes& one : chain) out.field(ByteView(one));
  return out.take();
}

Result<std::vector<Bytes>> unpack(ByteView packed) {
  std::vector<Bytes> out;
  wire::FieldReader in(packed);
  while (!in.finish()) out.push_back(to_bytes(TF_TRY(in.field(16 * 1024))));
  return out;
}

constexpr string_view kHolders = "SELECT serial, container, user_id, state, code_ends_ms FROM cardsign_holders WHERE ";

constexpr string_view kRemoving = "removing";

std::vector<std::uint8_t> removals_in(bool withdrawn, const std::vector<Holder>& holders) {
  std::vector<std::uint8_t> out;
  for (const Holder& each : holders)
    if (!withdrawn && each.state == kRemoving) out.push_back(each.container);
  return out;
}

Holder read_holder(const Row& row) { return {row.text(0), static_cast<std::uint8_t>(row.integer(1)), row.text(2), row.text(3), row.integer(4)}; }

}  // namespace

vault::RowId scp03_row(const std::string& serial) { return {"cardsign_cards", serial + ".scp03", 1}; }
vault::RowId ota_row(const std::string& serial) { return {"cardsign_cards", serial + ".ota", 1}; }
vault::RowId puk_row(const std::string& serial, std::uint8_t container) { return {"cardsign_containers", serial + ".puk", container}; }

Status insert_manufacturer(Session& session, const ManufacturerRow& row) {
  const auto changed = TF_TRY(session.execute("INSERT INTO cardsign_manufacturers (fingerprint, name, der, added_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                                              {string_view(row.fingerprint), string_view(row.name), ByteView(row.der), row.added_ms}));
  return changed == 1 ? Status() : Status(Error{Code::conflict, "cardsign.manufacturer_known", "this root is in the register"});
}

Result<std::vector<ManufacturerRow>> load_manufacturers(Session& session) {
  std::vector<ManufacturerRow> out;
  TF_CHECK(session.query("SELECT fingerprint, name, der, added_ms FROM cardsign_manufacturers ORDER BY added_ms, fingerprint", {}, [&](const Row& row) -> Status {
    out.push_back({row.text(0), row.text(1), row.bytes(2), row.integer(3)});
    return {};
  }));
  return out;
}

Status insert_card(Session& session, const StoredCard& card) {
  const Bytes factory = pack(card.factory);
  const auto changed = TF_TRY(session.execute(
      "INSERT INTO cardsign_cards (serial, factory, channel, preset, scp03_kek, scp03, ota_kek, ota, ota_counter, wrong_codes, imported_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9) ON CONFLICT DO NOTHING",
      {string_view(card.serial), ByteView(factory), ByteView(card.channel), ByteView(card.preset), string_view(card.scp03.kek), ByteView(card.scp03.blob), string_view(card.ota.kek),
       ByteView(card.ota.blob), card.imported_ms}));
  if (changed != 1) return Error{Code::conflict, "cardsign.card_known", "the card " + card.serial + " is in the register"};
  TF_TRY(session.execute("INSERT INTO cardsign_counters (serial, payments) VALUES ($1, 0)", {string_view(card.serial)}));
  return {};
}

Result<std::optional<StoredCard>> load_card(Session& session, const std::string& serial) {
  return session.query_one("SELECT c.serial, factory, channel, preset, scp03_kek, scp03, ota_kek, ota, payments, wrong_codes, imported_ms, withdrawn_ms FROM cardsign_cards c "
                           "JOIN cardsign_counters n ON n.serial = c.serial WHERE c.serial = $1", {string_view(serial)}, [](const Row& row) -> Result<StoredCard> {
    return StoredCard{row.text(0), TF_TRY(unpack(row.bytes_view(1))), row.bytes(2), row.bytes(3), {row.text(4), row.bytes(5)}, {row.text(6), row.bytes(7)},
                      static_cast<std::uint64_t>(row.integer(8)), row.integer(9), row.integer(10), !row.is_null(11)};
  });
}

Result<std::optional<Holder>> load_holder(Session& session, const std::string& serial, std::uint8_t container) {
  return session.query_one(std::string(kHolders) + "serial = $1 AND container = $2", {string_view(serial), std::int64_t{container}}, read_holder);
}

Result<std::optional<Holder>> load_holder_by_code(Session& session, const Hash256& code_hash) {
  return session.query_one(std::string(kHolders) + "code_hash = $1", {ByteView(code_hash)}, read_holder);
}

Result<std::vector<Holder>> load_holders(Session& session, const std::string& serial) {
  std::vector<Holder> out;
  TF_CHECK(session.query(std::string(kHolders) + "serial = $1 ORDER BY container", {string_view(serial)}, [&](const Row& row) -> Status {
    out.push_back(read_holder(row));
    return {};
  }));
  return out;
}

Result<std::vector<std::uint8_t>> load_removals(Session& session, const std::string& serial) {
  const auto card = TF_TRY(load_card(session, serial));
  return card ? removals_in(card->withdrawn, TF_TRY(load_holders(session, serial))) : std::vector<std::uint8_t>();
}

Result<std::vector<std::string>> load_cards_to_remove_from(Session& session) {
  std::vector<std::string> out;
  TF_CHECK(session.query("SELECT DISTINCT serial FROM cardsign_holders WHERE state = $1", {kRemoving}, [&](const Row& row) -> Status {
    out.push_back(row.text(0));
    return {};
  }));
  return out;
}

// A row for each holder; one without, when nobody has the card.
Result<std::optional<cardsign::CardRow>> load_card_row(Session& session, const std::string& serial, std::uint8_t container) {
  std::optional<cardsign::CardRow> out;
  TF_CHECK(session.query("SELECT c.factory, c.channel, c.preset, c.withdrawn_ms, n.payments, h.container, h.user_id, h.state FROM cardsign_cards c "
                         "JOIN cardsign_counters n ON n.serial = c.serial LEFT JOIN cardsign_holders h ON h.serial = c.serial WHERE c.serial = $1 ORDER BY h.container",
                         {string_view(serial)}, [&](const Row& row) -> Status {
    if (!out) {
      out = cardsign::CardRow{.serial = serial, .user = {}, .container = container, .withdrawn = !row.is_null(3), .factory = TF_TRY(unpack(row.bytes_view(0))), .channel = row.bytes(1),
                              .preset = row.bytes(2), .counter = static_cast<std::uint64_t>(row.integer(4))};
    }
    if (row.is_null(5)) return {};
    const bool removing = row.text_view(7) == kRemoving;
    if (row.integer(5) == container) {
      out->user = row.text(6);
      out->removed = removing;
    }
    if (removing && !out->withdrawn) out->removals.push_back(static_cast<std::uint8_t>(row.integer(5)));
    return {};
  }));
  return out;
}

std::string state_of(const StoredCard& card, const std::vector<Holder>& holders) {
  if (card.withdrawn) return "withdrawn";
  if (std::ranges::any_of(holders, [](const Holder& it) { return it.state == "enrolled"; })) return "enrolled";
  if (!holders.empty()) return "assigned";
  return card.preset.empty() ? "known" : "preset";
}

Status assign_card(Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms) {
  const auto card = TF_TRY(load_card(session, holder.serial));
  if (!card) return Error{Code::not_found, "cardsign.no_card", "there is no card " + holder.serial + " in the register"};
  if (card->withdrawn) return Error{Code::conflict, "cardsign.withdrawn", "the card was withdrawn"};
  const auto before = TF_TRY(load_holder(session, holder.serial, holder.container));
  if (before && before->user != holder.user) return Error{Code::conflict, "cardsign.assigned", "it is " + before->user + "'s"};
  if (before && before->state == kRemoving) return being_removed();
  // Another code is another enrolment: what an earlier one stored is made anew.
  TF_TRY(session.execute("UPDATE cardsign_certificates SET stored_ms = NULL WHERE serial = $1 AND container = $2", {string_view(holder.serial), std::int64_t{holder.container}}));
  TF_TRY(session.execute("INSERT INTO cardsign_holders (serial, container, user_id, state, code_hash, code_ends_ms, assigned_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                         "ON CONFLICT (serial, container) DO UPDATE SET state = $4, code_hash = $5, code_ends_ms = $6, assigned_ms = $7",
                         {string_view(holder.serial), std::int64_t{holder.container}, string_view(holder.user), string_view(holder.state), ByteView(code_hash), holder.code_ends_ms, now_ms}));
  return {};
}

Error being_removed() { return {Code::conflict, "cardsign.removing", "the container is being removed: the card has to come for a session first"}; }

Status withdraw_card(Session& session, const std::string& serial, std::int64_t now_ms) {
  const auto changed = TF_TRY(session.execute("UPDATE cardsign_cards SET withdrawn_ms = $2 WHERE serial = $1 AND withdrawn_ms IS NULL", {string_view(serial), now_ms}));
  if (changed == 0) {
    if (!TF_TRY(load_card(session, serial))) return Error{Code::not_found, "cardsign.no_card", "there is no card " + serial + " in the register"};
    return Error{Code::conflict, "cardsign.withdrawn", "the card was withdrawn already"};
  }
  TF_TRY(session.execute("UPDATE cardsign_holders SET code_hash = NULL WHERE serial = $1", {string_view(serial)}));
  TF_TRY(session.execute("UPDATE cardsign_updates SET state = 'void' WHERE serial = $1 AND state = 'waiting'", {string_view(serial)}));
  TF_TRY(session.execute("UPDATE cardsign_containers SET puk_kek = '', puk = $2 WHERE serial = $1", {string_view(serial), ByteView()}));
  return put_number(session, serial, "", now_ms);  // the telephone has another card soon
}

Result<std::int64_t> count_wrong_code(Session& session, const std::string& serial) {
  TF_TRY(session.execute("UPDATE cardsign_cards SET wrong_codes = wrong_codes + 1 WHERE serial = $1", {string_view(serial)}));
  return TF_TRY(session.query_one("SELECT wrong_codes FROM cardsign_cards WHERE serial = $1", {string_view(serial)}, [](const Row& row) { return row.integer(0); })).value_or(0);
}

Result<std::vector<SlotRow>> load_slots(Session& session, const std::string& serial) {
  std::vector<SlotRow> out;
  TF_CHECK(session.query("SELECT slot, container, certificate_serial, der, stored_ms FROM cardsign_certificates WHERE serial = $1 ORDER BY container, slot", {string_view(serial)},
                         [&](const Row& row) -> Status {
    out.push_back({TF_TRY(cardsign::parse_slot(row.text_view(0))), static_cast<std::uint8_t>(row.integer(1)), row.text(2), row.bytes(3), !row.is_null(4)});
    return {};
  }));
  return out;
}

Status check_code(Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms) {
  const auto row = TF_TRY(load_holder_by_code(session, code_hash));
  if (row && row->serial == holder.serial && row->container == holder.container && now_ms < row->code_ends_ms) return {};
  return Error{Code::refused, "cardsign.code_used", "the code was used up or withdrawn meanwhile"};
}

Result<std::string> put_issued(Session& session, const Holder& holder, const Hash256& code_hash, const SlotRow& row, std::int64_t now_ms) {
  TF_CHECK(check_code(session, holder, code_hash, now_ms));
  const auto before = TF_TRY(session.query_one("SELECT certificate_serial FROM cardsign_certificates WHERE serial = $1 AND container = $2 AND slot = $3",
                                               {string_view(holder.serial), std::int64_t{holder.container}, name_of(row.slot)}, [](const Row& each) { return each.text(0); }));
  TF_TRY(session.execute("INSERT INTO cardsign_certificates (serial, container, slot, certificate_serial, der, issued_ms) VALUES ($1, $2, $3, $4, $5, $6) "
                         "ON CONFLICT (serial, container, slot) DO UPDATE SET certificate_serial = $4, der = $5, issued_ms = $6, stored_ms = NULL",
                         {string_view(holder.serial), std::int64_t{holder.container}, name_of(row.slot), string_view(row.certificate_serial), ByteView(row.der), now_ms}));
  return before.value_or("");
}

Status put_stored(Session& session, const Holder& holder, const Hash256& code_hash, const SlotRow& row, bool last, std::int64_t now_ms) {
  TF_CHECK(check_code(session, holder, code_hash, now_ms));
  const auto changed = TF_TRY(session.execute("UPDATE cardsign_certificates SET stored_ms = $5 WHERE serial = $1 AND container = $2 AND slot = $3 AND certificate_serial = $4",
                                              {string_view(holder.serial), std::int64_t{holder.container}, name_of(row.slot), string_view(row.certificate_serial), now_ms}));
  if (changed != 1) return Error{Code::refused, "cardsign.superseded", "another enrolment of the card took over"};
  if (!last) return {};
  TF_TRY(session.execute("UPDATE cardsign_holders SET state = 'enrolled', code_hash = NULL WHERE serial = $1 AND container = $2", {string_view(holder.serial), std::int64_t{holder.container}}));
  TF_TRY(session.execute("UPDATE cardsign_cards SET wrong_codes = 0 WHERE serial = $1", {string_view(holder.serial)}));
  return {};
}

}  // namespace tf::platform
