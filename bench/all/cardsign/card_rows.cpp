// card.apdu.rate, card.sign.rsa: a card in pcscd's virtual reader, beside the same card in process.
#include <cstdio>

#include "bench/all/rows.hpp"

namespace tf::bench {

Result<std::vector<Row>> card_rows(const std::string& directory, const std::string& program, const std::string& bench_card) {
  constexpr double kWantedApdus = 10'000;
  say("cards through pcscd");
  const std::string command = bench_card + " " + program + " " + directory;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return Error{Code::unavailable, "bench.card", command};
  double apdus = 0, signatures = 0, in_process = 0;
  const int read = std::fscanf(pipe, "%lf %lf %lf", &apdus, &signatures, &in_process);
  pclose(pipe);
  if (read != 3) return Error{Code::unavailable, "bench.card", "pcscd and vsmartcard-vpcd are needed; what went wrong stands above"};
  return std::vector<Row>{{"card.apdu.rate", apdus, "1/s", kWantedApdus, "higher"}, {"card.sign.rsa", signatures, "1/s", in_process, "higher"}};
}

}  // namespace tf::bench
