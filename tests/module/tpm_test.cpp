// The module in a TPM 2.0 under the contract, against a real swtpm, and what only a TPM can do.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.hpp"
#include "tests/module/tpm_support.hpp"

namespace tf::module::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Tpm, ModuleContract, testing::Values(ModuleFactory{"tpm", [] { return std::make_unique<TpmUnderTest>(); }}));

class Tpm : public testing::Test {
 protected:
  std::unique_ptr<SecureModule> create() { return must(under_test.create(kId), "making a module in a TPM"); }
  std::unique_ptr<SecureModule> open() { return must(under_test.open(kId), "opening a module in a TPM"); }
  SwTpm own;
  TpmUnderTest under_test{own};
};

TEST_F(Tpm, power_off_of_device_and_tpm_together_loses_nothing) {
  auto module = create();
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  ASSERT_OK(module->store_record("r", SecretBytes(as_bytes("1"))));
  const Bytes key = module->public_key(Key::sign).spki();
  own.stop();
  EXPECT_REFUSED(module->sign(as_bytes("x")), Code::unavailable, "module.tpm");
  module.reset();
  own.start();
  module = open();
  EXPECT_EQ(module->public_key(Key::sign).spki(), key);
  EXPECT_TRUE(crypto::verify_es256(module->public_key(Key::sign), as_bytes("x"), must(module->sign(as_bytes("x")))));
  EXPECT_EQ(module->credential(Slot::subscription).value().imsi, "001010123456789");
  EXPECT_OK(module->store_record("r", SecretBytes(as_bytes("2"))));
}

TEST_F(Tpm, an_older_copy_of_the_file_is_told) {
  auto module = create();
  const Bytes older = must(read_file(under_test.file(), 1 << 20));
  ASSERT_OK(module->store_record("r", SecretBytes(as_bytes("1"))));
  const Bytes newest = must(read_file(under_test.file(), 1 << 20));
  module.reset();
  ASSERT_OK(write_private_file(under_test.file(), older));
  EXPECT_REFUSED(under_test.open(kId), Code::integrity, "module.rolled_back");
  ASSERT_OK(write_private_file(under_test.file(), newest));
  EXPECT_OK(under_test.open(kId));
}

TEST_F(Tpm, the_file_is_worth_nothing_with_another_tpm) {
  create().reset();
  SwTpm other;
  TpmUnderTest elsewhere(other);
  std::filesystem::copy(under_test.file(), elsewhere.file());
  EXPECT_REFUSED(elsewhere.open(kId), Code::integrity, "module.other_tpm");
  EXPECT_OK(under_test.open(kId));
}

TEST_F(Tpm, a_cleared_tpm_has_lost_the_module) {
  create().reset();
  const auto cleared = own.tool({"tpm2_clear", "-c", "p"});
  ASSERT_EQ(cleared.exit_code, 0) << cleared.err;
  EXPECT_REFUSED(under_test.open(kId), Code::integrity, "module.other_tpm");
}

// Between processes nothing stays in the TPM but the counter, and no operation leaves anything behind.
TEST_F(Tpm, leaves_no_handles_behind) {
  {
    auto module = create();
    for (int i = 0; i < 20; ++i) {
      ASSERT_OK(module->sign(as_bytes("x")));
      EXPECT_FALSE(module->unwrap(Oaep::sha256, Bytes(256, 1)));
    }
  }
  for (const char* kind : {"handles-transient", "handles-loaded-session", "handles-persistent"}) {
    const auto handles = own.tool({"tpm2_getcap", kind});
    EXPECT_EQ(handles.exit_code, 0) << handles.err;
    EXPECT_EQ(handles.out.find("0x"), std::string::npos) << kind << handles.out;
  }
  const auto counters = own.tool({"tpm2_getcap", "handles-nv-index"});
  EXPECT_NE(counters.out.find("0x1A0"), std::string::npos) << counters.out;
}

// Processes that are killed leave the primary and the session loaded; the TPM has three places of each.
TEST_F(Tpm, opens_after_many_processes_were_killed) {
  create().reset();
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto opened = under_test.open(kId);
      if (opened) ::raise(SIGKILL);
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  EXPECT_OK(under_test.open(kId));
}

TEST_F(Tpm, a_manufacture_that_was_cut_off_is_begun_again) {
  for (int i = 0; i < 4; ++i) {
    create().reset();
    std::filesystem::remove(under_test.file());
  }
  EXPECT_OK(under_test.create(kId));
  const auto counters = own.tool({"tpm2_getcap", "handles-nv-index"});
  EXPECT_EQ(counters.out.find("0x1A0"), counters.out.rfind("0x1A0")) << counters.out;
}

TEST_F(Tpm, a_removed_module_leaves_its_place_in_the_tpm) {
  create().reset();
  EXPECT_OK(under_test.remove(kId));
  const auto counters = own.tool({"tpm2_getcap", "handles-nv-index"});
  EXPECT_EQ(counters.exit_code, 0) << counters.err;
  EXPECT_EQ(counters.out.find("0x1A0"), std::string::npos) << counters.out;
}

TEST_F(Tpm, another_modules_counter_is_passed_over) {
  // Two storage keys, one name: the same place in the TPM.
  create().reset();
  const Directory elsewhere;
  tpm::Settings settings = under_test.settings(ByteArray<32>{1});
  settings.directory = elsewhere.path();
  must(tpm::create(settings, kId, under_test.random)).reset();
  EXPECT_OK(tpm::open(settings, kId, under_test.random));
  EXPECT_OK(under_test.open(kId));
}

TEST_F(Tpm, says_which_tpm_it_cannot_reach_and_takes_no_other_way_to_one) {
  tpm::Settings settings = under_test.settings();
  settings.tcti = "swtpm:host=127.0.0.1,port=1";
  testing::internal::CaptureStderr();
  EXPECT_REFUSED(tpm::create(settings, kId, under_test.random), Code::unavailable, "module.tpm");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  for (const char* tcti : {"", "cmd:touch /tmp/x", "mssim", "libtss2-tcti-device.so.0", "/tmp/evil.so", "pcap:device:/dev/tpm0"}) {
    settings.tcti = tcti;
    EXPECT_REFUSED(tpm::create(settings, kId, under_test.random), Code::invalid, "module.tcti");
  }
}

}  // namespace
}  // namespace tf::module::test
