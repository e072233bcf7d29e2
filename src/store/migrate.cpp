#include <fmt/format.h>

#include "store/database.hpp"

namespace tf::store {
namespace {

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " component TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (component, version))";

Status check_order(std::span<const Migration> migrations) {
  int before = 0;
  for (const Migration& migration : migrations) {
    if (migration.version <= before)
      return Error{Code::internal, "store.migration_order", fmt::format("{} is out of order", migration.name)};
    before = migration.version;
  }
  return {};
}

Result<std::int64_t> applied_version(Session& session, std::string_view component) {
  const auto found = TF_TRY(session.query_one(
      "SELECT COALESCE(MAX(version), 0) FROM schema_migrations WHERE component = $1", {component},
      [](const Row& row) { return row.integer(0); }));
  return found.value_or(0);
}

Status refuse_newer(std::string_view component, std::int64_t applied, std::int64_t known) {
  if (applied <= known) return {};
  return Error{Code::conflict, "store.schema_newer",
               fmt::format("the database has version {} of {}, this program knows {}", applied, component, known)};
}

Status apply(Session& session, std::string_view component, std::span<const Migration> migrations) {
  TF_CHECK(session.script(kTable));
  const std::int64_t applied = TF_TRY(applied_version(session, component));
  TF_CHECK(refuse_newer(component, applied, migrations.empty() ? 0 : migrations.back().version));
  for (const Migration& migration : migrations) {
    if (migration.version <= applied) continue;
    TF_CHECK(session.script(migration.sql));
    TF_CHECK(session.execute("INSERT INTO schema_migrations (component, version, name) VALUES ($1, $2, $3)",
                             {component, migration.version, migration.name}));
  }
  return {};
}

}  // namespace

Status Database::migrate(std::string_view component, std::span<const Migration> migrations) {
  TF_CHECK(check_order(migrations));
  if (!read_only()) return write([&](Session& session) { return apply(session, component, migrations); });
  return read([&](Session& session) -> Status {
    const std::int64_t known = migrations.empty() ? 0 : migrations.back().version;
    const std::int64_t applied = TF_TRY(applied_version(session, component));
    TF_CHECK(refuse_newer(component, applied, known));
    if (applied == known) return {};
    return Error{Code::conflict, "store.schema_older",
                 fmt::format("the database has version {} of {}, this program needs {}", applied, component, known)};
  });
}

}  // namespace tf::store
