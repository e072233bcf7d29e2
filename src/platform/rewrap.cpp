#include "platform/rewrap.hpp"

#include <fmt/format.h>

#include <optional>

#include "platform/access/store.hpp"
#include "platform/rki/store.hpp"

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

struct Table {
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

constexpr Table kTables[] = {
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
};

Status take_over(Context& context, Session& session, const Table& table, const Held& held) {
  const vault::Wrapped fresh = TF_TRY(held.spec ? context.vault.rewrap({held.wrapped, *held.spec, held.row})
                                                : context.vault.rewrap_record(held.wrapped, held.row));
  std::vector<store::Value> values{string_view(fresh.kek), ByteView(fresh.blob)};
  for (const std::string& part : held.key) values.emplace_back(string_view(part));
  values.emplace_back(string_view(held.wrapped.kek));
  const auto changed = TF_TRY(session.execute(table.update, store::Values(values)));
  return changed == 1 ? Status() : Status(Error{Code::conflict, "vault.rewrap", "a row changed meanwhile: is the platform running?"});
}

// One durable batch; how many rows.
Result<std::int64_t> rewrap_some(Context& context, const Table& table, const std::string& kek) {
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
  for (const Table& table : kTables) {
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
