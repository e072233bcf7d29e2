#include "store/sqlite/errors.hpp"

namespace tf::store::sqlite {
namespace {

Error constraint(int code, const char* message) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY: return {Code::conflict, "store.conflict", message};
    default: return {Code::internal, "store.constraint", message};
  }
}

}  // namespace

Error to_error(int code, const char* message) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return constraint(code, message);
    case SQLITE_FULL: return {Code::unavailable, "store.full", message};
    case SQLITE_READONLY:
    case SQLITE_PERM: return {Code::unavailable, "store.read_only", message};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return {Code::unavailable, "store.locked", message};
    case SQLITE_IOERR: return {Code::unavailable, "store.io", message};
    case SQLITE_CANTOPEN: return {Code::unavailable, "store.cannot_open", message};
    case SQLITE_NOMEM: return {Code::overloaded, "store.memory", message};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {Code::integrity, "store.corrupt", message};
    case SQLITE_TOOBIG: return {Code::invalid, "store.too_big", message};
    default: return {Code::internal, "store.sql", message};
  }
}

bool is_environmental(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return true;
    default: return false;
  }
}

}  // namespace tf::store::sqlite
