// The database in one SQLite file: write-ahead log, synchronous=FULL, one writer at a time, a pool of readers.
#pragma once
#include <memory>
#include <string>

#include "store/database.hpp"

namespace tf::store {

struct SqliteOptions {
  std::string path;
  int readers = 4;                // snapshots open at the same time
  int busy_timeout_ms = 5000;     // how long to wait for a lock another connection holds
  std::size_t max_batch = 256;    // members a commit
  int gather_ms = 0;              // how long a commit waits for company, once writers come in company; 0: not at all
  std::size_t max_queued = 4096;  // members waiting; more are refused
  std::int64_t max_pages = 0;     // upper bound of the file in pages of 4096 bytes; 0: none
  bool read_only = false;         // for tools beside a running server: no lock is taken, no write possible
};

// Opens the file, making it (mode 0600) when it does not exist. A process that writes holds the lock of <path>.lock; a
// second one gets Code::conflict "store.in_use".
Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

}  // namespace tf::store
