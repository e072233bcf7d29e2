// The real program, started without a shell.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "wire/json.hpp"

namespace tf::test {

struct Finished {
  int exit_code = -1;  // -1 when it was killed or did not end in time
  std::string out;
  std::string err;
};

// Runs trustferry with these words and this standard input; waits at most half a minute.
Finished trustferry(const std::vector<std::string>& words, std::string_view input = "");

// Standard output as one JSON object; aborts the test when it is none.
wire::JsonObject json_of(const std::string& text);

}  // namespace tf::test
