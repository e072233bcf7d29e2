// One transaction, as the repositories see it: portable SQL with $1, $2 … in, rows out.
// Types: BIGINT or INTEGER (std::int64_t), TEXT (UTF-8 without NUL), BYTEA (bytes), and NULL.
#pragma once
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/function_ref.hpp"

namespace tf::store {

// A parameter: NULL, integer, text or bytes. Text and bytes are views that live during the call.
using Value = std::variant<std::monostate, std::int64_t, std::string_view, ByteView>;
using Values = std::span<const Value>;
inline constexpr std::monostate kNull{};

// One row of an answer, columns counted from 0. Asking for the wrong type (or for a value where there is NULL) gives
// an empty value and makes the query fail with Code::integrity "store.column_type".
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool is_null(std::size_t column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(std::size_t column) const = 0;
  [[nodiscard]] virtual std::string_view text_view(std::size_t column) const = 0;  // until the next row
  [[nodiscard]] virtual ByteView bytes_view(std::size_t column) const = 0;         // until the next row

  [[nodiscard]] std::string text(std::size_t column) const { return std::string(text_view(column)); }
  [[nodiscard]] Bytes bytes(std::size_t column) const { return to_bytes(bytes_view(column)); }
  // Exactly N bytes; any other length is a wrong type.
  template <std::size_t N>
  [[nodiscard]] ByteArray<N> array(std::size_t column) const {
    ByteArray<N> out{};
    const ByteView stored = bytes_view(column);
    if (stored.size() == N) {
      std::copy(stored.begin(), stored.end(), out.begin());
    } else {
      mismatch(column);
    }
    return out;
  }

 protected:
  virtual void mismatch(std::size_t column) const = 0;
};

namespace detail {
template <class T>
struct unwrapped {
  using type = T;
};
template <class T>
struct unwrapped<Result<T>> {
  using type = T;
};
}  // namespace detail

// A transaction (inside write) or a read snapshot (inside read). The first statement that fails fails the whole
// transaction: later statements return the same error, whatever the caller does with the first.
class Session {
 public:
  virtual ~Session() = default;

  // Runs one statement and hands over its rows. An Error from each stops it and is returned.
  Status query(std::string_view sql, Values params, FunctionRef<Status(const Row&)> each) {
    return do_query(sql, params, each);
  }
  Status query(std::string_view sql, std::initializer_list<Value> params, FunctionRef<Status(const Row&)> each) {
    return do_query(sql, Values(params.begin(), params.size()), each);
  }

  // Runs one statement and returns the number of rows it changed.
  Result<std::int64_t> execute(std::string_view sql, Values params) { return do_execute(sql, params); }
  Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> params = {}) {
    return do_execute(sql, Values(params.begin(), params.size()));
  }

  // At most one row, made into a value by read (which returns T or Result<T>); nullopt when there is none. A second
  // row is Code::internal "store.more_than_one_row".
  template <class F>
  auto query_one(std::string_view sql, Values params, F&& read) {
    using T = typename detail::unwrapped<std::invoke_result_t<F&, const Row&>>::type;
    using Out = Result<std::optional<T>>;
    std::optional<T> found;
    const Status done = do_query(sql, params, [&](const Row& row) -> Status {
      if (found) return Error{Code::internal, "store.more_than_one_row", "at most one row was expected"};
      if constexpr (std::is_same_v<T, std::invoke_result_t<F&, const Row&>>) {
        found.emplace(read(row));
      } else {
        found.emplace(TF_TRY(read(row)));
      }
      return {};
    });
    if (!done) return Out(done.error());
    return Out(std::move(found));
  }
  template <class F>
  auto query_one(std::string_view sql, std::initializer_list<Value> params, F&& read) {
    return query_one(sql, Values(params.begin(), params.size()), std::forward<F>(read));
  }

  // Several statements without parameters, CREATE, ALTER and DROP among them; for migrations.
  virtual Status script(std::string_view sql) = 0;

 protected:
  virtual Status do_query(std::string_view sql, Values params, FunctionRef<Status(const Row&)> each) = 0;
  virtual Result<std::int64_t> do_execute(std::string_view sql, Values params) = 0;
};

}  // namespace tf::store
