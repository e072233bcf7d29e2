// SQLite's result codes as Errors.
#pragma once
#include <sqlite3.h>

#include "base/error.hpp"

namespace tf::store::sqlite {

// code is an extended result code; message is SQLite's own (it names tables and columns, never values).
Error to_error(int code, const char* message);
inline Error last_error(sqlite3* db) { return to_error(sqlite3_extended_errcode(db), sqlite3_errmsg(db)); }

// The disk, the memory or the file is at fault, not the statement: nothing more can be done in this transaction.
bool is_environmental(int code);

}  // namespace tf::store::sqlite
