// What happens between the file and the chip's counter, with a chip that fails on demand.
#include <filesystem>

#include "base/file.hpp"
#include "module/kept.hpp"
#include "tests/module/contract.hpp"

namespace tf::module::test {
namespace {

// The counter outlives the chip, as a TPM does a program.
struct Counter {
  std::uint64_t value = 41;
  enum class Fails { no, before, after } next = Fails::no;
};

class CountingChip final : public Chip {
 public:
  explicit CountingChip(Counter& counter) : counter_(counter) {}
  [[nodiscard]] crypto::PublicKey public_key(Key) const override { return key_.public_key(); }
  Result<crypto::Es256Signature> sign(ByteView message) override { return crypto::sign_es256(key_, message); }
  Result<Bytes> sign_own_request(ByteView) override { return Error{Code::unavailable, "test.no_key", {}}; }
  Result<SecretBytes> unwrap(Oaep, ByteView) override { return Error{Code::unavailable, "test.no_key", {}}; }
  Result<Bytes> seal(const SecretBytes& secret) override { return to_bytes(secret.reveal()); }
  Result<SecretBytes> unseal(ByteView sealed) override { return SecretBytes(sealed); }
  [[nodiscard]] bool counts() const override { return true; }
  Result<std::uint64_t> counter() override { return counter_.value; }
  Result<std::uint64_t> advance() override {
    const auto fails = std::exchange(counter_.next, Counter::Fails::no);
    if (fails != Counter::Fails::before) ++counter_.value;
    if (fails != Counter::Fails::no) return Error{Code::unavailable, "test.power_off", {}};
    return counter_.value;
  }

 private:
  Counter& counter_;
  crypto::PrivateKey key_ = crypto::PrivateKey::generate_p256();
};

class CountedModule : public testing::Test {
 protected:
  StateFile file() { return {path, std::string(kId), "test", {}, Secret<32>(ByteArray<32>{}), random}; }
  std::unique_ptr<SecureModule> create() {
    return must(KeptModule::create(std::make_unique<CountingChip>(counter), file(), must(lock_for_new(directory.path(), kId))));
  }
  Result<std::unique_ptr<SecureModule>> open() {
    const auto outside = TF_TRY(StateFile::read(directory.path(), kId, "test"));
    return KeptModule::open(std::make_unique<CountingChip>(counter), file(), TF_TRY(lock_for_existing(directory.path(), kId)), outside.sealed);
  }
  static Status put(SecureModule& module, std::string_view text) { return module.store_record("r", SecretBytes(as_bytes(text))); }
  Directory directory;
  const std::string path = StateFile::path_of(directory.path(), kId);
  SystemRandom random;
  Counter counter;
};

TEST_F(CountedModule, power_off_before_the_counter_moved_leaves_the_new_state) {
  auto module = create();
  ASSERT_OK(put(*module, "old"));
  counter.next = Counter::Fails::before;
  EXPECT_REFUSED(put(*module, "new"), Code::unavailable, "test.power_off");
  module.reset();
  module = must(open());
  EXPECT_EQ(as_text(module->record("r").reveal()), "new");
  EXPECT_OK(put(*module, "newer"));
  module.reset();
  EXPECT_EQ(as_text(must(open())->record("r").reveal()), "newer");
}

TEST_F(CountedModule, power_off_after_the_counter_moved_leaves_the_new_state) {
  auto module = create();
  ASSERT_OK(put(*module, "old"));
  counter.next = Counter::Fails::after;
  EXPECT_REFUSED(put(*module, "new"), Code::unavailable, "test.power_off");
  module.reset();
  EXPECT_EQ(as_text(must(open())->record("r").reveal()), "new");
}

TEST_F(CountedModule, changes_nothing_more_while_it_is_in_doubt) {
  auto module = create();
  for (const auto fails : {Counter::Fails::before, Counter::Fails::after}) {
    counter.next = fails;
    EXPECT_FALSE(put(*module, "new"));
    EXPECT_REFUSED(put(*module, "newer"), Code::unavailable, "module.in_doubt");
    EXPECT_OK(module->sign(as_bytes("still")));
    module.reset();
    module = must(open());
    EXPECT_OK(put(*module, "now"));
  }
}

TEST_F(CountedModule, tells_an_older_copy_of_the_file) {
  auto module = create();
  Bytes before = must(read_file(path, 1 << 20));
  for (const char* text : {"1", "2", "3"}) {
    ASSERT_OK(put(*module, text));
    const Bytes newest = must(read_file(path, 1 << 20));
    module.reset();
    ASSERT_OK(write_private_file(path, before));
    EXPECT_REFUSED(open(), Code::integrity, "module.rolled_back");
    ASSERT_OK(write_private_file(path, newest));
    module = must(open());
    before = newest;
  }
}

TEST_F(CountedModule, does_not_believe_a_counter_that_moved_without_it) {
  auto module = create();
  ++counter.value;
  EXPECT_REFUSED(put(*module, "x"), Code::integrity, "module.rolled_back");
  module.reset();
  counter.value += 10;
  EXPECT_REFUSED(open(), Code::integrity, "module.rolled_back");
  counter.value = 1;
  EXPECT_REFUSED(open(), Code::integrity, "module.rolled_back");
}

TEST_F(CountedModule, a_disk_that_cannot_be_written_changes_neither_file_nor_counter) {
  auto module = create();
  ASSERT_OK(put(*module, "old"));
  const std::uint64_t value = counter.value;
  std::filesystem::rename(directory.path(), directory.path() + ".away");
  EXPECT_REFUSED(put(*module, "new"), Code::unavailable, "module.store");
  std::filesystem::rename(directory.path() + ".away", directory.path());
  EXPECT_EQ(counter.value, value);
  EXPECT_EQ(as_text(module->record("r").reveal()), "old");
  EXPECT_OK(put(*module, "newer"));
}

}  // namespace
}  // namespace tf::module::test
