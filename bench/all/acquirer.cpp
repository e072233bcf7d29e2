#include "bench/all/acquirer.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace tf::bench {

Result<std::unique_ptr<Child>> start_acquirer(const std::string& program, const std::string& directory, int port) {
  return Child::start({program, "simulate", "acquirer", "--listen", fmt::format("127.0.0.1:{}", port), "--zone-key-components", "@" + directory + "/component-1", "@" + directory + "/component-2",
                       "--journal", directory + "/acquirer.journal"},
                      directory + "/acquirer.log", Share::ours);
}

Status wait_for_acquirer(const std::string& directory, const std::function<bool()>& pay_one) {
  for (int tries = 0; tries < 100; ++tries) {
    if (pay_one()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error{Code::unavailable, "bench.acquirer", "no payment was approved; see " + directory + "/acquirer.log and server.log"};
}

}  // namespace tf::bench
