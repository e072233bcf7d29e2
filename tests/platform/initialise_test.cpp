// The birth of a platform, its opening, and its schema.
#include <filesystem>
#include <fstream>

#include "audit/verify.hpp"
#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "platform/rki/store.hpp"
#include "platform/schema.hpp"
#include "tests/platform/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::test {
namespace {

namespace fs = std::filesystem;

std::string content(const std::string& path) { return std::string(as_text(must(read_file(path, 1 << 20)))); }
void write_text(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(Initialise, makes_a_platform_that_opens_with_its_passphrase_only) {
  const Scene scene;
  const auto root = must(pki::Certificate::from_pem(content(scene.opened->paths.root())));
  EXPECT_EQ(shared_template().report.root_fingerprint, wire::hex_lower(crypto::sha256(root.der())));
  EXPECT_EQ(shared_template().report.operators.size(), 5U);
  for (const auto kind : {kind::root, kind::estate_ca, kind::operations_ca, kind::tls, kind::work_classic, kind::work_modern})
    EXPECT_OK(scene.opened->certificates->current(kind));
  const std::string copy = scene.copy.file("second");
  fs::copy(shared_template().platform(), copy, fs::copy_options::recursive);
  EXPECT_REFUSED(open_directory(copy, SecretBytes(as_bytes("opens another platform"))), Code::sealed, "vault.passphrase");
  EXPECT_REFUSED(open_directory(scene.copy.file("nowhere"), passphrase()), Code::not_found, "platform.none");
  EXPECT_REFUSED(open_directory(scene.directory, passphrase()), Code::conflict, "store.in_use");
}

TEST(Initialise, keeps_the_root_key_out_of_the_directory_and_sealed) {
  const std::string root_key = content(shared_template().root_key());
  EXPECT_THAT(root_key, testing::StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  EXPECT_EQ(fs::status(shared_template().root_key()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const Scene scene;
  EXPECT_OK(open_root(scene.opened->paths.root(), shared_template().root_key(), root_passphrase()));
  EXPECT_REFUSED(open_root(scene.opened->paths.root(), shared_template().root_key(), passphrase()), Code::sealed, "pki.passphrase");
  EXPECT_FALSE(open_root(scene.directory + "/operators/auditor.crt", shared_template().root_key(), root_passphrase()));
  EXPECT_EQ(fs::status(shared_template().platform()).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(shared_template().platform() + "/vault.json").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(shared_template().platform() + "/operators/auditor.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Initialise, begins_the_audit_trail) {
  Scene scene;
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM audit_entries WHERE seq = 1 AND action = 'platform.init' AND actor = 'system'"), 1);
  ASSERT_OK(scene.opened->trail->checkpoint());
  auto verifier = must(PublicKeyVerifier::from_file(scene.opened->paths.audit_key()));
  EXPECT_TRUE(must(audit::verify(*scene.opened->database, verifier)).sound());
}

TEST(Initialise, leaves_an_existing_directory_alone) {
  const TemporaryDirectory directory;
  fs::create_directories(directory.file("platform"));
  write_text(directory.file("platform/mine"), "precious");
  EXPECT_REFUSED(initialise(init_options(directory.file("platform"), directory.file("root.key")), passphrase(), root_passphrase()),
                 Code::conflict, "platform.exists");
  EXPECT_EQ(content(directory.file("platform/mine")), "precious");
  EXPECT_FALSE(fs::exists(directory.file("root.key")));
  EXPECT_FALSE(fs::exists(directory.file("platform.new")));
}

TEST(Initialise, leaves_an_existing_root_key_alone) {
  const TemporaryDirectory directory;
  write_text(directory.file("root.key"), "the only copy");
  EXPECT_REFUSED(initialise(init_options(directory.file("platform"), directory.file("root.key")), passphrase(), root_passphrase()),
                 Code::conflict, "platform.root_exists");
  EXPECT_EQ(content(directory.file("root.key")), "the only copy");
  EXPECT_FALSE(fs::exists(directory.file("platform")));
}

TEST(Initialise, makes_nothing_when_it_cannot_make_all) {
  const TemporaryDirectory directory;
  const auto options = init_options(directory.file("platform"), directory.file("root.key"));
  const auto expect_nothing = [&] {
    EXPECT_FALSE(fs::exists(directory.file("platform")));
    EXPECT_FALSE(fs::exists(directory.file("root.key")));
    EXPECT_FALSE(fs::exists(directory.file("platform.new")));
  };
  EXPECT_REFUSED(initialise(options, SecretBytes(as_bytes("short")), root_passphrase()), Code::invalid, "vault.passphrase_length");
  expect_nothing();
  EXPECT_REFUSED(initialise(options, passphrase(), SecretBytes()), Code::invalid, "pki.passphrase");
  expect_nothing();
  auto without_ranges = options;
  without_ranges.ranges.clear();
  EXPECT_REFUSED(initialise(without_ranges, passphrase(), root_passphrase()), Code::invalid, "pki.dsn_ranges");
  expect_nothing();
}

TEST(Initialise, takes_a_directory_with_a_slash_behind_its_name) {
  const TemporaryDirectory directory;
  ASSERT_OK(initialise(init_options(directory.file("platform/"), directory.file("root.key")), passphrase(), root_passphrase()));
  EXPECT_OK(open_directory(directory.file("platform"), passphrase()));
  EXPECT_FALSE(fs::exists(directory.file("platform/.new")));
}

TEST(Initialise, does_not_put_the_root_key_into_the_directory) {
  const TemporaryDirectory directory;
  for (const char* inside : {"platform/root.key", "platform/offline/root.key", "platform/../platform/root.key", "platform"})
    EXPECT_REFUSED(initialise(init_options(directory.file("platform"), directory.file(inside)), passphrase(), root_passphrase()),
                   Code::invalid, "platform.root_key_inside");
  EXPECT_FALSE(fs::exists(directory.file("platform")));
  EXPECT_FALSE(fs::exists(directory.file("platform.new")));
}

class Schema : public testing::Test {
 protected:
  TemporaryDirectory directory;
  std::unique_ptr<store::Database> database = must(store::open_sqlite({.path = directory.file("db")}));
};

TEST_F(Schema, migrates_from_nothing_and_then_has_nothing_to_do) {
  ASSERT_OK(migrate(*database));
  ASSERT_OK(migrate(*database));
  int tables = 0;
  ASSERT_OK(database->read([&](store::Session& session) {
    return session.query("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('terminals', 'operators', 'certificates', 'crls', "
                         "'zones', 'zone_components', 'rki_batches', 'rki_dik1', 'rki_keys', 'audit_entries')",
                         {}, [&](const store::Row& row) -> Status {
                           tables = static_cast<int>(row.integer(0));
                           return {};
                         });
  }));
  EXPECT_EQ(tables, 10);
}

TEST_F(Schema, goes_on_from_every_version_before) {
  for (std::size_t known = 1; known <= migrations().size(); ++known) ASSERT_OK(database->migrate("platform", migrations().first(known)));
  EXPECT_OK(migrate(*database));
}

TEST_F(Schema, remembers_no_device_key_of_terminals_from_before) {
  ASSERT_OK(database->migrate("platform", migrations().first(15)));
  ASSERT_OK(database->write([](store::Session& session) -> Status {
    TF_TRY(session.execute("INSERT INTO terminals (dsn, model, grp, suites, proved_modern, completed_set, imported_at_ms) "
                           "VALUES ('TF10000001', 'M', 'g', 'modern', 1, 3, 0)"));
    return {};
  }));
  ASSERT_OK(migrate(*database));
  ASSERT_OK(database->read([&](store::Session& session) -> Status {
    const rki::Snapshot found = TF_TRY(load_snapshot(session, kBoth));
    EXPECT_TRUE(found.terminal && found.terminal->proved_modern);
    EXPECT_EQ(found.terminal->device_key, "");
    return {};
  }));
  ASSERT_OK(database->write([](store::Session& session) {
    return perform(session, kBoth, rki::Writes{.new_keys = {}, .remembers = "f1", .action = "rki.deliver", .detail = "{}"}, 0, 0);
  }));
  EXPECT_REFUSED(database->write([](store::Session& session) {
    return perform(session, kBoth, rki::Writes{.new_keys = {}, .remembers = "f2", .action = "rki.deliver", .detail = "{}"}, 0, 0);
  }), Code::conflict, "rki.overtaken");
}

TEST_F(Schema, refuses_a_database_newer_than_itself) {
  ASSERT_OK(migrate(*database));
  ASSERT_OK(database->write([](store::Session& session) -> Status {
    TF_TRY(session.execute("INSERT INTO schema_migrations (component, version, name) VALUES ('platform', 1000, 'future')"));
    return {};
  }));
  EXPECT_REFUSED(migrate(*database), Code::conflict, "store.schema_newer");
}

TEST_F(Schema, allows_one_active_key_of_a_slot) {
  ASSERT_OK(migrate(*database));
  const auto insert = [&](std::int64_t set, std::string_view status) {
    return database->write([&](store::Session& session) -> Status {
      TF_TRY(session.execute("INSERT INTO rki_keys (dsn, set_no, slot, part, suite, kek, wrapped, kcv, status) "
                             "VALUES ('TF10000001', $1, 'pin', 1, 'modern', 'k', $2, 'AAAAAA', $3)", {set, ByteView(), status}));
      return {};
    });
  };
  EXPECT_OK(insert(1, "active"));
  EXPECT_REFUSED(insert(2, "active"), Code::conflict, "store.conflict");
  EXPECT_OK(insert(2, "delivered"));
  EXPECT_REFUSED(insert(2, "pending"), Code::conflict, "store.conflict");
}

TEST(OpenDirectory, refuses_a_database_without_its_certificates) {
  const TemporaryDirectory copy;
  fs::copy(shared_template().platform(), copy.file("platform"), fs::copy_options::recursive);
  {
    const auto database = must(store::open_sqlite({.path = copy.file("platform/trustferry.db")}));
    ASSERT_OK(database->write([](store::Session& session) -> Status {
      TF_TRY(session.execute("DELETE FROM certificates WHERE kind = 'estate-ca'"));
      return {};
    }));
  }
  EXPECT_REFUSED(open_directory(copy.file("platform"), passphrase()), Code::integrity, "certificates.missing");
}

TEST(OpenDirectory, refuses_an_audit_trail_whose_end_was_cut_off) {
  const TemporaryDirectory copy;
  fs::copy(shared_template().platform(), copy.file("platform"), fs::copy_options::recursive);
  {
    const auto database = must(store::open_sqlite({.path = copy.file("platform/trustferry.db")}));
    ASSERT_OK(database->write([](store::Session& session) -> Status {
      TF_TRY(session.execute("DELETE FROM audit_entries WHERE seq = (SELECT MAX(seq) FROM audit_entries)"));
      return {};
    }));
  }
  EXPECT_REFUSED(open_directory(copy.file("platform"), passphrase()), Code::integrity, "audit.tail_missing");
}

TEST(OpenDirectory, refuses_a_configuration_it_does_not_understand) {
  const TemporaryDirectory copy;
  fs::copy(shared_template().platform(), copy.file("platform"), fs::copy_options::recursive);
  write_text(copy.file("platform/platform.toml"), "[rki]\ngrace_days = 1\n");
  EXPECT_REFUSED(open_directory(copy.file("platform"), passphrase()), Code::invalid, "config.unknown_key");
}

}  // namespace
}  // namespace tf::platform::test
