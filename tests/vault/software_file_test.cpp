// The software vault's file: damage, editing, crashes, and that nothing in it is in the clear.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "tests/vault/software_support.hpp"

namespace tf::vault::test {
namespace {

using crypto::KeyKind;
namespace fs = std::filesystem;

class VaultFileTest : public testing::Test {
 protected:
  VaultFileTest() {
    (void)vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
    (void)vault.generate("tls.server", KeyKind::p256, 0, Purpose::tls).value();
    (void)vault.rotate_kek().value();
  }
  Status unseal_from_disk() {
    auto opened = TF_TRY(under_test.open_again());
    return opened->unseal(under_test.passphrase());
  }
  SoftwareUnderTest under_test;
  SoftwareVault& vault = under_test.vault();
};

TEST_F(VaultFileTest, is_readable_by_its_owner_alone) {
  struct stat info{};
  ASSERT_EQ(::stat(under_test.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
}

TEST_F(VaultFileTest, refuses_a_file_with_any_byte_changed) {
  const std::string good = under_test.file_text();
  ASSERT_TRUE(software::decode(good));
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const char flip : {'\x01', ' '}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      EXPECT_TRUE(fails_with(software::decode(bad), Code::integrity, "vault.file")) << i;
    }
}

TEST_F(VaultFileTest, refuses_a_file_cut_at_any_byte) {
  const std::string good = under_test.file_text();
  for (std::size_t i = 0; i < good.size(); ++i)
    EXPECT_TRUE(fails_with(software::decode(std::string_view(good).substr(0, i)), Code::integrity, "vault.file")) << i;
  EXPECT_TRUE(fails_with(software::decode(good + "\n"), Code::integrity, "vault.file"));
  EXPECT_TRUE(fails_with(software::decode(good + good), Code::integrity, "vault.file"));
}

TEST_F(VaultFileTest, says_which_file_is_damaged) {
  under_test.overwrite(under_test.file_text().substr(0, 100));
  const auto opened = under_test.open_again();
  ASSERT_TRUE(fails_with(opened, Code::integrity, "vault.file"));
  EXPECT_NE(opened.error().detail.find(under_test.path()), std::string::npos);
}

// Whoever edits the file can make its checksum right again, but not its MAC.
TEST_F(VaultFileTest, refuses_a_file_that_was_edited_with_care) {
  using Edit = std::function<void(software::VaultFile&)>;
  const std::vector<std::pair<const char*, Edit>> edits = {
      {"a purpose", [](auto& f) { f.keys.at("audit").purpose = Purpose::certificate; }},
      {"a kind", [](auto& f) { f.keys.at("audit").kind = KeyKind::rsa; }},
      {"a key's KEK", [](auto& f) { f.keys.at("audit").kek = f.keks[0].id; }},
      {"keys swapped", [](auto& f) { std::swap(f.keys.at("audit"), f.keys.at("tls.server")); }},
      {"a key left out", [](auto& f) { f.keys.erase("audit"); }},
      {"a key twice", [](auto& f) { f.keys.emplace("copy", f.keys.at("audit")); }},
      {"a key's blob", [](auto& f) { f.keys.at("audit").blob[20] ^= 1; }},
      {"KEKs swapped", [](auto& f) { std::swap(f.keks[0], f.keks[1]); }},
      {"a KEK left out", [](auto& f) { f.keks.pop_back(); }},
      {"a KEK's id", [](auto& f) { f.keks[0].id = "kek-x"; }},
      {"a KEK's blob", [](auto& f) { f.keks[0].blob[20] ^= 1; }},
      {"the MAC", [](auto& f) { f.mac[0] ^= 1; }},
  };
  const auto good = software::load(under_test.path()).value();
  for (const auto& [what, edit] : edits) {
    software::VaultFile bad = good;
    edit(bad);
    under_test.overwrite(software::encode(bad));
    EXPECT_TRUE(fails_with(unseal_from_disk(), Code::integrity, "vault.file_edited")) << what;
  }
  const std::vector<std::pair<const char*, Edit>> outer = {
      {"the salt", [](auto& f) { f.salt[0] ^= 1; }},
      {"the cost", [](auto& f) { f.cost.n *= 2; }},
      {"the master key", [](auto& f) { f.master[13] ^= 1; }},
  };
  for (const auto& [what, edit] : outer) {
    software::VaultFile bad = good;
    edit(bad);
    under_test.overwrite(software::encode(bad));
    EXPECT_TRUE(fails_with(unseal_from_disk(), Code::sealed, "vault.passphrase")) << what;
  }
  under_test.overwrite(software::encode(good));
  EXPECT_TRUE(unseal_from_disk());
}

TEST_F(VaultFileTest, refuses_scrypt_parameters_that_ask_for_too_much) {
  auto file = software::load(under_test.path()).value();
  for (const auto& cost :
       {crypto::ScryptCost{1 << 22, 8, 1}, {1 << 20, 32, 1}, {3, 8, 1}, {1, 8, 1}, {16, 0, 1}, {16, 8, 17}}) {
    file.cost = cost;
    EXPECT_TRUE(fails_with(software::decode(software::encode(file)), Code::integrity, "vault.file"));
  }
}

TEST_F(VaultFileTest, never_writes_a_file_it_could_not_open_again) {
  const auto good = software::load(under_test.path()).value();
  auto full = good;
  for (std::size_t i = 0; i <= software::kMaxKeys; ++i)
    full.keys.emplace("k" + std::to_string(i), good.keys.at("audit"));
  EXPECT_TRUE(fails_with(software::save(under_test.path(), &good, full), Code::refused, "vault.file_full"));
  EXPECT_TRUE(unseal_from_disk());
}

TEST_F(VaultFileTest, refuses_a_file_that_is_too_large) {
  under_test.overwrite(std::string(software::kMaxFile + 1, ' '));
  EXPECT_TRUE(fails_with(under_test.open_again(), Code::integrity, "vault.file"));
}

TEST_F(VaultFileTest, a_leftover_of_a_crash_does_not_disturb) {
  for (const char* name : {"/vault.json.tmp", "/vault.json.new", "/vault.json.lock"})
    std::ofstream(under_test.directory() + name) << "{\"format\":\"trustferry va";
  EXPECT_TRUE(unseal_from_disk());
  EXPECT_TRUE(vault.generate("after", KeyKind::p256, 0, Purpose::sign));
  EXPECT_TRUE(unseal_from_disk());
}

// A child makes keys and reports each one; it is killed somewhere along the way.
TEST_F(VaultFileTest, a_killed_process_loses_no_key_it_reported) {
  for (int round = 0; round < 8; ++round) {
    int fds[2];
    ASSERT_EQ(::pipe(fds), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      if (!vault.unseal(under_test.passphrase())) ::_exit(1);
      for (int i = 0; i < 10000; ++i) {
        const std::string name = "k" + std::to_string(round) + "." + std::to_string(i);
        if (!vault.generate(name, KeyKind::p256, 0, Purpose::sign)) ::_exit(1);
        if (::write(fds[1], "+", 1) != 1) ::_exit(1);
      }
      ::_exit(0);
    }
    ::close(fds[1]);
    int reported = 0;
    char mark = 0;
    while (reported < 3 && ::read(fds[0], &mark, 1) == 1) ++reported;
    ::usleep(static_cast<useconds_t>(round * 700));
    ::kill(child, SIGKILL);
    while (::read(fds[0], &mark, 1) == 1) ++reported;
    ::close(fds[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    const auto again = under_test.open_again().value();
    ASSERT_TRUE(again->unseal(under_test.passphrase()));
    EXPECT_GE(reported, 3);
    for (int i = 0; i < reported; ++i)
      EXPECT_TRUE(again->public_key("k" + std::to_string(round) + "." + std::to_string(i))) << i;
  }
}

// --- nothing in the clear ---

std::vector<std::string> spellings(ByteView secret) {
  std::vector<std::string> out = {std::string(as_text(secret)), wire::hex_lower(secret), wire::hex_upper(secret)};
  // In base64 a run of bytes looks one of three ways, by where it begins; the ends depend on the neighbours.
  for (const std::size_t skip : {0U, 1U, 2U}) {
    const ByteView whole = secret.subspan(skip, (secret.size() - skip) / 3 * 3);
    out.push_back(wire::base64(whole));
    out.push_back(wire::base64url(whole));
  }
  return out;
}

bool in_the_clear(const std::string& text, ByteView secret) {
  return std::ranges::any_of(spellings(secret),
                             [&](const std::string& s) { return text.find(s) != std::string::npos; });
}

TEST_F(VaultFileTest, holds_no_key_in_the_clear) {
  const auto open = software::open(software::load(under_test.path()).value(), under_test.passphrase()).value();
  std::string text;
  for (const auto& entry : fs::directory_iterator(under_test.directory())) {
    std::ifstream in(entry.path(), std::ios::binary);
    text.append(std::istreambuf_iterator<char>(in), {});
  }
  ASSERT_GT(text.size(), 500U);
  EXPECT_FALSE(in_the_clear(text, open.master->reveal()));
  ASSERT_EQ(open.keks.size(), 2U);
  for (const auto& kek : open.keks) EXPECT_FALSE(in_the_clear(text, kek->key.reveal()));
  ASSERT_EQ(open.keys.size(), 2U);
  for (const auto& [name, key] : open.keys) {
    const SecretBytes pkcs8 = key->key.to_pkcs8();
    const ByteView der = pkcs8.reveal();
    const ByteView marker = as_bytes(std::string_view("\x04\x20", 2));  // OCTET STRING of 32 bytes: the private scalar
    const auto at = std::ranges::search(der, marker);
    ASSERT_FALSE(at.empty());
    EXPECT_FALSE(in_the_clear(text, der.subspan(static_cast<std::size_t>(at.begin() - der.begin()) + 2, 32)));
  }
  EXPECT_FALSE(in_the_clear(text, as_bytes(kPassphrase)));
  // The search finds what is there: the salt and what follows a byte or two later in it.
  for (const std::size_t skip : {0U, 1U, 2U}) EXPECT_TRUE(in_the_clear(text, ByteView(open.file.salt).subspan(skip)));
}

}  // namespace
}  // namespace tf::vault::test
