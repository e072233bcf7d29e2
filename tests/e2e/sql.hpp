// The platform's database read beside the running server.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace tf::test {

using SqlRow = std::vector<std::string>;  // NULL is empty
std::vector<SqlRow> sql_rows(const std::string& database, const std::string& query);
// The only number of the only row.
std::int64_t sql_number(const std::string& database, const std::string& query);

}  // namespace tf::test
