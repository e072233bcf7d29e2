// What a download cannot do without, besides its requests: cryptography on the server's side through the calls that the server makes, and rows written
// by bare SQLite in durable batches. CPU of this thread for each.
#pragma once
#include <string>

#include "base/result.hpp"
#include "protocols/rki/suite.hpp"

namespace tf::bench {

double crypto_cpu_us(rki::Suite suite);
// Delivery (four keys, an audit entry), receipt (the keys' status, the terminal, an audit entry), so many members a commit.
Result<double> download_rows_cpu_us(const std::string& path, int members_per_commit);

}  // namespace tf::bench
