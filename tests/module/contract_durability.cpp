// Switched off at any moment, opened twice, altered, put back.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.hpp"
#include "tests/module/contract.hpp"

namespace tf::module::test {
namespace {

TEST_P(ModuleContract, is_open_once_at_a_time_and_made_once) {
  EXPECT_REFUSED(under_test->open(kId), Code::conflict, "module.in_use");
  EXPECT_REFUSED(under_test->create(kId), Code::conflict, "module.in_use");
  module.reset();
  EXPECT_REFUSED(under_test->create(kId), Code::conflict, "module.exists");
  EXPECT_REFUSED(under_test->open("DSIM-0002"), Code::not_found, "module.no_module");
  for (const char* name : {"", "../x", "a/b", ".hidden", "a b"}) {
    EXPECT_REFUSED(under_test->open(name), Code::invalid, "module.dsim_id");
    EXPECT_REFUSED(under_test->create(name), Code::invalid, "module.dsim_id");
  }
  EXPECT_OK(under_test->open(kId));
}

TEST_P(ModuleContract, its_file_is_readable_by_its_owner_alone) {
  struct stat info{};
  ASSERT_EQ(::stat(under_test->file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
}

TEST_P(ModuleContract, is_removed_and_made_anew_with_other_keys) {
  const Bytes key = module->public_key(Key::sign).spki();
  EXPECT_REFUSED(under_test->remove(kId), Code::conflict, "module.in_use");
  module.reset();
  EXPECT_OK(under_test->remove(kId));
  EXPECT_REFUSED(under_test->open(kId), Code::not_found, "module.no_module");
  EXPECT_REFUSED(under_test->remove(kId), Code::not_found, "module.no_module");
  module = must(under_test->create(kId));
  EXPECT_NE(module->public_key(Key::sign).spki(), key);
}

TEST_P(ModuleContract, does_not_open_with_another_storage_key) {
  module.reset();
  EXPECT_REFUSED(under_test->open_as_a_stranger(kId), Code::integrity, "module.state");
  EXPECT_OK(under_test->open(kId));
}

TEST_P(ModuleContract, does_not_open_under_another_name) {
  module.reset();
  std::filesystem::rename(under_test->file(), under_test->directory.path() + "/DSIM-0009.module");
  const auto opened = under_test->open("DSIM-0009");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::integrity) << describe(opened.error());
}

// Every 17th byte, and the first and last ones: each in the clear or sealed part.
TEST_P(ModuleContract, refuses_a_file_that_was_altered_or_cut) {
  module.reset();
  const Bytes good = must(read_file(under_test->file(), 1 << 20));
  const auto refused = [&](const Bytes& bad, std::size_t i) {
    ASSERT_OK(write_private_file(under_test->file(), bad));
    const auto opened = under_test->open(kId);
    EXPECT_FALSE(opened) << i;
    if (!opened) EXPECT_TRUE(opened.error().code == Code::integrity || opened.error().code == Code::invalid) << i << describe(opened.error());
  };
  for (std::size_t i = 0; i < good.size(); i += i < 40 || i + 40 > good.size() ? 5 : 67) {
    Bytes bad = good;
    bad[i] ^= 0x10;
    refused(bad, i);
    bad = good;
    bad.resize(i);
    refused(bad, i);
  }
  ASSERT_OK(write_private_file(under_test->file(), good));
  EXPECT_OK(under_test->open(kId));
}

// A child stores records and reports each one; it is killed somewhere along the way.
TEST_P(ModuleContract, a_killed_process_loses_nothing_it_reported) {
  module.reset();
  int last = 0;
  for (int round = 0; round < 5; ++round) {
    int fds[2];
    ASSERT_EQ(::pipe(fds), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto opened = under_test->open(kId);
      if (!opened) ::_exit(1);
      for (int i = last + 1; i < last + 10000; ++i) {
        if (!(*opened)->store_record("count", SecretBytes(as_bytes(std::to_string(i))))) ::_exit(1);
        if (::write(fds[1], "+", 1) != 1) ::_exit(1);
      }
      ::_exit(0);
    }
    ::close(fds[1]);
    int reported = 0;
    char mark = 0;
    while (reported < 3 && ::read(fds[0], &mark, 1) == 1) ++reported;
    ::usleep(static_cast<useconds_t>(round * 900));
    ::kill(child, SIGKILL);
    while (::read(fds[0], &mark, 1) == 1) ++reported;
    ::close(fds[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);

    reopen();
    const int kept = std::stoi(std::string(as_text(module->record("count").reveal())));
    EXPECT_GE(kept, last + reported);
    EXPECT_LE(kept, last + reported + 1);
    last = kept;
    module.reset();
  }
}

}  // namespace
}  // namespace tf::module::test
