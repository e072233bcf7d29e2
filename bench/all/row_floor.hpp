// The rows of one operation, written by bare SQLite in durable batches: the third term of the floor. CPU of this thread for
// each, so many members a commit.
#pragma once
#include <string>

#include "base/result.hpp"

namespace tf::bench {

// A download: delivery (four keys, an audit entry), receipt (the keys' status, the terminal, an audit entry).
Result<double> download_rows_cpu_us(const std::string& path, int members_per_commit);

struct AccessRows {
  double initialise = 0;    // the nonce, the key, an audit entry
  double authenticate = 0;  // the nonce, the key's last use, an audit entry
};
Result<AccessRows> access_rows_cpu_us(const std::string& path, int members_per_commit);

}  // namespace tf::bench
