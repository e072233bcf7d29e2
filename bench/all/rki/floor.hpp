// What a download cannot do without, besides its requests: cryptography on the server's side through the calls that the server makes, and rows written
// by bare SQLite in durable batches.
#pragma once
#include <string>

#include "base/result.hpp"
#include "bench/all/company.hpp"
#include "protocols/rki/suite.hpp"

namespace tf::bench {

Result<double> crypto_cpu_us(Company& company, rki::Suite suite);
// Delivery (four keys, an audit entry), receipt (the keys' status, the terminal, an audit entry), so many members a commit.
Result<double> download_rows_cpu_us(Company& company, const std::string& path, int members_per_commit);

}  // namespace tf::bench
