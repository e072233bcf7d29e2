// A device holds no server: what its side is made of, by CMake's lists and by includes, reaches no room of the platform.
#include <gmock/gmock.h>

#include "tests/floors/house.hpp"
#include "tests/floors/model_house.hpp"

namespace tf::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr const char* kPlatformSide[] = {"vault/", "store/", "audit/", "platform/", "factory/", "metrics/", "ca/", "payment/", "frontends/", "sms/", "net/server/"};

// Files of the platform's side that compiling a room and all it links would read.
Findings platform_side_in(const std::filesystem::path& root, const std::string& room) {
  const House house(root);
  auto files = linked_by(root, room).sources;
  const auto own = house.files_of(room);
  files.insert(files.end(), own.begin(), own.end());
  Findings out;
  for (const std::string& reached : house.reached_from(files))
    for (const char* forbidden : kPlatformSide)
      if (reached.starts_with(forbidden)) out.push_back(reached);
  return out;
}

const std::map<std::string, std::string> kRooms = {
    {"terminal/CMakeLists.txt", "# tf_room(terminal LINK tf_vault)\ntf_room(terminal SOURCES device.cpp\n  LINK tf_lower)\n"},
    {"terminal/device.cpp", "#include \"terminal/device.hpp\"\n"},
    {"terminal/device.hpp", ""},
    {"lower/CMakeLists.txt", "tf_room(lower SOURCES low.cpp LINK OpenSSL::Crypto)\n"},
    {"lower/low.cpp", ""},
    {"vault/CMakeLists.txt", "tf_room(vault SOURCES vault.cpp)\n"},
    {"vault/vault.cpp", ""},
    {"vault/vault.hpp", ""}};

TEST(Terminal, that_includes_or_links_the_platforms_side_is_found) {
  {
    const ModelHouse model(kRooms);
    EXPECT_THAT(linked_by(model.root(), "terminal").rooms, UnorderedElementsAre("terminal", "lower"));
    EXPECT_THAT(platform_side_in(model.root(), "terminal"), IsEmpty());
    model.write("src/terminal/device.hpp", "#include \"lower/low.hpp\"\n");
    model.write("src/lower/low.hpp", "#include \"vault/vault.hpp\"\n");
    EXPECT_THAT(platform_side_in(model.root(), "terminal"), ElementsAre("vault/vault.hpp"));
  }
  const ModelHouse model(kRooms);
  model.write("src/lower/CMakeLists.txt", "tf_room(lower SOURCES low.cpp)\ntarget_link_libraries(tf_lower PRIVATE tf_vault)\n");
  EXPECT_THAT(platform_side_in(model.root(), "terminal"), ElementsAre("vault/vault.cpp"));
}

TEST(Terminal, of_this_house_holds_no_server) {
  const std::filesystem::path root = TRUSTFERRY_SOURCE_DIR;
  const Linked linked = linked_by(root, "terminal");
  EXPECT_THAT(linked.rooms, testing::IsSupersetOf({"rki_terminal", "rki_common", "net_client", "net_local", "crypto", "base"}));
  EXPECT_THAT(linked.sources, Contains("net/client/client.cpp"));
  EXPECT_THAT(linked.sources, testing::Not(Contains(StartsWith("net/server/"))));
  EXPECT_THAT(platform_side_in(root, "terminal"), IsEmpty());
}

TEST(Terminal, that_onboards_holds_no_server_and_no_server_side_of_its_protocol) {
  const std::filesystem::path root = TRUSTFERRY_SOURCE_DIR;
  const Linked linked = linked_by(root, "terminal_onboard");
  EXPECT_THAT(linked.rooms, testing::IsSupersetOf({"onboard_device", "onboard_common", "dm", "module", "module_tpm", "net_client"}));
  for (const char* server : {"onboard_registration", "onboard_credentialing", "hss", "net_server"}) EXPECT_THAT(linked.rooms, testing::Not(Contains(server)));
  EXPECT_THAT(platform_side_in(root, "terminal_onboard"), IsEmpty());
}

}  // namespace
}  // namespace tf::test
