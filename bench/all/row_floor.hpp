// The rows of one download, written by bare SQLite in durable batches: the third term of the floor.
#pragma once
#include <string>

#include "base/result.hpp"

namespace tf::bench {

// CPU of this thread for the rows of one download (delivery: four keys and an audit entry; receipt: the keys' status, the
// terminal and an audit entry), WAL, synchronous=FULL, so many members a commit.
Result<double> rows_cpu_us(const std::string& directory, int members_per_commit);

}  // namespace tf::bench
