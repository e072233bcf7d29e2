// The vault's passphrase: how it gets in, and how it is changed.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/e2e/scene.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

std::vector<std::string> serve_command(const std::string& passphrase_file) {
  std::vector<std::string> out{trustferry_program(), "serve", "--directory", Scene::get().platform()};
  if (!passphrase_file.empty()) out.insert(out.end(), {"--passphrase-file", passphrase_file});
  return out;
}

// The server starts this way, answers, and ends in good order.
void expect_serves(const std::string& passphrase_file, std::string_view input, const Surroundings& surroundings) {
  Scene& scene = Scene::get();
  Process server = Process::start(serve_command(passphrase_file), scene.server_log(), input, surroundings);
  EXPECT_TRUE(eventually([&] { return !server.running() || scene.ready(); }));
  EXPECT_TRUE(server.running());
  server.send(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

void expect_wrong(const std::string& passphrase_file) {
  const Finished wrong = run(serve_command(passphrase_file));
  EXPECT_EQ(wrong.exit_code, 7);
  EXPECT_THAT(wrong.err, testing::StartsWith("trustferry: "));
  EXPECT_THAT(wrong.err, HasSubstr("passphrase"));
}

TEST(Passphrase, comes_from_a_file_from_standard_input_or_from_a_systemd_credential) {
  Scene& scene = Scene::get();
  scene.stop();
  const std::string passphrase = read_text(scene.passphrase_file());
  expect_serves(scene.passphrase_file(), "", {});
  expect_serves("-", passphrase, {});
  const std::string credentials = scene.in("credentials");
  ASSERT_EQ(::mkdir(credentials.c_str(), 0700), 0);
  write_text(credentials + "/trustferry-vault", passphrase);
  expect_serves("", "", {.environment = {{"CREDENTIALS_DIRECTORY", credentials}}});
}

TEST(Passphrase, that_is_wrong_opens_nothing) {
  Scene& scene = Scene::get();
  scene.stop();
  write_text(scene.in("wrong"), "not the passphrase\n");
  expect_wrong(scene.in("wrong"));
  write_text(scene.in("empty"), "");
  EXPECT_NE(run(serve_command(scene.in("empty"))).exit_code, 0);
  EXPECT_EQ(run(serve_command(scene.in("missing"))).exit_code, 4);
}

TEST(Passphrase, that_was_changed_is_refused_and_the_new_one_opens_the_same_keys) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(1, 1);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  ASSERT_EQ(scene.stop(), 0);
  const std::string old_one = scene.in("old-passphrase"), new_one = scene.in("new-passphrase");
  write_text(old_one, read_text(scene.passphrase_file()));
  write_text(new_one, "the passphrase that holds from now on\n");
  const auto change = [&](const std::string& from, const std::string& to, bool rewrap) {
    std::vector<std::string> words{"vault", "passphrase", "--old-passphrase-file", from, "--new-passphrase-file", to};
    if (rewrap) words.emplace_back("--rewrap");
    return scene.on_platform(words).exit_code;
  };
  EXPECT_EQ(change(new_one, old_one, false), 7);
  ASSERT_EQ(change(old_one, new_one, true), 0);
  expect_wrong(old_one);
  write_text(scene.passphrase_file(), read_text(new_one));
  scene.serve();
  ASSERT_EQ(scene.download(fleet, {"--again"}).exit_code, 0);
  scene.expect_complete(fleet);
  EXPECT_EQ(scene.stop(), 0);
  ASSERT_EQ(change(new_one, old_one, false), 0);
  write_text(scene.passphrase_file(), read_text(old_one));
  scene.serve();
}

}  // namespace
}  // namespace tf::test
