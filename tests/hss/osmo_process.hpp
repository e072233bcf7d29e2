// The real osmo-hlr on its ports of the loopback, in the test's network namespace. It can be killed and started again over its file.
#pragma once
#include <optional>
#include <string>

#include "hss/osmo/hlr.hpp"
#include "net/local/stream.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::hss::test {

class OsmoProcess {
 public:
  explicit OsmoProcess(std::string directory);
  void start();
  void kill();  // as a crash

 private:
  std::string directory_;
  std::optional<tf::test::Process> process_;
};

}  // namespace tf::hss::test
