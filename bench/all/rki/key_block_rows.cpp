// Key blocks: the rows of the Google Benchmark program that have a bound.
#include <boost/json.hpp>

#include "bench/all/rows.hpp"

namespace tf::bench {

// items/s of the Google Benchmark program's benchmarks that have a bound.
Result<std::vector<Row>> key_block_rows(const std::string& bench_crypto) {
  say("key blocks");
  const std::string command = bench_crypto +
                              " --benchmark_filter='^keyblock' --benchmark_format=json --benchmark_min_time=0.5 2>/dev/null";
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return Error{Code::unavailable, "bench.crypto", command};
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, got);
  pclose(pipe);
  boost::json::error_code error;
  const auto parsed = boost::json::parse(text, error);
  if (error) return Error{Code::internal, "bench.crypto", "bench_crypto printed no JSON"};
  std::vector<Row> rows;
  for (const auto& each : parsed.at("benchmarks").as_array())
    rows.push_back({std::string(each.at("name").as_string()), each.at("items_per_second").to_number<double>(), "1/s", 200'000, "higher"});
  return rows;
}

}  // namespace tf::bench
