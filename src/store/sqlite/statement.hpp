// A prepared statement and its parameters.
#pragma once
#include <sqlite3.h>

#include <memory>
#include <optional>
#include <vector>

#include "store/session.hpp"

namespace tf::store::sqlite {

enum class Kind { reads, writes, schema };

// What may stand behind the port, by its first word: SELECT, VALUES, INSERT, UPDATE, DELETE, WITH; CREATE, ALTER and
// DROP in scripts. No PRAGMA, ATTACH or COMMIT. nullopt for all else.
std::optional<Kind> classify(std::string_view sql);

class Statement {
 public:
  // The first statement of sql; the others, if any, are left in rest (or refused when rest is null).
  static Result<std::unique_ptr<Statement>> prepare(sqlite3* db, std::string_view sql, std::string_view* rest);

  // Every $n takes params[n - 1], whatever the order they appear in; there must be as many as the highest n.
  Status bind(Values params);
  [[nodiscard]] int step() { return sqlite3_step(raw_.get()); }
  void reset() { sqlite3_reset(raw_.get()); }
  [[nodiscard]] bool empty() const { return raw_ == nullptr; }  // a comment or white space
  [[nodiscard]] bool reads_only() const { return sqlite3_stmt_readonly(raw_.get()) != 0; }
  [[nodiscard]] sqlite3_stmt* raw() const { return raw_.get(); }

  bool in_use = false;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}
  Status read_parameters();

  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
  std::vector<std::size_t> numbers_;  // numbers_[i] = n of SQLite's parameter i + 1
  std::size_t highest_ = 0;
};

// The row a statement stands on.
class StatementRow final : public Row {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] bool is_null(std::size_t column) const override;
  [[nodiscard]] std::int64_t integer(std::size_t column) const override;
  [[nodiscard]] std::string_view text_view(std::size_t column) const override;
  [[nodiscard]] ByteView bytes_view(std::size_t column) const override;
  [[nodiscard]] const std::optional<Error>& wrong_type() const { return wrong_type_; }

 protected:
  void mismatch(std::size_t column) const override;

 private:
  [[nodiscard]] bool is(std::size_t column, int type) const;
  sqlite3_stmt* statement_;
  mutable std::optional<Error> wrong_type_;
};

}  // namespace tf::store::sqlite
