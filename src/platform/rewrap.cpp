#include "platform/rewrap.hpp"

#include <fmt/format.h>

#include <optional>

#include "payment/notices/merchants.hpp"
#include "platform/access/store.hpp"
#include "platform/cardsign/store.hpp"
#include "platform/rki/store.hpp"
#include "platform/wallet/card_keys.hpp"
#include "platform/wallet/instruments.hpp"
#include "platform/wallet/store.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

constexpr std::int64_t kBatch = 500;

// A row as its table keeps it: the columns that name it, and what the vault calls it. Without a spec it is a data row.
struct Held {
  std::vector<std::string> key;
  std::optional<vault::SymmetricSpec> spec;
  vault::RowId row;
  vault::Wrapped wrapped;
};

struct WrappedTable {
  const char* select;  // $1: the new KEK, $2: how many
  const char* update;  // $1: KEK, $2: blob, $3 …: the columns that name the row; $n + 1: the KEK it had
  Result<Held> (*read)(const Row& row);
};

Result<Held> read_dik1(const Row& row) {
  const auto suite = TF_TRY(rki::parse_suite(row.text_view(1)));
  return Held{{row.text(0), row.text(1)}, dik1_spec(suite), dik1_row(row.text_view(0), suite), {row.text(2), row.bytes(3)}};
}

Result<Held> read_key(const Row& row) {
  const auto dsn = TF_TRY(wire::Dsn::parse(row.text_view(0)));
  const auto slot = TF_TRY(rki::parse_slot(row.text(2)));
  const auto suite = TF_TRY(rki::parse_suite(row.text_view(3)));
  return Held{{row.text(0), std::to_string(row.integer(1)), row.text(2)}, rki::spec_of(suite, slot), rki::row_of(dsn, slot, row.integer(1)),
              {row.text(4), row.bytes(5)}};
}

Result<Held> read_access(const Row& row) {
  const auto suite = TF_TRY(access::parse_suite(row.text_view(1)));
  return Held{{row.text(0)}, access::dkey_spec(suite), access::dkey_row(row.text_view(0)), {row.text(2), row.bytes(3)}};
}

Result<Held> read_zone(const Row& row) {
  const auto algorithm = TF_TRY(vault::parse_symmetric_algorithm(row.text(1)));
  return Held{{row.text(0)}, vault::SymmetricSpec(algorithm, static_cast<std::size_t>(row.integer(2)), vault::SymmetricPurpose::zone), {"zones", row.text(0), 1},
              {row.text(3), row.bytes(4)}};
}

Result<Held> read_component(const Row& row) {
  const auto algorithm = TF_TRY(vault::parse_symmetric_algorithm(row.text(2)));
  return Held{{row.text(0), row.text(1)},
              vault::SymmetricSpec(algorithm, static_cast<std::size_t>(row.integer(3)), vault::SymmetricPurpose::component),
              {"zone_components", row.text(0) + "/" + row.text(1), 1}, {row.text(4), row.bytes(5)}};
}

Result<Held> read_merchant(const Row& row) {
  return Held{{row.text(0)}, payment::webhook_spec(), payment::webhook_row(row.text(0)), {row.text(1), row.bytes(2)}};
}

// Of a registration: the person is data; what is empty has no KEK.
Result<Held> read_person(const Row& row) { return Held{{row.text(0)}, std::nullopt, person_row(row.text(0)), {row.text(1), row.bytes(2)}}; }
Result<Held> read_codes(const Row& row) { return Held{{row.text(0)}, wallet::derive_spec(), wallet::codes_row(row.text(0)), {row.text(1), row.bytes(2)}}; }
Result<Held> read_info3(const Row& row) { return Held{{row.text(0)}, wallet::derive_spec(), wallet::info3_row(row.text(0)), {row.text(1), row.bytes(2)}}; }
Result<Held> wrapped_instrument(const Row& row) { return Held{{row.text(0)}, std::nullopt, instrument_row(row.text(0)), {row.text(1), row.bytes(2)}}; }
Result<Held> read_fingerprint(const Row& row) { return Held{{row.text(0)}, fingerprint_spec(), fingerprint_row(), {row.text(1), row.bytes(2)}}; }

Result<Held> read_card_key(const Row& row, const char* which, vault::SymmetricPurpose purpose) {
  const auto algorithm = TF_TRY(vault::parse_symmetric_algorithm(row.text(2)));
  return Held{{row.text(0), std::to_string(row.integer(1))}, vault::SymmetricSpec(algorithm, static_cast<std::size_t>(row.integer(3)), purpose),
              {frontends::card::kKeyTable, row.text(0) + which, row.integer(1)}, {row.text(4), row.bytes(5)}};
}
Result<Held> read_card_pin(const Row& row) { return read_card_key(row, ".pin", vault::SymmetricPurpose::zone_pin); }
Result<Held> read_card_mac(const Row& row) { return read_card_key(row, ".mac", vault::SymmetricPurpose::zone_mac); }

Result<Held> read_scp03(const Row& row) { return Held{{row.text(0)}, std::nullopt, scp03_row(row.text(0)), {row.text(1), row.bytes(2)}}; }
Result<Held> read_ota(const Row& row) { return Held{{row.text(0)}, std::nullopt, ota_row(row.text(0)), {row.text(1), row.bytes(2)}}; }

Result<Held> read_puk(const Row& row) {
  return Held{{row.text(0), std::to_string(row.integer(1))}, std::nullopt, puk_row(row.text(0), static_cast<std::uint8_t>(row.integer(1))), {row.text(2), row.bytes(3)}};
}

constexpr WrappedTable kTables[] = {
    {"SELECT batch, suite, kek, wrapped FROM rki_dik1 WHERE kek <> $1 LIMIT $2",
     "UPDATE rki_dik1 SET kek = $1, wrapped = $2 WHERE batch = $3 AND suite = $4 AND kek = $5", read_dik1},
    {"SELECT dsn, set_no, slot, suite, kek, wrapped FROM rki_keys WHERE kek <> $1 LIMIT $2",
     "UPDATE rki_keys SET kek = $1, wrapped = $2 WHERE dsn = $3 AND set_no = CAST($4 AS BIGINT) AND slot = $5 AND kek = $6", read_key},
    {"SELECT key_id, suite, kek, wrapped FROM access_keys WHERE kek <> $1 LIMIT $2",
     "UPDATE access_keys SET kek = $1, wrapped = $2 WHERE key_id = $3 AND kek = $4", read_access},
    {"SELECT name, cipher, size, kek, wrapped FROM zones WHERE wrapped IS NOT NULL AND kek <> $1 LIMIT $2",
     "UPDATE zones SET kek = $1, wrapped = $2 WHERE name = $3 AND kek = $4", read_zone},
    {"SELECT c.zone, c.custodian, z.cipher, z.size, c.kek, c.wrapped FROM zone_components c JOIN zones z ON z.name = c.zone WHERE c.kek <> $1 LIMIT $2",
     "UPDATE zone_components SET kek = $1, wrapped = $2 WHERE zone = $3 AND custodian = $4 AND kek = $5", read_component},
    {"SELECT merchant, kek, wrapped FROM payment_merchants WHERE kek <> $1 LIMIT $2",
     "UPDATE payment_merchants SET kek = $1, wrapped = $2 WHERE merchant = $3 AND kek = $4", read_merchant},
    {"SELECT id, person_kek, person FROM wallet_registrations WHERE person_kek <> $1 LIMIT $2",
     "UPDATE wallet_registrations SET person_kek = $1, person = $2 WHERE id = $3 AND person_kek = $4", read_person},
    {"SELECT id, codes_kek, codes FROM wallet_registrations WHERE codes_kek <> '' AND codes_kek <> $1 LIMIT $2",
     "UPDATE wallet_registrations SET codes_kek = $1, codes = $2 WHERE id = $3 AND codes_kek = $4", read_codes},
    {"SELECT id, info3_kek, info3 FROM wallet_registrations WHERE info3_kek <> '' AND info3_kek <> $1 LIMIT $2",
     "UPDATE wallet_registrations SET info3_kek = $1, info3 = $2 WHERE id = $3 AND info3_kek = $4", read_info3},
    {"SELECT name, kek, wrapped FROM wallet_keys WHERE kek <> $1 LIMIT $2",
     "UPDATE wallet_keys SET kek = $1, wrapped = $2 WHERE name = $3 AND kek = $4", read_fingerprint},
    {"SELECT token, kek, sealed FROM wallet_instruments WHERE kek <> $1 LIMIT $2",
     "UPDATE wallet_instruments SET kek = $1, sealed = $2 WHERE token = $3 AND kek = $4", wrapped_instrument},
    {"SELECT front_end, generation, pin_algorithm, pin_size, pin_kek, pin FROM card_keys WHERE pin_kek <> $1 LIMIT $2",
     "UPDATE card_keys SET pin_kek = $1, pin = $2 WHERE front_end = $3 AND generation = CAST($4 AS BIGINT) AND pin_kek = $5", read_card_pin},
    {"SELECT serial, scp03_kek, scp03 FROM cardsign_cards WHERE scp03_kek <> $1 LIMIT $2",
     "UPDATE cardsign_cards SET scp03_kek = $1, scp03 = $2 WHERE serial = $3 AND scp03_kek = $4", read_scp03},
    {"SELECT serial, ota_kek, ota FROM cardsign_cards WHERE ota_kek <> $1 LIMIT $2",
     "UPDATE cardsign_cards SET ota_kek = $1, ota = $2 WHERE serial = $3 AND ota_kek = $4", read_ota},
    {"SELECT serial, container, puk_kek, puk FROM cardsign_containers WHERE puk_kek <> '' AND puk_kek <> $1 LIMIT $2",
     "UPDATE cardsign_containers SET puk_kek = $1, puk = $2 WHERE serial = $3 AND container = CAST($4 AS BIGINT) AND puk_kek = $5", read_puk},
    {"SELECT front_end, generation, mac_algorithm, mac_size, mac_kek, mac FROM card_keys WHERE mac_kek <> $1 LIMIT $2",
     "UPDATE card_keys SET mac_kek = $1, mac = $2 WHERE front_end = $3 AND generation = CAST($4 AS BIGINT) AND mac_kek = $5", read_card_mac},
};

Status take_over(Context& context, Session& session, const WrappedTable& table, const Held& held) {
  const vault::Wrapped fresh = TF_TRY(held.spec ? context.vault.rewrap({held.wrapped, *held.spec, held.row})
                                                : context.vault.rewrap_record(held.wrapped, held.row));
  std::vector<store::Value> values{string_view(fresh.kek), ByteView(fresh.blob)};
  for (const std::string& part : held.key) values.emplace_back(string_view(part));
  values.emplace_back(string_view(held.wrapped.kek));
  const auto changed = TF_TRY(session.execute(table.update, store::Values(values)));
  return changed == 1 ? Status() : Status(Error{Code::conflict, "vault.rewrap", "a row changed meanwhile: is the platform running?"});
}

// One durable batch; how many rows.
Result<std::int64_t> rewrap_some(Context& context, const WrappedTable& table, const std::string& kek) {
  std::vector<Held> held;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    return session.query(table.select, {string_view(kek), kBatch}, [&](const Row& row) -> Status {
      held.push_back(TF_TRY(table.read(row)));
      return {};
    });
  }));
  TF_CHECK(context.database.write([&](Session& session) -> Status {
    for (const Held& each : held) TF_CHECK(take_over(context, session, table, each));
    return {};
  }));
  return static_cast<std::int64_t>(held.size());
}

}  // namespace

Result<RewrapReport> rewrap_all(Context& context, const std::string& actor, const std::function<void(std::int64_t)>& progress) {
  RewrapReport out;
  if (context.vault.state().keks.size() == 1) TF_TRY(context.vault.rotate_kek());
  const std::vector<std::string> keks = context.vault.state().keks;
  for (const WrappedTable& table : kTables) {
    for (std::int64_t some = -1; some != 0;) {
      some = TF_TRY(rewrap_some(context, table, keks.back()));
      progress(out.rows += some);
    }
  }
  out.retired.assign(keks.begin(), keks.end() - 1);
  TF_CHECK(perform_act(context, {actor, "vault.rewrap", keks.back(), fmt::format(R"({{"rows":{},"retired":{}}})", out.rows, out.retired.size())},
                       [](Session&) -> Status { return {}; }));
  for (const std::string& old : out.retired) TF_CHECK(context.vault.retire_kek(old));
  return out;
}

}  // namespace tf::platform
