#include "base/file.hpp"

#include <sys/stat.h>

#include "tests/pki/estate.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::pki::test {
namespace {

using tf::test::TemporaryDirectory;

unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777U;
}

TEST(Files, are_written_with_their_mode_and_read_back) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a");
  EXPECT_EQ(outcome(write_file_atomic(path, as_bytes("first"), 0644)), "ok");
  EXPECT_EQ(mode_of(path), 0644U);
  EXPECT_EQ(outcome(write_private_file(path, as_bytes("second"))), "ok");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(as_text(must(read_file(path, 6))), "second");
  EXPECT_EQ(must(read_secret_file(path, 6)), SecretBytes(as_bytes("second")));
  EXPECT_EQ(outcome(write_private_file(path, {})), "ok");
  EXPECT_TRUE(must(read_file(path, 0)).empty());
}

TEST(Files, leave_nothing_beside_them) {
  const TemporaryDirectory directory;
  EXPECT_EQ(outcome(write_private_file(directory.file("a"), as_bytes("x"))), "ok");
  std::filesystem::create_directory(directory.file("b"));
  EXPECT_EQ(outcome(write_private_file(directory.file("b"), as_bytes("x"))), "unavailable base.file_write");
  int entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.file("."))) entries += entry.exists() ? 1 : 0;
  EXPECT_EQ(entries, 2);
}

TEST(Files, over_the_cap_missing_or_no_files_are_refused) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a");
  EXPECT_EQ(outcome(read_file(path, 10)), "not_found base.no_file");
  EXPECT_NE(read_file(path, 10).error().detail.find(path), std::string::npos);
  EXPECT_EQ(outcome(write_private_file(path, as_bytes("12345678901"))), "ok");
  EXPECT_EQ(outcome(read_file(path, 10)), "malformed base.file_too_large");
  EXPECT_EQ(outcome(read_file(directory.file("."), 10)), "unavailable base.file_read");
  ASSERT_EQ(::mkfifo(directory.file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(outcome(read_file(directory.file("pipe"), 10)), "unavailable base.file_read");
  EXPECT_EQ(outcome(write_private_file(directory.file("no/where"), as_bytes("x"))), "unavailable base.file_write");
}

TEST(Files, replace_a_link_and_not_what_it_points_to) {
  const TemporaryDirectory directory;
  EXPECT_EQ(outcome(write_private_file(directory.file("target"), as_bytes("kept"))), "ok");
  std::filesystem::create_symlink(directory.file("target"), directory.file("link"));
  EXPECT_EQ(outcome(write_private_file(directory.file("link"), as_bytes("new"))), "ok");
  EXPECT_EQ(as_text(must(read_file(directory.file("target"), 10))), "kept");
  EXPECT_EQ(as_text(must(read_file(directory.file("link"), 10))), "new");
}

}  // namespace
}  // namespace tf::pki::test
