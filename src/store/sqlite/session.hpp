// The port's Session over one connection.
#pragma once
#include <optional>

#include "store/session.hpp"
#include "store/sqlite/connection.hpp"

namespace tf::store::sqlite {

class SqliteSession final : public Session {
 public:
  SqliteSession(Connection& connection, Role role) : connection_(connection), role_(role) { start(); }

  Status script(std::string_view sql) override;

  // Begins anew: for the next member of a batch.
  void start();
  // Runs fn and judges it: an exception is an Error, and a statement that failed fails it even when fn says otherwise.
  Status run(FunctionRef<Status(Session&)> fn);
  // Has something been written since start()?
  [[nodiscard]] bool has_written() const;
  // The Error that ends the whole transaction, if there was one.
  [[nodiscard]] const std::optional<Error>& fatal() const { return fatal_; }

 protected:
  Status do_query(std::string_view sql, Values params, FunctionRef<Status(const Row&)> each) override;
  Result<std::int64_t> do_execute(std::string_view sql, Values params) override;

 private:
  Result<Lease> ready(std::string_view sql, Values params);
  Error fail(Error error);
  Error fail_step();

  Connection& connection_;
  const Role role_;
  std::optional<Error> failed_;
  std::optional<Error> fatal_;
  std::int64_t changes_before_ = 0;
  bool schema_changed_ = false;
};

}  // namespace tf::store::sqlite
