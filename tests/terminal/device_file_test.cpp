// A device's store on disk, and the key that seals it.
#include "terminal/device_file.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "crypto/storage_key.hpp"
#include "tests/terminal/scene.hpp"

namespace tf::terminal::test {
namespace {

namespace fs = std::filesystem;

Secret<32> sealing_key(std::uint8_t fill = 7) { return Secret<32>(ByteArray<32>{fill}); }

class Files : public testing::TestWithParam<bool> {
 protected:
  static Device make(const wire::Dsn& dsn, std::vector<rki::Suite> suites) {
    Device device{.identity = shared_estate().device(dsn, std::move(suites)), .keys = {}};
    device.keys.push_back({rki::Slot::tmk, 3, 1, "K1", "03", "ABCDEF", SecretBytes(Bytes(32, 1)), true});
    device.keys.push_back({rki::Slot::pin, 4, 1, "P0", "04", "012345", SecretBytes(Bytes(24, 2)), false});
    device.set = 4;
    device.parts_done = 1;
    device.parts = 2;
    return device;
  }
  static void expect_same(const Device& a, const Device& b) {
    EXPECT_EQ(a.identity.dsn, b.identity.dsn);
    EXPECT_EQ(a.identity.suites, b.identity.suites);
    EXPECT_EQ(a.identity.factor, b.identity.factor);
    EXPECT_EQ(a.identity.classic_dik2, b.identity.classic_dik2);
    ASSERT_EQ(a.identity.modern_dik2.has_value(), b.identity.modern_dik2.has_value());
    if (a.identity.modern_dik2) EXPECT_EQ(*a.identity.modern_dik2, *b.identity.modern_dik2);
    ASSERT_EQ(a.identity.device_key.has_value(), b.identity.device_key.has_value());
    if (a.identity.device_key) EXPECT_EQ(a.identity.device_key->public_key().spki(), b.identity.device_key->public_key().spki());
    ASSERT_EQ(a.identity.device_chain.size(), b.identity.device_chain.size());
    for (std::size_t i = 0; i < a.identity.device_chain.size(); ++i) EXPECT_EQ(a.identity.device_chain[i].der(), b.identity.device_chain[i].der());
    EXPECT_EQ(a.identity.root.der(), b.identity.root.der());
    EXPECT_EQ(a.identity.staple, b.identity.staple);
    EXPECT_EQ(a.set, b.set);
    EXPECT_EQ(a.parts_done, b.parts_done);
    EXPECT_EQ(a.parts, b.parts);
    ASSERT_EQ(a.keys.size(), b.keys.size());
    for (std::size_t i = 0; i < a.keys.size(); ++i) {
      EXPECT_EQ(a.keys[i].slot, b.keys[i].slot);
      EXPECT_EQ(a.keys[i].set, b.keys[i].set);
      EXPECT_EQ(a.keys[i].usage, b.keys[i].usage);
      EXPECT_EQ(a.keys[i].version, b.keys[i].version);
      EXPECT_EQ(a.keys[i].kcv, b.keys[i].kcv);
      EXPECT_EQ(a.keys[i].key, b.keys[i].key);
      EXPECT_EQ(a.keys[i].confirmed, b.keys[i].confirmed);
    }
  }
  [[nodiscard]] std::string path_of(const wire::Dsn& dsn) const { return directory.file(dsn.text() + ".device"); }

  TemporaryDirectory directory;
  SystemRandom random;
  DeviceFiles files{directory.file(""), sealing_key(), random, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Durable, Files, testing::Bool(), [](const auto& info) { return info.param ? "durable" : "quick"; });

TEST_P(Files, give_back_what_was_saved) {
  using rki::Suite;
  for (const auto& suites : {std::vector{Suite::modern, Suite::classic}, std::vector{Suite::classic}, std::vector{Suite::modern}}) {
    const Device device = make(kDsn, suites);
    ASSERT_OK(files.save(device));
    expect_same(must(files.load(kDsn)), device);
  }
  for (const rki::Staple staple : {rki::Staple::none, rki::Staple::ask, rki::Staple::require}) {
    Device device = make(kDsn, {Suite::modern});
    device.identity.staple = staple;
    ASSERT_OK(files.save(device));
    expect_same(must(files.load(kDsn)), device);
  }
  Device fresh{.identity = shared_estate().device(kOtherDsn, {Suite::modern}), .keys = {}};
  ASSERT_OK(files.save(fresh));
  expect_same(must(files.load(kOtherDsn)), fresh);
}

TEST_P(Files, do_not_open_when_any_byte_was_altered) {
  ASSERT_OK(files.save(make(kDsn, {rki::Suite::classic})));
  const Bytes good = must(read_file(path_of(kDsn), 1 << 20));
  for (std::size_t i = 0; i < good.size(); i += 7) {
    Bytes bad = good;
    bad[i] ^= 0x80;
    must(write_file_atomic(path_of(kDsn), bad, 0600));
    EXPECT_REFUSED(files.load(kDsn), Code::integrity, "terminal.store");
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{11}, std::size_t{28}, good.size() - 1}) {
    must(write_file_atomic(path_of(kDsn), ByteView(good).first(size), 0600));
    EXPECT_REFUSED(files.load(kDsn), Code::integrity, "terminal.store");
  }
}

TEST_P(Files, do_not_open_under_another_key) {
  ASSERT_OK(files.save(make(kDsn, {rki::Suite::classic})));
  const DeviceFiles others(directory.file(""), sealing_key(8), random, GetParam());
  EXPECT_REFUSED(others.load(kDsn), Code::integrity, "terminal.store");
}

TEST_P(Files, do_not_open_as_another_device) {
  ASSERT_OK(files.save(make(kDsn, {rki::Suite::classic})));
  ASSERT_OK(files.save(make(kOtherDsn, {rki::Suite::classic})));
  fs::copy_file(path_of(kDsn), path_of(kOtherDsn), fs::copy_options::overwrite_existing);
  EXPECT_REFUSED(files.load(kOtherDsn), Code::integrity, "terminal.store");
  EXPECT_OK(files.load(kDsn));
}

TEST_P(Files, of_devices_never_personalised_are_not_found) {
  EXPECT_FALSE(files.exists(kDsn));
  EXPECT_REFUSED(files.load(kDsn), Code::not_found, "terminal.not_personalised");
}

TEST_P(Files, are_for_their_owner_and_show_no_secret) {
  const Device device = make(kDsn, {rki::Suite::classic});
  ASSERT_OK(files.save(device));
  EXPECT_EQ(fs::status(path_of(kDsn)).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const Bytes sealed = must(read_file(path_of(kDsn), 1 << 20));
  const ByteView secret = device.identity.classic_dik2.reveal();
  EXPECT_EQ(std::search(sealed.begin(), sealed.end(), secret.begin(), secret.end()), sealed.end());
}

TEST_P(Files, are_listed_in_order_without_what_is_none) {
  EXPECT_TRUE(files.list().empty());
  ASSERT_OK(files.save(make(kOtherDsn, {rki::Suite::classic})));
  ASSERT_OK(files.save(make(kDsn, {rki::Suite::classic})));
  must(write_file_atomic(directory.file("not a serial.device"), Bytes(), 0600));
  must(write_file_atomic(directory.file("TF10000003.device.new"), Bytes(), 0600));
  EXPECT_EQ(files.list(), (std::vector{kDsn, kOtherDsn}));
  EXPECT_TRUE(DeviceFiles(directory.file("nowhere"), sealing_key(), random, GetParam()).list().empty());
}

TEST_P(Files, keep_the_old_state_when_the_new_one_cannot_be_written) {
  const DeviceFiles nowhere(directory.file("nowhere"), sealing_key(), random, GetParam());
  const Status saved = nowhere.save(make(kDsn, {rki::Suite::classic}));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Code::unavailable);
}

TEST(StorageKey, in_a_file_is_made_once) {
  const TemporaryDirectory directory;
  SystemRandom random;
  const auto key = must(crypto::storage_key_from_file(directory.file("module"), random));
  EXPECT_EQ(must(crypto::storage_key_from_file(directory.file("module"), random)), key);
  EXPECT_NE(must(crypto::storage_key_from_file(directory.file("other"), random)), key);
  EXPECT_EQ(fs::status(directory.file("module/module.key")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(StorageKey, that_is_damaged_is_not_replaced) {
  const TemporaryDirectory directory;
  SystemRandom random;
  must(write_file_atomic(directory.file("module.key"), Bytes(31, 1), 0600));
  EXPECT_REFUSED(crypto::storage_key_from_file(directory.file(""), random), Code::integrity, "crypto.storage_key");
  EXPECT_EQ(fs::file_size(directory.file("module.key")), 31U);
  must(write_file_atomic(directory.file("module.key"), Bytes(65, 1), 0600));
  EXPECT_FALSE(crypto::storage_key_from_file(directory.file(""), random));
}

TEST(StorageKey, from_a_passphrase_depends_on_it_and_on_the_directory) {
  const TemporaryDirectory directory;
  SystemRandom random;
  const auto key = [&](std::string_view where, std::string_view passphrase) {
    return must(crypto::storage_key_from_passphrase(directory.file(where), SecretBytes(as_bytes(passphrase)), random));
  };
  const auto first = key("a", "one passphrase");
  EXPECT_EQ(key("a", "one passphrase"), first);
  EXPECT_NE(key("a", "two passphrases"), first);
  EXPECT_NE(key("b", "one passphrase"), first);
}

}  // namespace
}  // namespace tf::terminal::test
