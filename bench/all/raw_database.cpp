#include "bench/all/raw_database.hpp"

namespace tf::bench {
namespace {

constexpr const char* kGround =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
    "CREATE TABLE audit_entries (node TEXT, seq BIGINT, at_ms BIGINT, actor TEXT, action TEXT, subject TEXT, outcome TEXT, reason TEXT,"
    " detail TEXT, hash BYTEA, PRIMARY KEY (node, seq));";

}  // namespace

Result<RawDatabase> RawDatabase::open(const std::string& path, const char* tables) {
  sqlite3* raw = nullptr;
  if (sqlite3_open(path.c_str(), &raw) != SQLITE_OK) return Error{Code::unavailable, "bench.sqlite", path};
  RawDatabase out(raw);
  for (const char* sql : {kGround, tables})
    if (sqlite3_exec(raw, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return Error{Code::internal, "bench.sqlite", sqlite3_errmsg(raw)};
  out.begin_ = out.prepare("BEGIN IMMEDIATE");
  out.commit_ = out.prepare("COMMIT");
  out.insert_audit_ = out.prepare("INSERT INTO audit_entries VALUES ('main', ?1, 1, 'terminal:TF1000000', 'rki.deliver', 'TF1000000', 'accepted', '', ?2, ?3)");
  return out;
}

void RawDatabase::audit() {
  sqlite3_bind_int64(insert_audit_.get(), 1, ++seq_);
  text(insert_audit_, 2, detail_);
  blob(insert_audit_, 3, 32);
  step(insert_audit_);
}

RawDatabase::Statement RawDatabase::prepare(const char* sql) const {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  return Statement(raw, sqlite3_finalize);
}

void RawDatabase::text(Statement& statement, int at, const std::string& value) {
  sqlite3_bind_text(statement.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
}

void RawDatabase::blob(Statement& statement, int at, int size) const { sqlite3_bind_blob(statement.get(), at, blob_.data(), size, SQLITE_STATIC); }

void RawDatabase::step(Statement& statement) {
  sqlite3_step(statement.get());
  sqlite3_reset(statement.get());
}

}  // namespace tf::bench
