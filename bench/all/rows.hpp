// The rows of each part, measured in turns; main.cpp chooses among them.
#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bench/all/results.hpp"

namespace tf::bench {

inline constexpr int kRounds = 5;
inline constexpr int kMembersPerCommit = 8;  // about what 32 terminals at once make

inline void say(const std::string& text) { fmt::print(stderr, "· {}\n", text); }

// directory: for the platforms made to be measured; program: trustferry; only: as main.cpp has it.
Result<std::vector<Row>> key_block_rows(const std::string& bench_crypto);
Result<std::vector<Row>> rki_rows(const std::string& directory, const std::string& program, const std::string& only);
Result<std::vector<Row>> access_rows(const std::string& directory, const std::string& program);
Result<std::vector<Row>> pki_rows(const std::string& directory, const std::string& program, const std::string& only);
Result<std::vector<Row>> card_rows(const std::string& directory, const std::string& program, const std::string& bench_card);
Result<std::vector<Row>> hss_rows(const std::string& directory, const std::string& only);
Result<std::vector<Row>> onboard_rows(const std::string& directory, const std::string& program);
Result<std::vector<Row>> cardsign_rows(const std::string& directory, const std::string& program);
Result<std::vector<Row>> wallet_rows(const std::string& directory, const std::string& program);

}  // namespace tf::bench
