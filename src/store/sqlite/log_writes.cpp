#include "store/sqlite/log_writes.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace tf::store::sqlite {
namespace {

constexpr std::size_t kMostHeld = 64 * 1024;  // and a page: SQLite writes less than 128 KiB at once

// What is ours of an open file. The file itself stays SQLite's and is used as it is; only its methods are these, a copy in which a few were exchanged.
struct Methods {
  sqlite3_io_methods ours;  // first: a file's pMethods is the way back to here
  const sqlite3_io_methods* real;
  Methods* database = nullptr;  // a log's
  Methods* log = nullptr;       // a database's, while it is open
  sqlite3_file* file = nullptr;
  sqlite3_int64 begins_at = 0;  // in a log, what is held
  std::vector<std::uint8_t> held;
};

Methods& of(sqlite3_file* file) { return *const_cast<Methods*>(reinterpret_cast<const Methods*>(file->pMethods)); }

// What could not be written is not tried again: SQLite is told and takes its transaction back.
int write_held(Methods& log) {
  if (log.held.empty()) return SQLITE_OK;
  const int code = log.real->xWrite(log.file, log.held.data(), static_cast<int>(log.held.size()), log.begins_at);
  log.held.clear();
  return code;
}

int log_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) noexcept {
  Methods& log = of(file);
  if (!log.held.empty() && at != log.begins_at + static_cast<sqlite3_int64>(log.held.size()))
    if (const int code = write_held(log); code != SQLITE_OK) return code;
  if (log.held.empty()) log.begins_at = at;
  const auto* const bytes = static_cast<const std::uint8_t*>(data);
  log.held.insert(log.held.end(), bytes, bytes + size);
  return log.held.size() < kMostHeld ? SQLITE_OK : write_held(log);
}

// Everything else a log is asked sees what was written to it.
template <auto Method, class... Args>
int after_writing(sqlite3_file* file, Args... args) {
  Methods& log = of(file);
  const int code = write_held(log);
  return code == SQLITE_OK ? (log.real->*Method)(file, args...) : code;
}

// The writer's lock is let go of: another process may write from here on. A commit was synced, so what is still held was taken back; it is written
// all the same, as it would have been, and where that fails nothing is lost.
int database_lock(sqlite3_file* file, int offset, int count, int flags) {
  Methods& database = of(file);
  if (database.log != nullptr && flags == (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE)) (void)write_held(*database.log);
  return database.real->xShmLock(file, offset, count, flags);
}

int close_file(sqlite3_file* file) {
  const std::unique_ptr<Methods> methods(&of(file));
  const int written = write_held(*methods);
  if (methods->database != nullptr) methods->database->log = nullptr;
  file->pMethods = methods->real;
  const int closed = methods->real->xClose(file);
  return written == SQLITE_OK ? closed : written;
}

Methods& take_over(sqlite3_file* file) {
  auto methods = std::make_unique<Methods>(Methods{.ours = *file->pMethods, .real = file->pMethods, .held = {}});
  methods->file = file;
  methods->ours.xClose = close_file;
  file->pMethods = &methods->ours;
  return *methods.release();
}

void take_over_log(sqlite3_file* file, sqlite3_file* database) {
  Methods& log = take_over(file);
  log.database = &of(database);
  log.database->log = &log;
  log.ours.xWrite = log_write;
  log.ours.xRead = after_writing<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>;
  log.ours.xTruncate = after_writing<&sqlite3_io_methods::xTruncate, sqlite3_int64>;
  log.ours.xSync = after_writing<&sqlite3_io_methods::xSync, int>;
  log.ours.xFileSize = after_writing<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
  log.ours.xFileControl = after_writing<&sqlite3_io_methods::xFileControl, int, void*>;
}

struct FileSystem {
  sqlite3_vfs ours;  // first: SQLite gives it to open_file
  sqlite3_vfs* below;
  std::string name;
};

int open_file(sqlite3_vfs* ours, const char* name, sqlite3_file* file, int flags, int* out_flags) noexcept {
  sqlite3_vfs* const below = reinterpret_cast<FileSystem*>(ours)->below;
  const int code = below->xOpen(below, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  const bool shares_memory = file->pMethods->iVersion >= 2 && file->pMethods->xShmLock != nullptr;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0 && shares_memory) take_over(file).ours.xShmLock = database_lock;
  if ((flags & SQLITE_OPEN_WAL) == 0) return code;
  sqlite3_file* const database = sqlite3_database_file_object(name);
  if (database->pMethods->xShmLock == database_lock) take_over_log(file, database);
  return code;
}

}  // namespace

std::string gathering_file_system() {
  static std::mutex mutex;
  static auto& made = *new std::list<FileSystem>;  // SQLite keeps their addresses, to the very end
  const std::lock_guard lock(mutex);
  sqlite3_vfs* const below = sqlite3_vfs_find(nullptr);
  for (const FileSystem& each : made)
    if (each.below == below) return each.name;
  FileSystem& added = made.emplace_back(FileSystem{.ours = *below, .below = below, .name = std::string("gathering-") + below->zName});
  added.ours.zName = added.name.c_str();
  added.ours.pNext = nullptr;
  added.ours.xOpen = open_file;
  sqlite3_vfs_register(&added.ours, 0);
  return added.name;
}

}  // namespace tf::store::sqlite
