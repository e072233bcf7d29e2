#include "bench/all/rki/floor.hpp"

#include "bench/all/raw_database.hpp"

namespace tf::bench {
namespace {

constexpr int kOperations = 3000;

constexpr const char* kRki =
    "CREATE TABLE terminals (dsn TEXT NOT NULL PRIMARY KEY, model TEXT, grp TEXT, suites TEXT, completed_set BIGINT, completed_at_ms BIGINT);"
    "CREATE TABLE rki_keys (dsn TEXT NOT NULL, set_no BIGINT NOT NULL, slot TEXT NOT NULL, part INTEGER, suite TEXT, kek TEXT, wrapped BYTEA,"
    " kcv TEXT, status TEXT, grace_until_ms BIGINT, PRIMARY KEY (dsn, set_no, slot));"
    "CREATE UNIQUE INDEX one_active ON rki_keys (dsn, slot) WHERE status = 'active';";

std::string name_of(const char* prefix, int number) { return prefix + std::to_string(1'000'000 + number); }

}  // namespace

Result<double> download_rows_cpu_us(Company& company, const std::string& path, int members_per_commit) {
  auto database = TF_TRY(RawDatabase::open(path, kRki));
  auto terminal = database.prepare("INSERT INTO terminals VALUES (?1, 'TF-M1', 'new', 'modern', 0, NULL)");
  auto key = database.prepare("INSERT INTO rki_keys VALUES (?1, 1, ?2, 1, 'modern', 'kek-1', ?3, 'A1B2C3', 'delivered', NULL)");
  auto activate = database.prepare("UPDATE rki_keys SET status = 'active' WHERE dsn = ?1 AND set_no = 1 AND part = 1 AND status IN ('delivered', 'active')");
  auto complete = database.prepare("UPDATE terminals SET completed_set = 1, completed_at_ms = 1 WHERE dsn = ?1");
  const auto with_dsn = [&](RawDatabase::Statement& statement, int number) {
    RawDatabase::text(statement, 1, name_of("TF", number));
    RawDatabase::step(statement);
  };
  in_a_row(database, kOperations, kOperations, [&](int number) { with_dsn(terminal, number); });
  const double delivery = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    for (const char* slot : {"tmk", "pin", "mac", "data"}) {
      RawDatabase::text(key, 2, slot);
      database.blob(key, 3, 60);
      with_dsn(key, number);
    }
    database.audit();
  }));
  const double receipt = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    with_dsn(activate, number);
    with_dsn(complete, number);
    database.audit();
  }));
  return delivery + receipt;
}

}  // namespace tf::bench
