// The server's beginning and end.
#include <gmock/gmock.h>
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "tests/e2e/scene.hpp"

namespace tf::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Finished serve_directory(const std::string& directory) {
  return trustferry({"serve", "--directory", directory, "--passphrase-file", Scene::get().passphrase_file()});
}

// The platform's configuration with something changed, put back at the end.
class OtherConfig {
 public:
  explicit OtherConfig(const std::string& text) { write_text(path_, text); }
  ~OtherConfig() { write_text(path_, before_); }
  OtherConfig(const OtherConfig&) = delete;
  OtherConfig& operator=(const OtherConfig&) = delete;

 private:
  std::string path_ = Scene::get().platform() + "/platform.toml";
  std::string before_ = read_text(path_);
};

TEST(Serve, a_second_server_on_the_same_directory_is_turned_away) {
  Scene& scene = Scene::get();
  scene.serve();
  const Finished second = serve_directory(scene.platform());
  EXPECT_EQ(second.exit_code, 8);
  EXPECT_THAT(second.err, HasSubstr("store.in_use"));
  EXPECT_TRUE(scene.ready());
}

TEST(Serve, a_directory_without_platform_is_not_found) { EXPECT_EQ(serve_directory(Scene::get().in("nothing-here")).exit_code, 4); }

TEST(Serve, an_unknown_or_impossible_setting_is_named_with_its_line) {
  Scene& scene = Scene::get();
  scene.stop();
  const std::pair<std::string, std::string> bad[] = {{"[server]\nworkers = 4\nconections = 10\n", "server.conections"},
                                                     {"[rki]\nworkers = 4\n", "rki.workers"},
                                                     {"[servers]\n", "servers"},
                                                     {"[server]\n\nworkers = 0\n", "line 3"},
                                                     {"[server\n", "line 1"}};
  for (const auto& [text, named] : bad) {
    const OtherConfig config(text);
    const Finished refused = serve_directory(scene.platform());
    EXPECT_EQ(refused.exit_code, 3) << text;
    EXPECT_THAT(refused.err, HasSubstr(named));
  }
  scene.serve();
}

TEST(Serve, a_port_in_use_is_said_clearly) {
  Scene& scene = Scene::get();
  scene.stop();
  const int port = free_port();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  {
    const std::string taken = "127.0.0.1:" + std::to_string(port);
    const OtherConfig config("[server]\nterminals = \"" + taken + "\"\nadmin = \"127.0.0.1:" + std::to_string(free_port()) + "\"\n");
    const Finished refused = serve_directory(scene.platform());
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.err, HasSubstr(taken));
  }
  ::close(fd);
  scene.serve();
}

TEST(Serve, two_platforms_of_one_user_do_not_share_a_port) {
  Scene& scene = Scene::get();
  ASSERT_EQ(scene.stop(), 0);
  fs::copy(scene.platform(), scene.in("twin"), fs::copy_options::recursive);
  scene.serve();
  Process twin = Process::start({trustferry_program(), "serve", "--directory", scene.in("twin"), "--passphrase-file", scene.passphrase_file()}, scene.in("twin.log"));
  // Were it to serve, it would not end by itself.
  EXPECT_TRUE(eventually([&] { return !twin.running() || read_text(scene.in("twin.log")).find("serving") != std::string::npos; }));
  EXPECT_FALSE(twin.running()) << read_text(scene.in("twin.log"));
  if (!twin.running()) EXPECT_EQ(twin.wait(), 6);
  EXPECT_THAT(read_text(scene.in("twin.log")), HasSubstr("net.listen"));
}

TEST(Serve, a_stop_in_the_middle_of_a_fleets_downloads_finishes_what_is_in_flight) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(12, 12);
  auto command = scene.download_command(fleet);
  command.insert(command.begin(), trustferry_program());
  command.insert(command.end(), {"--concurrency", "4", "--attempts", "12"});
  Process run = Process::start(command, fleet.directory + ".log");
  ASSERT_TRUE(eventually([&] { return sql_number(scene.database(), "SELECT COUNT(*) FROM rki_keys WHERE status = 'active' AND " + fleet.where()) >= 8; }));
  EXPECT_EQ(scene.stop(), 0);
  EXPECT_EQ(sql_rows(scene.database(), "SELECT action FROM audit_entries ORDER BY seq DESC LIMIT 1")[0][0], "platform.stop");
  EXPECT_EQ(sql_number(scene.database(), "SELECT MAX(e.seq) - MAX(c.seq) FROM audit_entries e, audit_checkpoints c"), 0) << "the end is signed";
  scene.serve();
  EXPECT_EQ(run.wait(), 0) << read_text(fleet.directory + ".log");
  scene.expect_complete(fleet);
  scene.expect_sound_audit();
}

TEST(Serve, an_interrupted_fleet_says_so_and_a_second_run_completes_it) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(12, 12);
  auto command = scene.download_command(fleet);
  command.insert(command.begin(), trustferry_program());
  command.insert(command.end(), {"--concurrency", "1"});
  Process run = Process::start(command, fleet.directory + ".log");
  ASSERT_TRUE(eventually([&] { return sql_number(scene.database(), "SELECT COUNT(*) FROM rki_keys WHERE " + fleet.where()) >= 4; }));
  run.send(SIGINT);
  EXPECT_EQ(run.wait(), 6);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  scene.expect_complete(fleet);
}

TEST(Init, does_not_touch_what_is_there) {
  Scene& scene = Scene::get();
  scene.serve();
  const std::string vault = read_text(scene.platform() + "/vault.json");
  const Finished again = trustferry({"init", "--directory", scene.platform(), "--root-key", scene.in("other-root.key"), "--range", "TF000000..TF999999",
                                     "--passphrase-file", scene.passphrase_file(), "--root-passphrase-file", scene.in("root-passphrase")});
  EXPECT_EQ(again.exit_code, 8);
  EXPECT_EQ(read_text(scene.platform() + "/vault.json"), vault);
  EXPECT_FALSE(fs::exists(scene.in("other-root.key")));
  const Finished root = trustferry({"init", "--directory", scene.in("other"), "--root-key", scene.in("offline/root.key"), "--range", "TF000000..TF999999",
                                    "--passphrase-file", scene.passphrase_file(), "--root-passphrase-file", scene.in("root-passphrase")});
  EXPECT_EQ(root.exit_code, 8);
  EXPECT_FALSE(fs::exists(scene.in("other")));
}

TEST(Init, keeps_secrets_from_other_users) {
  Scene& scene = Scene::get();
  scene.serve();
  for (const std::string& file : {scene.platform() + "/vault.json", scene.database(), scene.platform() + "/operators/administrator.key", scene.in("offline/root.key")})
    EXPECT_EQ(fs::status(file).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << file;
  EXPECT_EQ(fs::status(scene.platform()).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
}

}  // namespace
}  // namespace tf::test
