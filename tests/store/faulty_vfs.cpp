#include "tests/store/faulty_vfs.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace tf::store::test {
namespace {

struct Plan {
  std::mutex mutex;
  bool armed = false;
  FaultOn what = FaultOn::write;
  std::int64_t countdown = 0;
  int code = SQLITE_OK;
  bool lasting = false;
  std::int64_t failures = 0;
  std::int64_t seen = 0;
};
Plan plan;

// The result code to fail with, or SQLITE_OK.
int fault(FaultOn own, bool is_main) {
  const std::lock_guard lock(plan.mutex);
  const bool matches = plan.what == own || (plan.what == FaultOn::main_file && is_main);
  if (!plan.armed || !matches) return SQLITE_OK;
  ++plan.seen;
  if (--plan.countdown > 0) return SQLITE_OK;
  if (plan.countdown < 0 && !plan.lasting) return SQLITE_OK;
  ++plan.failures;
  return plan.code;
}

struct File {
  sqlite3_file base;
  bool is_main;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* file(sqlite3_file* base) { return reinterpret_cast<File*>(base); }
sqlite3_file* real(sqlite3_file* base) { return file(base)->real(); }
const sqlite3_io_methods* io(sqlite3_file* base) { return real(base)->pMethods; }
sqlite3_vfs* below = nullptr;

int on_write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
  if (const int code = fault(FaultOn::write, file(f)->is_main); code != SQLITE_OK) return code;
  return io(f)->xWrite(real(f), data, size, at);
}
int on_sync(sqlite3_file* f, int flags) {
  if (const int code = fault(FaultOn::sync, file(f)->is_main); code != SQLITE_OK) return code;
  return io(f)->xSync(real(f), flags);
}
int on_close(sqlite3_file* f) { return io(f)->xClose(real(f)); }
int on_read(sqlite3_file* f, void* out, int size, sqlite3_int64 at) { return io(f)->xRead(real(f), out, size, at); }
int on_truncate(sqlite3_file* f, sqlite3_int64 size) { return io(f)->xTruncate(real(f), size); }
int on_size(sqlite3_file* f, sqlite3_int64* out) { return io(f)->xFileSize(real(f), out); }
int on_lock(sqlite3_file* f, int level) { return io(f)->xLock(real(f), level); }
int on_unlock(sqlite3_file* f, int level) { return io(f)->xUnlock(real(f), level); }
int on_check_lock(sqlite3_file* f, int* out) { return io(f)->xCheckReservedLock(real(f), out); }
int on_control(sqlite3_file* f, int op, void* arg) { return io(f)->xFileControl(real(f), op, arg); }
int on_sector(sqlite3_file* f) { return io(f)->xSectorSize(real(f)); }
int on_device(sqlite3_file* f) { return io(f)->xDeviceCharacteristics(real(f)); }
int on_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return io(f)->xShmMap(real(f), page, size, extend, out);
}
int on_shm_lock(sqlite3_file* f, int offset, int n, int flags) { return io(f)->xShmLock(real(f), offset, n, flags); }
void on_shm_barrier(sqlite3_file* f) { io(f)->xShmBarrier(real(f)); }
int on_shm_unmap(sqlite3_file* f, int remove) { return io(f)->xShmUnmap(real(f), remove); }

const sqlite3_io_methods kMethods = {.iVersion = 2,
                                     .xClose = on_close,
                                     .xRead = on_read,
                                     .xWrite = on_write,
                                     .xTruncate = on_truncate,
                                     .xSync = on_sync,
                                     .xFileSize = on_size,
                                     .xLock = on_lock,
                                     .xUnlock = on_unlock,
                                     .xCheckReservedLock = on_check_lock,
                                     .xFileControl = on_control,
                                     .xSectorSize = on_sector,
                                     .xDeviceCharacteristics = on_device,
                                     .xShmMap = on_shm_map,
                                     .xShmLock = on_shm_lock,
                                     .xShmBarrier = on_shm_barrier,
                                     .xShmUnmap = on_shm_unmap,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

int on_open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  std::memset(f, 0, sizeof(File));
  file(f)->is_main = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  const int code = below->xOpen(below, name, real(f), flags, out_flags);
  if (real(f)->pMethods != nullptr) f->pMethods = &kMethods;
  return code;
}

sqlite3_vfs make_vfs() {
  sqlite3_vfs made = *below;  // everything but open is passed on as it is
  made.zName = "faulty";
  made.pNext = nullptr;
  made.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
  made.xOpen = on_open;
  return made;
}
sqlite3_vfs faulty;

}  // namespace

FaultyVfs::FaultyVfs() {
  below = sqlite3_vfs_find(nullptr);
  faulty = make_vfs();
  if (sqlite3_vfs_register(&faulty, 1) != SQLITE_OK) std::abort();
}

FaultyVfs::~FaultyVfs() {
  heal();
  sqlite3_vfs_unregister(&faulty);
  sqlite3_vfs_register(below, 1);
}

void FaultyVfs::fail(FaultOn what, std::int64_t nth, int code, bool lasting) {
  const std::lock_guard lock(plan.mutex);
  plan.what = what;
  plan.countdown = nth;
  plan.code = code;
  plan.lasting = lasting;
  plan.failures = 0;
  plan.seen = 0;
  plan.armed = true;
}

void FaultyVfs::heal() {
  const std::lock_guard lock(plan.mutex);
  plan.armed = false;
}

std::int64_t FaultyVfs::failures() const {
  const std::lock_guard lock(plan.mutex);
  return plan.failures;
}

std::int64_t FaultyVfs::seen() const {
  const std::lock_guard lock(plan.mutex);
  return plan.seen;
}

}  // namespace tf::store::test
