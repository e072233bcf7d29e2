#include "store/sqlite/statement.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <charconv>

#include "store/sqlite/errors.hpp"
#include "store/text.hpp"

namespace tf::store::sqlite {
namespace {

std::string_view without_leading_space(std::string_view sql) {
  for (;;) {
    const std::size_t start = sql.find_first_not_of(" \t\r\n;");
    if (start == std::string_view::npos) return {};
    sql.remove_prefix(start);
    if (!sql.starts_with("--")) return sql;
    const std::size_t end = sql.find('\n');
    if (end == std::string_view::npos) return {};
    sql.remove_prefix(end);
  }
}

bool begins_with(std::string_view sql, std::string_view word) {
  return sql.size() > word.size() && strncasecmp(sql.data(), word.data(), word.size()) == 0;
}

Error wrong_parameters(std::string_view what) { return {Code::internal, "store.parameters", std::string(what)}; }

int bind_one(sqlite3_stmt* statement, int index, const Value& value) {
  // A null pointer would bind NULL where an empty value was meant.
  static constexpr char kNothing[] = "";
  switch (value.index()) {
    case 1: return sqlite3_bind_int64(statement, index, std::get<1>(value));
    case 2: {
      const std::string_view text = std::get<2>(value);
      return sqlite3_bind_text64(statement, index, text.empty() ? kNothing : text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    case 3: {
      const ByteView bytes = std::get<3>(value);
      const void* data = bytes.empty() ? static_cast<const void*>(kNothing) : bytes.data();
      return sqlite3_bind_blob64(statement, index, data, bytes.size(), SQLITE_STATIC);
    }
    default: return sqlite3_bind_null(statement, index);
  }
}

}  // namespace

std::optional<Kind> classify(std::string_view sql) {
  sql = without_leading_space(sql);
  for (const auto word : {"SELECT", "VALUES"})
    if (begins_with(sql, word)) return Kind::reads;
  for (const auto word : {"INSERT", "UPDATE", "DELETE", "WITH"})
    if (begins_with(sql, word)) return Kind::writes;
  for (const auto word : {"CREATE", "ALTER", "DROP"})
    if (begins_with(sql, word)) return Kind::schema;
  return std::nullopt;
}

Result<std::unique_ptr<Statement>> Statement::prepare(sqlite3* db, std::string_view sql, std::string_view* rest) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const unsigned flags = rest == nullptr ? SQLITE_PREPARE_PERSISTENT : 0;
  const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), flags, &raw, &tail);
  std::unique_ptr<Statement> made(new Statement(raw));
  if (code != SQLITE_OK) return last_error(db);
  const std::string_view left = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  if (rest != nullptr) {
    *rest = left;
  } else if (made->empty() || !without_leading_space(left).empty()) {
    return Error{Code::internal, "store.sql", "exactly one statement was expected"};
  }
  if (!made->empty()) TF_CHECK(made->read_parameters());
  return made;
}

Status Statement::read_parameters() {
  const int count = sqlite3_bind_parameter_count(raw_.get());
  for (int i = 1; i <= count; ++i) {
    const char* name = sqlite3_bind_parameter_name(raw_.get(), i);
    const std::string_view text = name == nullptr ? "?" : name;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (text[0] != '$' || error != std::errc() || end != text.data() + text.size() || number == 0 || number > 999)
      return wrong_parameters("parameters are written $1, $2 …");
    numbers_.push_back(number);
    highest_ = std::max(highest_, number);
  }
  if (highest_ != numbers_.size()) return wrong_parameters("a number is left out");
  return {};
}

Status Statement::bind(Values params) {
  if (params.size() != highest_)
    return wrong_parameters(fmt::format("{} values for {} parameters", params.size(), highest_));
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    const Value& value = params[numbers_[i] - 1];
    if (const auto* text = std::get_if<std::string_view>(&value); text != nullptr && !is_storable_text(*text))
      return Error{Code::invalid, "store.text", fmt::format("${} is not UTF-8 without NUL", numbers_[i])};
    if (const int code = bind_one(raw_.get(), static_cast<int>(i) + 1, value); code != SQLITE_OK)
      return to_error(code, sqlite3_errstr(code));
  }
  return {};
}

bool StatementRow::is(std::size_t column, int type) const {
  const bool good = column < static_cast<std::size_t>(sqlite3_column_count(statement_)) &&
                    sqlite3_column_type(statement_, static_cast<int>(column)) == type;
  if (!good) mismatch(column);
  return good;
}

void StatementRow::mismatch(std::size_t column) const {
  const char* name = sqlite3_column_name(statement_, static_cast<int>(column));
  if (wrong_type_) return;
  wrong_type_ =
      Error{Code::integrity, "store.column_type",
            fmt::format("column {} ({}) is not of the type asked for", column, name ? name : "there is none")};
}

bool StatementRow::is_null(std::size_t column) const {
  if (column >= static_cast<std::size_t>(sqlite3_column_count(statement_))) {
    mismatch(column);
    return true;
  }
  return sqlite3_column_type(statement_, static_cast<int>(column)) == SQLITE_NULL;
}

std::int64_t StatementRow::integer(std::size_t column) const {
  return is(column, SQLITE_INTEGER) ? sqlite3_column_int64(statement_, static_cast<int>(column)) : 0;
}

std::string_view StatementRow::text_view(std::size_t column) const {
  if (!is(column, SQLITE_TEXT)) return {};
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, static_cast<int>(column)));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, static_cast<int>(column)))};
}

ByteView StatementRow::bytes_view(std::size_t column) const {
  if (!is(column, SQLITE_BLOB)) return {};
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, static_cast<int>(column)));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, static_cast<int>(column)))};
}

}  // namespace tf::store::sqlite
