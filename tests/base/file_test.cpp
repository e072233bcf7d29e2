#include "base/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/temporary_directory.hpp"

namespace tf {
namespace {

class Files : public testing::Test {
 protected:
  [[nodiscard]] std::string path(std::string_view name) const { return directory_.file(name); }
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory_.path()), std::filesystem::directory_iterator()));
  }
  static unsigned mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(Files, what_is_written_is_read) {
  for (const std::string& content : {std::string(), std::string("text"), std::string("\0\xff\n", 3), std::string(100'000, 'x')}) {
    ASSERT_TRUE(write_file_atomic(path("file"), as_bytes(content), 0644));
    EXPECT_EQ(as_text(read_file(path("file"), 100'000).value()), content);
    EXPECT_EQ(as_text(read_secret_file(path("file"), 100'000).value().reveal()), content);
  }
  EXPECT_EQ(count(), 1U) << "nothing but the file is left";
}

TEST_F(Files, the_mode_is_the_one_asked_for) {
  ASSERT_TRUE(write_file_atomic(path("public"), as_bytes("x"), 0644));
  EXPECT_EQ(mode_of(path("public")), 0644U);
  ASSERT_TRUE(write_private_file(path("public"), as_bytes("y")));
  EXPECT_EQ(mode_of(path("public")), 0600U);
}

TEST_F(Files, a_missing_file_is_not_found) {
  EXPECT_EQ(read_file(path("none"), 10).error().code, Code::not_found);
  EXPECT_EQ(read_secret_file(path("none"), 10).error().code, Code::not_found);
}

TEST_F(Files, a_file_above_the_cap_is_refused_whole) {
  ASSERT_TRUE(write_file_atomic(path("file"), as_bytes("12345"), 0644));
  EXPECT_TRUE(read_file(path("file"), 5));
  EXPECT_EQ(read_file(path("file"), 4).error().code, Code::malformed);
  EXPECT_EQ(read_secret_file(path("file"), 4).error().code, Code::malformed);
}

TEST_F(Files, a_directory_is_no_file) { EXPECT_FALSE(read_file(path(""), 100)); }

TEST_F(Files, a_directory_that_does_not_exist_cannot_be_written_into) {
  const auto written = write_file_atomic(path("none/file"), as_bytes("x"), 0644);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::unavailable);
}

TEST_F(Files, a_symbolic_link_is_replaced_and_its_target_left_alone) {
  ASSERT_TRUE(write_file_atomic(path("target"), as_bytes("old"), 0644));
  std::filesystem::create_symlink(path("target"), path("link"));
  ASSERT_TRUE(write_file_atomic(path("link"), as_bytes("new"), 0644));
  EXPECT_EQ(as_text(read_file(path("target"), 10).value()), "old");
  EXPECT_EQ(as_text(read_file(path("link"), 10).value()), "new");
  EXPECT_FALSE(std::filesystem::is_symlink(path("link")));
}

TEST_F(Files, a_failed_replacement_leaves_the_old_content) {
  std::filesystem::create_directory(path("directory"));
  ASSERT_TRUE(write_file_atomic(path("directory/kept"), as_bytes("old"), 0644));
  EXPECT_FALSE(write_file_atomic(path("directory"), as_bytes("new"), 0644));
  EXPECT_EQ(as_text(read_file(path("directory/kept"), 10).value()), "old");
  EXPECT_EQ(count(), 1U);
}

}  // namespace
}  // namespace tf
