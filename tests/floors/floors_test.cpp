// Includes point downward only; Boost stays where it is; files stay short. The rules are tried on a small wrong house first.
#include <gmock/gmock.h>

#include "tests/floors/house.hpp"
#include "tests/floors/model_house.hpp"

namespace tf::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Floors, an_include_that_points_upward_sideways_or_nowhere_is_found) {
  const ModelHouse model({{"base/low.hpp", "#include \"wire/json.hpp\"\n"},
                          {"wire/json.hpp", "#include \"base/low.hpp\"\n#include <string>\n"},
                          {"metrics/registry.hpp", "#pragma once\n  #  include  \"wire/json.hpp\"  // why\n"},
                          {"pki/path.cpp", "#include \"pki/path.hpp\"\n#include \"crypto/none.hpp\"\n"},
                          {"pki/path.hpp", "// #include \"platform/server.hpp\"\n"},
                          {"platform/server.hpp", "#include \"pki/path.hpp\"\n"},
                          {"cellar/dark.hpp", ""},
                          {"net/client/client.hpp", "#include \"net/server/server.hpp\"\n"},
                          {"net/server/server.hpp", "#include \"wire/json.hpp\"\n"},
                          {"terminal/device.hpp", "#include \"factory/loader.hpp\"\n"},
                          {"factory/loader.hpp", ""}});
  model.write("apps/program/main.cpp", "#include \"options.hpp\"\n#include \"platform/server.hpp\"\n");
  model.write("apps/program/options.hpp", "");
  EXPECT_THAT(House(model.root()).wrong_includes(),
              ElementsAre("base/low.hpp includes wire/json.hpp above it", "cellar/dark.hpp is in no room with a floor",
                          "metrics/registry.hpp includes wire/json.hpp beside it",
                          "net/client/client.hpp includes net/server/server.hpp of the other end",
                          "pki/path.cpp includes crypto/none.hpp, which is in no room", "terminal/device.hpp includes factory/loader.hpp beside it"));
}

TEST(Floors, boost_in_a_header_is_found) {
  const ModelHouse model({{"wire/json.hpp", "#include <boost/json.hpp>\n"},
                          {"wire/json.cpp", "#include <boost/json.hpp>\n"},
                          {"net/server/private.hpp", "#include <boost/asio.hpp>\n"},
                          {"net/server/server.hpp", "#include <string>\n"},
                          {"platform/server.cpp", "#include \"net/server/server.hpp\"\n#include \"net/server/private.hpp\"\n"}});
  EXPECT_THAT(House(model.root()).boost_in_headers(),
              ElementsAre("wire/json.hpp includes <boost/json.hpp>", "platform/server.cpp reaches <boost/asio.hpp> through net/server/private.hpp"));
}

TEST(Floors, a_file_that_is_too_long_is_found) {
  const ModelHouse model({{"base/short.cpp", std::string(300, '\n')}, {"base/long.cpp", std::string(301, '\n')}});
  model.write("tests/base/long_test.cpp", std::string(310, '\n'));
  EXPECT_THAT(House(model.root()).long_files(), ElementsAre("base/long.cpp has 301 lines", "tests/base/long_test.cpp has 310 lines"));
}

TEST(Floors, hold_in_this_house) {
  const House house(TRUSTFERRY_SOURCE_DIR);
  ASSERT_GT(house.size(), 200U);
  EXPECT_THAT(house.wrong_includes(), IsEmpty());
  EXPECT_THAT(house.boost_in_headers(), IsEmpty());
  EXPECT_THAT(house.long_files(), IsEmpty());
}

}  // namespace
}  // namespace tf::test
