// What initialisation and authentication of access cannot do without, besides their requests: cryptography (suite modern, P-256) and rows. CPU of this
// thread for each.
#pragma once
#include <string>

#include "base/result.hpp"
#include "bench/all/company.hpp"

namespace tf::bench {

Result<double> initialise_crypto_cpu_us(Company& company);
Result<double> authenticate_crypto_cpu_us(Company& company);

struct AccessRows {
  double initialise = 0;    // the nonce, the key, an audit entry
  double authenticate = 0;  // the nonce, the key's last use, an audit entry
};
Result<AccessRows> access_rows_cpu_us(Company& company, const std::string& path, int members_per_commit);

}  // namespace tf::bench
