// The simulated gateways as a program of their own, and a merchant that is not ours.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>

#include "tests/support/deterministic.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"

namespace tf::test {
namespace {

struct GatewayProgram : testing::Test {
  [[nodiscard]] Process start() const {
    return Process::start({trustferry_program(), "simulate", "ewallet", "--listen", "127.0.0.1:" + std::to_string(port), "--tls", directory.file("sim"), "--journal",
                           directory.file("journal"), "--settlement", directory.file("settled"), "--app-key", "app-1=" + directory.file("app.pub"), "--merchant-key",
                           "17=" + directory.file("app.pub")},
                          directory.file("log"));
  }
  // Until the program listens.
  [[nodiscard]] Finished merchant(const std::string& what) const {
    Finished done;
    eventually([&] {
      done = run({"node", TRUSTFERRY_SOURCE_DIR "/tests/clients/ewallet.mjs", std::to_string(port), directory.file("sim"), directory.file("app.key"),
                  "20261121000000000001", what});
      return done.exit_code == 0 || !(done.err.contains("ECONNREFUSED") || done.err.contains("ENOENT"));
    });
    return done;
  }
  TemporaryDirectory directory;
  std::uint16_t port = free_port();
};

TEST_F(GatewayProgram, serves_a_stock_merchant_and_survives_a_kill) {
  const std::string make = "cd " + directory.file(".") + " && openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out app.key 2>/dev/null"
                           " && openssl pkey -in app.key -pubout -out app.pub";
  ASSERT_EQ(std::system(make.c_str()), 0);
  {
    const Process program = start();
    const Finished paid = merchant("pay");
    EXPECT_EQ(paid.out, R"({"code":"10000","status":"","amount":"12.34","respCode":"00","origRespCode":""})" "\n") << paid.err << read_text(directory.file("log"));
  }  // killed
  Process again = start();
  const Finished asked = merchant("query");
  EXPECT_EQ(asked.out, R"({"code":"10000","status":"TRADE_SUCCESS","amount":"12.34","respCode":"00","origRespCode":"00"})" "\n") << asked.err << read_text(directory.file("log"));
  again.send(SIGTERM);
  EXPECT_EQ(again.wait(), 0);
  for (const char* dialect : {"ewallet", "acp"})
    EXPECT_THAT(read_text(directory.file("settled/" + std::string(dialect) + "/20261121.csv")),
                testing::HasSubstr("20261121,20261121000000000001,payment,1234,CNY,captured,"));
}

TEST(GatewayProgramArguments, wrong_ones_are_named) {
  const auto said = [](std::vector<std::string> more) {
    std::vector<std::string> words = {"simulate", "ewallet", "--tls", "/none/sim", "--journal", "/none/journal"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = trustferry(words);
    EXPECT_NE(done.exit_code, 0);
    return done.err;
  };
  EXPECT_THAT(said({}), testing::HasSubstr("--app-key"));
  EXPECT_THAT(said({"--app-key", "noid"}), testing::HasSubstr("--app-key is ID=FILE"));
  EXPECT_THAT(said({"--app-key", "a=/none/app.pub"}), testing::HasSubstr("/none/app.pub"));
  EXPECT_THAT(said({"--app-key", "a=/none/app.pub", "--drop", "1.5"}), testing::HasSubstr("probability"));
  EXPECT_THAT(said({"--app-key", "a=/none/app.pub", "--listen", "nowhere"}), testing::HasSubstr("--listen"));
}

}  // namespace
}  // namespace tf::test
