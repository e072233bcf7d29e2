// The machine a test of the whole system runs on: ports, files, waiting.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tf::test {

// A port nobody listens on, below those the system hands out to clients.
std::uint16_t free_port();
void write_text(const std::string& path, std::string_view text);
std::string read_text(const std::string& path);
// Waits for it to become true, at most half a minute.
bool eventually(const std::function<bool()>& condition);

}  // namespace tf::test
